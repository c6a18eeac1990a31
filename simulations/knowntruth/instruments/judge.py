"""The judge: outcome, success signal and failure signal, read from what the transcript shows.

Three separate readings of one transcript. The judge sees unnoticed errors only by chance, and cannot see what was
truncated from a long transcript. For short transcripts it has defaults: clean becomes succeeded, broken becomes
failed (study.md, threats 9 and 11).
"""

from typing import ClassVar

import numpy as np

from knowntruth.common.arrays import Values
from knowntruth.datasets.schema.categories import OUTCOMES
from knowntruth.engine.dials import Threat, chance, dial, table
from knowntruth.engine.links import digitize
from knowntruth.engine.mechanism import Parents, mechanism
from knowntruth.engine.noise import Noise
from knowntruth.instruments.perfect import InstrumentDials, perfect_or
from knowntruth.instruments.rater_noise import SharedError, read_uniform

SUCCEEDED, PARTIAL, FAILED, NO_GOAL = range(len(OUTCOMES))


class Outcome(InstrumentDials, SharedError):
    """How what is seen becomes a judged outcome."""

    threat: ClassVar[Threat] = "judging"
    base: float = dial("score of a session that made no progress", "log odds", -10, 10)
    progress: float = dial("all of the goal, as it appears, against none", "log odds", -5, 20)
    open_trouble: float = dial("ending in trouble", "log odds", -20, 5)
    gave_up: float = dial("giving up", "log odds", -20, 5)
    stumble: float = dial("each doubling of errors that came to light on the way", "log odds", -5, 5)
    hidden: float = dial("each error that nobody in the session noticed", "log odds", -5, 5)
    evidence: float = dial("hard evidence of success", "log odds", -5, 10)
    thin: float = dial("default for a transcript of one prompt: clean up, broken down", "log odds", -5, 10)
    mood: float = dial("pull of the mood that all labels share", "log odds per SD", -3, 3, threat="halo")
    spread: float = dial("scale of the judge's own error; 1: a plain logit", "log odds per logistic unit", 0, 10)
    partial_below: float = dial("how far below succeeded the step to failed lies", "log odds", 0, 20)
    goal_missed: float = chance("share of sessions without a goal in which the judge sees one anyway")
    goal_overlooked: float = chance("share of sessions with a goal that the judge overlooks")


@mechanism(
    "label",
    parents=(
        "goal",
        "progress_shown",
        "trouble_shown",
        "quitting_shown",
        "caught",
        "hidden_defects",
        "evidence_kinds",
        "prompts",
        "share_seen",
        "rater_mood",
        "true_success",
        "true_failure",
    ),
    dials=Outcome,
    measures="true_success",
)
def outcome(dials: Outcome, at: Parents, noise: Noise) -> Values:
    """An ordered logit over succeeded, partial and failed; sessions without a goal have a separate category."""
    broken = at.trouble_shown | at.quitting_shown
    score = (
        dials.base
        + dials.progress * np.minimum(at.progress_shown, 1.0)
        + dials.open_trouble * at.trouble_shown
        + dials.gave_up * at.quitting_shown
        + dials.stumble * np.log2(1.0 + at.caught * at.share_seen)
        + dials.hidden * at.hidden_defects * at.share_seen
        + dials.evidence * (at.evidence_kinds > 0) * at.share_seen
        + dials.thin * (at.prompts <= 1) * np.where(broken, -1.0, 1.0)
        + dials.mood * at.rater_mood
    )
    draw = read_uniform(noise, dials.alike, "error")
    score -= dials.spread * np.log(draw / (1.0 - draw))
    judged = np.where(score > 0, SUCCEEDED, np.where(score > -dials.partial_below, PARTIAL, FAILED))
    overlooked = np.where(at.goal, dials.goal_overlooked, 1.0 - dials.goal_missed)
    sees_goal = read_uniform(noise, dials.alike, "goal") >= overlooked
    truth = np.where(at.true_success, SUCCEEDED, np.where(at.true_failure, FAILED, PARTIAL))
    perfect = np.where(at.goal, truth, NO_GOAL)
    return perfect_or(dials, perfect, np.where(sees_goal, judged, NO_GOAL).astype(np.int8))


