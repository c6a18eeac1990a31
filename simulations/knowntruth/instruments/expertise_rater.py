"""The expertise rater: three cues of equal weight, five levels and Unclear, and sources of bias.

The rater is instructed to ignore difficulty and the agent's performance. But the cues record who caught errors and
who needed correction, so the rating depends on the course of the session (study.md, threat 1). ``halo`` is the
additional effect of the visible outcome. The decisive check is the same rater on the first prompt alone, before
anything has happened: ``world.do(rating="first_prompt_only")``.
"""

from typing import ClassVar, Final

import numpy as np

from knowntruth.common.arrays import Values
from knowntruth.engine.dials import Dials, Threat, chance, dial
from knowntruth.engine.links import logistic, logit, to_level
from knowntruth.engine.mechanism import Parents, mechanism
from knowntruth.engine.noise import Noise
from knowntruth.instruments.perfect import InstrumentDials, perfect_or, yes_no
from knowntruth.instruments.rater_noise import SharedError, read_happens, read_normal, read_uniform

UNCLEAR_LEVEL = 0
"""Internal code of an abstaining rater; the observed table has a missing value instead."""

RATINGS: Final = ("whole_transcript", "first_prompt_only")
WHOLE: Final = RATINGS.index("whole_transcript")


class Rating(Dials):
    """What the rater of expertise is given."""

    first_prompt: bool = yes_no("rate sessions from their first prompt alone")


@mechanism("label", dials=Rating, unit="category", categories=RATINGS, meaning="what the rater of expertise is given")
def rating(dials: Rating, at: Parents, noise: Noise) -> Values:
    """The whole kept text, or only the first request."""
    return np.full(len(noise.users), int(dials.first_prompt), dtype=np.int8)


class CueSetup(SharedError):
    """Cue a: set-up that needs domain knowledge rather than names visible on screen."""

    threat: ClassVar[Threat] = "rating"
    by_specificity: float = dial("how strongly specific requests show", "SD per SD", -3, 3)
    spread: float = dial("what the rater reads into it", "SD", 0, 3)
    spread_first: float = dial("the same where only the first prompt is given", "SD", 0, 3)


@mechanism(
    "label",
    parents=("specificity", "rating"),
    dials=CueSetup,
    unit="SD",
    meaning="cue a: set-up that needs domain knowledge",
)
def cue_setup(dials: CueSetup, at: Parents, noise: Noise) -> Values:
    """Specific requests suggest knowledge of the domain."""
    spread = np.where(at.rating == WHOLE, dials.spread, dials.spread_first)
    return dials.by_specificity * at.specificity + spread * read_normal(noise, dials.alike)


class CueChecks(SharedError):
    """Cue b: targeted rather than generic verification requests."""

    threat: ClassVar[Threat] = "rating"
    per_check: float = dial(
        "strength of each doubling of targeted checks", "SD per doubling", 0, 3, panel={"evidence": 1.25}
    )
    spread: float = dial("what the rater reads into it", "SD", 0, 3)


@mechanism(
    "label",
    parents=("checks", "first_check", "share_seen", "rating"),
    dials=CueChecks,
    unit="SD",
    meaning="cue b: targeted verification requests",
)
def cue_checks(dials: CueChecks, at: Parents, noise: Noise) -> Values:
    """Only checks in the part of the text that was kept can count."""
    seen = np.where(at.rating == WHOLE, at.checks * at.share_seen, at.first_check)
    return dials.per_check * np.log2(1.0 + seen) + dials.spread * read_normal(noise, dials.alike)


class CueCorrections(SharedError):
    """Cue c: who corrects whom."""

    threat: ClassVar[Threat] = "rating"
    per_catch: float = dial("strength of each doubling of errors that the user caught", "SD per doubling", 0, 3)
    per_correction: float = dial("strength of each doubling of corrections by the agent", "SD per doubling", 0, 3)
    per_hidden: float = dial(
        "strength of each doubling of errors that the user failed to notice", "SD per doubling", 0, 3
    )
    spread: float = dial("what the rater reads into it", "SD", 0, 3)


