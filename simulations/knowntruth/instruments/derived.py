"""Derived measures: the study's rules on its labels, word for word (study.md, table of derived measures)."""

from knowntruth.common.arrays import Values
from knowntruth.engine.dials import Dials
from knowntruth.engine.mechanism import Parents, mechanism
from knowntruth.engine.noise import Noise
from knowntruth.instruments.judge import FAILED, NO_GOAL, PARTIAL, SUCCEEDED


@mechanism("label", parents=("outcome",), measures="goal")
def clear_goal(dials: Dials, at: Parents, noise: Noise) -> Values:
    """The judge found a goal."""
    return at.outcome != NO_GOAL


@mechanism("label", parents=("outcome",), measures="true_partial_success")
def at_least_partial(dials: Dials, at: Parents, noise: Noise) -> Values:
    """Judged succeeded or partial."""
    return (at.outcome == SUCCEEDED) | (at.outcome == PARTIAL)


@mechanism("label", parents=("outcome",), measures="true_success")
def judged_success(dials: Dials, at: Parents, noise: Noise) -> Values:
    """Judged succeeded."""
    return at.outcome == SUCCEEDED


@mechanism("label", parents=("judged_success", "success_signal"), measures="true_verified_success")
def verified_success(dials: Dials, at: Parents, noise: Noise) -> Values:
    """Judged succeeded with a success signal of 4 or 5."""
    return at.judged_success & (at.success_signal >= 4)


@mechanism("label", parents=("outcome",), measures="true_failure")
def judged_failure(dials: Dials, at: Parents, noise: Noise) -> Values:
    """Judged failed."""
    return at.outcome == FAILED


@mechanism("label", parents=("judged_failure", "failure_signal"))
def verified_failure(dials: Dials, at: Parents, noise: Noise) -> Values:
    """Judged failed with a failure signal of 4 or 5."""
    return at.judged_failure & (at.failure_signal >= 4)


@mechanism("label", parents=("failure_signal",), measures="trouble_met")
def trouble(dials: Dials, at: Parents, noise: Noise) -> Values:
    """A failure signal of 3 or more (the appendix's reading, which governs: trouble_threshold_pdf_appendix)."""
    return at.failure_signal >= 3


@mechanism("label", parents=("trouble", "judged_failure", "lines_added"), measures="gave_up")
def abandoned(dials: Dials, at: Parents, noise: Noise) -> Values:
    """In trouble, judged failed, and not one line added."""
    return at.trouble & at.judged_failure & (at.lines_added == 0)


@mechanism("label", parents=("lines_added",))
def code_producing(dials: Dials, at: Parents, noise: Noise) -> Values:
    """At least one line added."""
    return at.lines_added > 0