class SuccessSignal(InstrumentDials, SharedError):
    """How evidence of success is graded."""

    threat: ClassVar[Threat] = "evidence"
    seen: float = chance("chance that one kind of hard evidence is seen, in a transcript that is kept whole")
    imagined: float = chance("chance of grading 4 where there is no hard evidence but the work looks finished")
    strong: float = chance("share of seen evidence of one kind that is graded 5 rather than 4")
    stronger: float = chance("the same for two kinds or more")
    soft: float = chance("share graded 3 rather than 2 where the work looks finished without hard evidence")
    none: float = chance("share graded 0 rather than 1 where the work does not look finished")
    mood: float = dial(
        "how the mood that all labels share moves what is seen", "log odds per SD", -3, 3, threat="halo"
    )


@mechanism(
    "label",
    parents=("evidence_kinds", "progress_shown", "trouble_shown", "share_seen", "rater_mood"),
    dials=SuccessSignal,
    measures="evidence_kinds",
)
def success_signal(dials: SuccessSignal, at: Parents, noise: Noise) -> Values:
    """4 and 5 for hard evidence, 2 for a usual short session, 0 and 1 for less: see `categories.SUCCESS_SCALE`."""
    looks_finished = (at.progress_shown >= 1.0) & ~at.trouble_shown
    missed = (1.0 - dials.seen * at.share_seen) ** at.evidence_kinds
    seen = 1.0 - missed ** np.exp(dials.mood * at.rater_mood)
    seen = np.where(at.evidence_kinds > 0, seen, dials.imagined * looks_finished)
    draw = read_uniform(noise, dials.alike)
    graded = 4 + (draw < seen * np.where(at.evidence_kinds > 1, dials.stronger, dials.strong))
    better = (draw - seen) < (1.0 - seen) * np.where(looks_finished, dials.soft, 1.0 - dials.none)
    soft = np.where(looks_finished, 2, 0) + better
    perfect = np.where(at.evidence_kinds > 0, 3 + np.minimum(at.evidence_kinds, 2), 2 * looks_finished)
    return perfect_or(dials, perfect, np.where(draw < seen, graded, soft).astype(np.int8))


class FailureSignal(InstrumentDials, SharedError):
    """How evidence of failure is graded."""

    threat: ClassVar[Threat] = "judging"
    pushback: float = chance("share of sessions that got out of trouble graded 3, for the pushback, rather than 1")
    pushback_growth: float = dial("growth with each doubling of errors caught", "share per doubling", -1, 1)
    open_trouble: list[float] = table("shares graded 2, 3, 4 and 5 where the session ended in trouble", "share")
    gave_up: list[float] = table("the same where the user gave up", "share")
    unfinished: list[float] = table("the same where nothing went wrong that anyone saw, but little was done", "share")
    little: float = dial("below which share of the goal little was done", "share of the goal", 0, 1)
    false_alarm: float = chance("share graded 3 although nothing went wrong that anyone saw")
    mood: float = dial("how the mood that all labels share talks failure down", "log per SD", -3, 3, threat="halo")


@mechanism(
    "label",
    parents=(
        "caught",
        "share_seen",
        "trouble_shown",
        "quitting_shown",
        "progress_shown",
        "goal",
        "rater_mood",
        "trouble_met",
        "open_trouble",
        "gave_up",
    ),
    dials=FailureSignal,
    measures="trouble_met",
)
def failure_signal(dials: FailureSignal, at: Parents, noise: Noise) -> Values:
    """3 for pushback or a clear shortfall, 4 and 5 for errors without recovery: see `categories.FAILURE_SCALE`."""
    draw = read_uniform(noise, dials.alike) ** np.exp(-dials.mood * at.rater_mood)
    caught = at.caught * at.share_seen
    overcome = np.where(draw < dials.pushback + dials.pushback_growth * np.log2(1.0 + caught), 3, 1)
    fell_short = (at.progress_shown < dials.little) & at.goal & (caught <= 0)
    clean = np.where(draw < dials.false_alarm, 3, 0)
    grade = np.where(caught > 0, overcome, np.where(fell_short, _grade(dials.unfinished, draw), clean))
    grade = np.where(at.trouble_shown, _grade(dials.open_trouble, draw), grade)
    grade = np.where(at.quitting_shown, _grade(dials.gave_up, draw), grade).astype(np.int8)
    worst = 3 + (at.open_trouble.astype(int) + at.gave_up)
    return perfect_or(dials, np.where(at.trouble_met, worst, 0), grade)


def _grade(shares: list[float], draw: Values) -> Values:
    """Return 2, 3, 4 or 5 in the given shares; the rest is graded 1."""
    return np.int8(1 + len(shares)) - digitize(draw, np.cumsum(shares[::-1]))