@mechanism(
    "label",
    parents=("caught", "corrected", "hidden_defects", "share_seen", "answer_seen", "rating"),
    dials=CueCorrections,
    unit="SD",
    meaning="cue c: corrections from user to agent, less those the other way",
)
def cue_corrections(dials: CueCorrections, at: Parents, noise: Noise) -> Values:
    """Caught errors raise the cue; corrections by the agent and errors that the user missed lower it.

    Catches are read in the requests; corrections and errors of the agent in its answers.
    """
    asked = at.share_seen * (at.rating == WHOLE)
    answered = asked * at.answer_seen
    return (
        dials.per_catch * np.log2(1.0 + at.caught * asked)
        - dials.per_correction * np.log2(1.0 + at.corrected * answered)
        - dials.per_hidden * np.log2(1.0 + at.hidden_defects * answered)
        + dials.spread * read_normal(noise, dials.alike)
    )


class RatedExpertise(InstrumentDials, SharedError):
    """How cues become a level."""

    threat: ClassVar[Threat] = "rating"
    mean: float = dial("mean of the score", "SD", -5, 5)
    weight: float = dial("weight of each of the three cues", "SD per SD", 0, 3)
    by_true: float = dial("what shows of true expertise beyond the cues", "SD per level", -1, 2)
    halo: float = dial(
        "pull of the visible outcome: finished against not", "SD", -3, 3, threat="halo", panel={"halo": 1.0}
    )
    mood: float = dial("pull of the mood that all labels share", "SD per SD", -2, 2, threat="halo")
    spread: float = dial("the rater's own error", "SD", 0.0, 3, panel={"rating_error": 1.0})
    lowest: float = dial("cut between novice and beginner", "SD", -10, 10)
    highest: float = dial("cut between advanced and expert", "SD", -10, 10)
    middle: float = dial("half the width of intermediate, which lies midway between the two", "SD", 0, 10)
    catch_shows: float = chance("chance that an error which the user caught shows level 4 by itself")
    plain_shows: float = chance("chance that a session without corrections either way is put at level 3")
    unclear: float = chance("share left unclear where the text gives little context")
    unclear_by_context: float = dial(
        "change with each doubling of the text beyond 4,000 characters", "log odds", -3, 3
    )


@mechanism(
    "label",
    parents=(
        "cue_setup",
        "cue_checks",
        "cue_corrections",
        "domain_expertise",
        "progress_shown",
        "trouble_shown",
        "rater_mood",
        "transcript_characters",
        "share_seen",
        "request_characters",
        "rating",
        "caught",
        "corrected",
    ),
    dials=RatedExpertise,
    measures="domain_expertise",
)
def rated_expertise(dials: RatedExpertise, at: Parents, noise: Noise) -> Values:
    """Three cues of equal weight, halo, mood and error; too little context leaves it Unclear.

    Two features can decide the level alone: a caught error implies at least level 4, and without any correction the
    rating tends to be 3, since the definition of every other level names corrections (study.md).
    """
    whole = at.rating == WHOLE
    looks_finished = (at.progress_shown >= 1.0) & ~at.trouble_shown
    score = (
        dials.mean
        + dials.weight * (at.cue_setup + at.cue_checks + at.cue_corrections)
        + dials.by_true * (at.domain_expertise - 3.0)
        + dials.halo * (looks_finished - 0.5) * whole
        + dials.mood * at.rater_mood
        + dials.spread * read_normal(noise, dials.alike, "error")
    )
    context = np.where(whole, at.transcript_characters * at.share_seen, at.request_characters)
    log_odds = logit(dials.unclear) + dials.unclear_by_context * np.log2(context / 4000.0)
    unclear = read_happens(noise, logistic(log_odds), dials.alike, "unclear")
    rated = np.where(unclear, UNCLEAR_LEVEL, _with_decisive_features(dials, at, _level(dials, score), noise))
    return perfect_or(dials, at.domain_expertise, rated.astype(np.int8))


def _level(dials: RatedExpertise, score: Values) -> Values:
    centre = (dials.lowest + dials.highest) / 2
    return to_level(score, [dials.lowest, centre - dials.middle, centre + dials.middle, dials.highest])


def _with_decisive_features(dials: RatedExpertise, at: Parents, level: Values, noise: Noise) -> Values:
    """Return the level of the score, changed where the seen part of the text decides the level alone."""
    draw = read_uniform(noise, dials.alike, "shows")
    caught = at.caught * at.share_seen * (at.rating == WHOLE)
    plain = (at.caught + at.corrected == 0) & (at.rating == WHOLE) & (draw < dials.plain_shows)
    catches = draw < dials.catch_shows * np.minimum(caught, 1.0)
    return np.where(catches, np.maximum(level, 4), np.where(plain, 3, level))
