"""Outcomes: true success, hard evidence of it, and whether the work lasts.

These variables are true values. How a judge reads them is modelled in ``knowntruth.instruments``.
"""

from typing import ClassVar

import numpy as np

from knowntruth.common.arrays import Values
from knowntruth.engine.dials import (
    Dials,
    PerLevel,
    SomeModes,
    SomeOccupations,
    Threat,
    by_mode,
    by_occupation,
    chance,
    dial,
    table,
)
from knowntruth.engine.links import logistic, logit
from knowntruth.engine.mechanism import Parents, mechanism
from knowntruth.engine.noise import Noise
from knowntruth.world.mechanisms.behaviour import step
from knowntruth.world.mechanisms.tasks import MIDDLE_MONTH


class GoalFraction(Dials):
    """What is really done of the goal."""

    defect_cost: float = dial("share of the goal that one unnoticed error costs", "share of the goal", 0, 1)


@mechanism(
    "session",
    parents=("progress", "hidden_defects", "goal"),
    dials=GoalFraction,
    unit="share of the goal",
    meaning="share of the goal really reached",
)
def goal_fraction(dials: GoalFraction, at: Parents, noise: Noise) -> Values:
    """Apparent progress minus the cost of unnoticed errors; 0 without a goal."""
    return np.clip(np.minimum(at.progress, 1.0) - dials.defect_cost * at.hidden_defects, 0.0, 1.0) * at.goal


@mechanism("session", parents=("goal_fraction",), unit="yes/no", meaning="the goal was really and wholly reached")
def true_success(dials: Dials, at: Parents, noise: Noise) -> Values:
    """The whole goal is reached, without an unnoticed error."""
    return at.goal_fraction >= 1.0


@mechanism(
    "session", parents=("goal_fraction",), unit="yes/no", meaning="at least half of the goal was really reached"
)
def true_partial_success(dials: Dials, at: Parents, noise: Noise) -> Values:
    """Half of the goal or more."""
    return at.goal_fraction >= 0.5


class Evidence(Dials):
    """When work that looks finished leaves one kind of hard evidence."""

    threat: ClassVar[Threat] = "evidence"
    finished: float = chance("where the work looks finished")
    unfinished: float = chance("where it does not")
    infrastructure: float = dial("gain from a repository with tests", "log odds", -5, 8)
    by_mode: SomeModes = table("shift of a mode", "log odds")
    trend: float = dial("growth over the months", "log odds per month", -2, 2)


def _evidence_chance(dials: Evidence, at: Parents) -> Values:
    looks_finished = (at.progress >= 1.0) & ~at.open_trouble
    base = np.where(looks_finished, logit(dials.finished), logit(dials.unfinished))
    mode = by_mode(dials.by_mode)[at.intended_mode]
    return logistic(
        base + dials.infrastructure * at.evidence_infrastructure + mode + dials.trend * (at.month - MIDDLE_MONTH)
    )


_SHOWS = ("progress", "open_trouble", "evidence_infrastructure", "intended_mode", "month")


class TestsPassed(Dials):
    """Whether checks end in passing tests."""

    threat: ClassVar[Threat] = "evidence"
    without_infrastructure: float = chance(
        "chance that a check is a test, without a repository with tests", panel={"evidence": 0.65}
    )
    with_infrastructure: float = chance("the same with one", panel={"evidence": 0.5})


@mechanism(
    "session",
    parents=("checks", "open_trouble", "progress", "evidence_infrastructure"),
    dials=TestsPassed,
    unit="probability",
    meaning="chance that tests ran and passed at the end",
)
def tests_chance(dials: TestsPassed, at: Parents, noise: Noise) -> Values:
    """At least one check was a test, the work looks finished, and no known error is open."""
    a_test = np.where(at.evidence_infrastructure, dials.with_infrastructure, dials.without_infrastructure)
    return (1.0 - (1.0 - a_test) ** at.checks) * ((at.progress >= 1.0) & ~at.open_trouble)


@mechanism("session", parents=("tests_chance",), unit="yes/no", meaning="tests ran and passed at the end")
def tests_passed(dials: Dials, at: Parents, noise: Noise) -> Values:
    """One draw at `tests_chance`."""
    return noise.happens(at.tests_chance)


@mechanism("session", parents=_SHOWS, dials=Evidence, unit="probability", meaning="chance of a matching commit")
def commit_chance(dials: Evidence, at: Parents, noise: Noise) -> Values:
    """Kept apart from the draw so that the true probability is known."""
    return _evidence_chance(dials, at)


@mechanism("session", parents=("commit_chance",), unit="yes/no", meaning="a matching commit or pull request was made")
def commit_made(dials: Dials, at: Parents, noise: Noise) -> Values:
    """One draw at `commit_chance`."""
    return noise.happens(at.commit_chance)


class Matching(Evidence):
    """When output is seen to match the goal."""

    by_check: float = dial("gain from at least one targeted check", "log odds", -5, 5)
    by_specificity: float = dial("gain from a request that says what would count as done", "log odds per SD", -3, 3)


@mechanism(
    "session",
    parents=(*_SHOWS, "checks", "specificity"),
    dials=Matching,
    unit="probability",
    meaning="chance that command output matches the goal",
)
def matching_chance(dials: Matching, at: Parents, noise: Noise) -> Values:
    """A check shows output, and a specific request states what output would match."""
    gain = dials.by_check * (at.checks > 0) + dials.by_specificity * at.specificity
    return logistic(logit(_evidence_chance(dials, at)) + gain)


