"""The judge: outcome, success signal and failure signal, read from what the transcript shows.

Three separate readings of one transcript. The judge cannot see errors that nobody noticed except by chance, and where
the text is thin it has defaults: clean becomes succeeded, broken becomes failed (study.md, threat 11).
"""

import numpy as np

from knowntruth.datasets.categories import OUTCOMES
from knowntruth.instruments.switch import Switch, perfect_or
from knowntruth.world.dials import chance, dial, table
from knowntruth.world.mechanism import Parents, Values, mechanism
from knowntruth.world.noise import Noise

SUCCEEDED, PARTIAL, FAILED, NO_GOAL = range(len(OUTCOMES))


class Outcome(Switch):
    """How what is seen becomes a judged outcome."""

    base: float = dial("score of a session that made no progress", "log odds", -10, 10)
    progress: float = dial("all of the goal, as it appears, against none", "log odds", -5, 20)
    open_trouble: float = dial("ending in trouble", "log odds", -20, 5)
    gave_up: float = dial("giving up", "log odds", -20, 5)
    stumble: float = dial("each doubling of errors that came to light on the way", "log odds", -5, 5)
    hidden: float = dial("each error that nobody in the session noticed", "log odds", -5, 5)
    evidence: float = dial("hard evidence of success", "log odds", -5, 10)
    thin: float = dial("default for a transcript of one prompt: clean up, broken down", "log odds", -5, 10)
    mood: float = dial("pull of the mood that all labels share", "log odds per SD", -3, 3)
    partial_below: float = dial("how far below succeeded the step to failed lies", "log odds", 0, 20)
    goal_missed: float = chance("share of sessions without a goal in which the judge sees one anyway")
    goal_overlooked: float = chance("share of sessions with a goal that the judge overlooks")


@mechanism(
    "label",
    parents=("goal", "progress", "open_trouble", "gave_up", "caught", "hidden_defects", "evidence_kinds", "prompts",
             "rater_mood", "true_success", "true_failure"),
    dials=Outcome, measures="true_success",
)  # fmt: skip
def outcome(dials: Outcome, at: Parents, noise: Noise) -> Values:
    """An ordered logit over succeeded, partial and failed; sessions without a goal stand apart."""
    broken = at.open_trouble | at.gave_up
    score = (
        dials.base
        + dials.progress * np.minimum(at.progress, 1.0)
        + dials.open_trouble * at.open_trouble
        + dials.gave_up * at.gave_up
        + dials.stumble * np.log2(1.0 + at.caught)
        + dials.hidden * at.hidden_defects
        + dials.evidence * (at.evidence_kinds > 0)
        + dials.thin * (at.prompts <= 1) * np.where(broken, -1.0, 1.0)
        + dials.mood * at.rater_mood
    )
    luck = noise.uniform("error")
    score -= np.log(luck / (1.0 - luck))
    judged = np.where(score > 0, SUCCEEDED, np.where(score > -dials.partial_below, PARTIAL, FAILED))
    sees_goal = noise.uniform("goal") >= np.where(at.goal, dials.goal_overlooked, 1.0 - dials.goal_missed)
    truth = np.where(at.true_success, SUCCEEDED, np.where(at.true_failure, FAILED, PARTIAL))
    perfect = np.where(at.goal, truth, NO_GOAL)
    return perfect_or(dials, perfect, np.where(sees_goal, judged, NO_GOAL).astype(np.int8))


class SuccessSignal(Switch):
    """How evidence of success is graded."""

    seen: float = chance("chance that one kind of hard evidence is seen, in a transcript that is kept whole")
    imagined: float = chance("chance of grading 4 where there is no hard evidence but the work looks finished")
    strong: float = chance("share of seen evidence of one kind that is graded 5 rather than 4")
    stronger: float = chance("the same for two kinds or more")
    soft: float = chance("share graded 3 rather than 2 where the work looks finished without hard evidence")
    none: float = chance("share graded 0 rather than 1 where the work does not look finished")
    mood: float = dial("how the mood that all labels share moves what is seen", "log odds per SD", -3, 3)


@mechanism(
    "label",
    parents=("evidence_kinds", "progress", "open_trouble", "share_seen", "rater_mood"),
    dials=SuccessSignal, measures="evidence_kinds",
)  # fmt: skip
def success_signal(dials: SuccessSignal, at: Parents, noise: Noise) -> Values:
    """4 and 5 for hard evidence, 2 for the usual short session, 0 and 1 for less (study.md, measures)."""
    looks_finished = (at.progress >= 1.0) & ~at.open_trouble
    missed = (1.0 - dials.seen * at.share_seen) ** at.evidence_kinds
    mood = np.exp(dials.mood * at.rater_mood)
    sees = noise.happens(np.where(at.evidence_kinds > 0, 1.0 - missed**mood, dials.imagined * looks_finished), "seen")
    graded_5 = noise.happens(np.where(at.evidence_kinds > 1, dials.stronger, dials.strong), "grade")
    soft = np.where(
        looks_finished, 2 + noise.happens(np.full(len(sees), dials.soft), "soft"),
        1 - noise.happens(np.full(len(sees), dials.none), "none"),
    )  # fmt: skip
    perfect = np.where(at.evidence_kinds > 0, 3 + np.minimum(at.evidence_kinds, 2), soft)
    return perfect_or(dials, perfect, np.where(sees, 4 + graded_5, soft).astype(np.int8))


class FailureSignal(Switch):
    """How evidence of failure is graded."""

    pushback: float = chance("share of sessions that got out of trouble graded 3, for the pushback, rather than 1")
    pushback_growth: float = dial("growth with each doubling of errors caught", "share per doubling", -1, 1)
    open_trouble: list[float] = table("shares graded 2, 3, 4 and 5 where the session ended in trouble", "share")
    gave_up: list[float] = table("the same where the user gave up", "share")
    unfinished: list[float] = table("the same where nothing went wrong that anyone saw, but little was done", "share")
    little: float = dial("below which share of the goal little was done", "share of the goal", 0, 1)
    false_alarm: float = chance("share graded 3 although nothing went wrong that anyone saw")


@mechanism(
    "label",
    parents=("trouble_met", "open_trouble", "gave_up", "caught", "progress", "goal"),
    dials=FailureSignal, measures="trouble_met",
)  # fmt: skip
def failure_signal(dials: FailureSignal, at: Parents, noise: Noise) -> Values:
    """3 for pushback or a clear shortfall, 4 and 5 for errors that nobody got out of."""
    luck = noise.uniform()
    overcome = np.where(luck < dials.pushback + dials.pushback_growth * np.log2(1.0 + at.caught), 3, 1)
    fell_short = (at.progress < dials.little) & at.goal & ~at.trouble_met
    clean = np.where(luck < dials.false_alarm, 3, 0)
    grade = np.where(at.trouble_met, overcome, np.where(fell_short, _grade(dials.unfinished, luck), clean))
    grade = np.where(at.open_trouble, _grade(dials.open_trouble, luck), grade)
    grade = np.where(at.gave_up, _grade(dials.gave_up, luck), grade).astype(np.int8)
    worst = 3 + (at.open_trouble.astype(int) + at.gave_up)
    return perfect_or(dials, np.where(at.trouble_met, worst, 0), grade)


def _grade(shares: list[float], luck: Values) -> Values:
    """Return 2, 3, 4 or 5 in the given shares; what is left over is graded 1."""
    return 1 + (luck[:, None] < np.cumsum(np.asarray(shares)[::-1])).sum(axis=1)