@mechanism("session", parents=("matching_chance",), unit="yes/no", meaning="command output matches the goal")
def output_matching(dials: Dials, at: Parents, noise: Noise) -> Values:
    """One draw at `matching_chance`."""
    return noise.happens(at.matching_chance)


class Confirmation(Dials):
    """When people say that it is right."""

    threat: ClassVar[Threat] = "evidence"
    finished: float = chance("where the work looks finished, at a middling habit")
    unfinished: float = chance("where it does not")
    by_mode: SomeModes = table("shift of a mode", "log odds")


@mechanism(
    "session",
    parents=("confirming_habit", "progress", "open_trouble", "intended_mode"),
    dials=Confirmation,
    unit="probability",
    meaning="chance that the user approves explicitly",
)
def confirmation_chance(dials: Confirmation, at: Parents, noise: Noise) -> Values:
    """People approve work that looks right, even with hidden errors."""
    looks_finished = (at.progress >= 1.0) & ~at.open_trouble
    base = np.where(looks_finished, logit(dials.finished), logit(dials.unfinished))
    return logistic(base + at.confirming_habit + by_mode(dials.by_mode)[at.intended_mode])


@mechanism("session", parents=("confirmation_chance",), unit="yes/no", meaning="the user approved explicitly")
def user_confirmation(dials: Dials, at: Parents, noise: Noise) -> Values:
    """One draw at `confirmation_chance`."""
    return noise.happens(at.confirmation_chance)


EVIDENCE = ("tests_passed", "commit_made", "output_matching", "user_confirmation")
"""The four kinds of hard evidence, each with its own causes."""


@mechanism("session", parents=EVIDENCE, unit="kinds 0-4", meaning="kinds of hard evidence of success that there are")
def evidence_kinds(dials: Dials, at: Parents, noise: Noise) -> Values:
    """The number of kinds of hard evidence."""
    return sum(getattr(at, name).astype(np.int8) for name in EVIDENCE)


@mechanism(
    "session",
    parents=("true_success", "evidence_kinds"),
    unit="yes/no",
    meaning="true success with hard evidence of it",
)
def true_verified_success(dials: Dials, at: Parents, noise: Noise) -> Values:
    """Verified success according to a perfect judge."""
    return at.true_success & (at.evidence_kinds > 0)


@mechanism(
    "session",
    parents=("open_trouble", "gave_up", "true_partial_success"),
    unit="yes/no",
    meaning="given up, or left in trouble with less than half of the goal reached",
)
def true_failure(dials: Dials, at: Parents, noise: Noise) -> Values:
    """Failure according to a perfect judge."""
    return (at.open_trouble | at.gave_up) & ~at.true_partial_success


class Lines(Dials):
    """How many lines of code an action leaves behind."""

    threat: ClassVar[Threat] = "judging"
    typical: float = dial("lines at one action of a session that writes code", "lines per action", 0.01, 1000)
    writes_code: SomeModes = table("log odds that a session of this mode writes code at all", "log odds")
    by_progress: float = dial("gain when the goal is within reach against none of it", "log odds", -5, 10)
    by_actions: float = dial("gain with each doubling of actions beyond 32", "log odds per doubling", -3, 3)
    spread: float = dial("standard deviation of log lines", "log lines", 0, 4)


@mechanism("session", parents=("intended_mode", "actions", "progress"), dials=Lines)
def lines_added(dials: Lines, at: Parents, noise: Noise) -> Values:
    """Only some sessions write code; the number of lines is log-normal around the number of actions."""
    reach = dials.by_progress * (np.minimum(at.progress, 1.0) - 0.5) + dials.by_actions * np.log2(at.actions / 32.0)
    writes = noise.happens(logistic(by_mode(dials.writes_code)[at.intended_mode] + reach), "writes")
    lines = dials.typical * at.actions * np.exp(dials.spread * noise.normal("many"))
    return (writes * np.ceil(np.minimum(lines, 1e8))).astype(np.int32)


class Removed(Dials):
    """How much code is removed per line added."""

    threat: ClassVar[Threat] = "judging"
    share: SomeModes = table("log of lines removed per line added in each mode", "log ratio")
    spread: float = dial("standard deviation of the log ratio", "log ratio", 0, 4)


@mechanism("session", parents=("intended_mode", "lines_added"), dials=Removed)
def lines_removed(dials: Removed, at: Parents, noise: Noise) -> Values:
    """Log-normal around a share of what was added."""
    share = np.exp(by_mode(dials.share)[at.intended_mode] + dials.spread * noise.normal())
    return np.minimum(at.lines_added * share, 1e8).astype(np.int32)


class StillInUse(Dials):
    """Whether the work lasts, which no study of sessions observes."""

    success: float = chance("after a month, where the goal was wholly reached")
    partial: float = chance("where half or more of it was")
    failure: float = chance("where less was")
    by_occupation: SomeOccupations = table("shift of an occupation", "log odds")
    by_domain: PerLevel = table("shift at each level of domain expertise: knowing what is worth doing", "log odds")


@mechanism(
    "session",
    parents=("true_success", "true_partial_success", "occupation", "domain_expertise"),
    dials=StillInUse,
    unit="yes/no",
    meaning="the work is still in use a month later",
)
def still_in_use(dials: StillInUse, at: Parents, noise: Noise) -> Values:
    """Correct work lasts longer, and so does work that was worth doing."""
    base = np.where(
        at.true_success,
        logit(dials.success),
        np.where(at.true_partial_success, logit(dials.partial), logit(dials.failure)),
    )
    shift = by_occupation(dials.by_occupation)[at.occupation] + step(dials.by_domain, at.domain_expertise)
    return noise.happens(logistic(base + shift))
