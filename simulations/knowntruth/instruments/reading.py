"""Reading: what all raters of one transcript share, the kept part of the text and a common mood.

One model family reads one truncated text for every label, so the errors of the labels of a transcript are correlated
(study.md, threats 3 and 9). The middle of a long turn is removed, and so is that of a transcript that is still too
long; no label can use what stood there. Only a rater that is given the end of a transcript sees how the session
ended.
"""

import numpy as np

from knowntruth.common.arrays import Values
from knowntruth.engine.dials import Dials, dial
from knowntruth.engine.mechanism import Parents, mechanism
from knowntruth.engine.noise import Noise
from knowntruth.instruments.rater_noise import SharedError, read_normal


class Request(Dials):
    """How long the user's turns are."""

    typical: float = dial("characters in a typical request", "characters", 1, 50_000)
    by_specificity: float = dial("how much longer specific requests are", "log characters per SD", -2, 2)
    turn_limit: float = dial("characters kept of a turn", "characters", 1, 1e9, source="classifier_turn_truncation")


@mechanism(
    "label",
    parents=("specificity",),
    dials=Request,
    unit="characters",
    meaning="length of one request, cut to what a rater is given",
)
def request_characters(dials: Request, at: Parents, noise: Noise) -> Values:
    """Specific requests are longer."""
    return np.minimum(dials.typical * np.exp(dials.by_specificity * at.specificity), dials.turn_limit)


class Answer(Dials):
    """How long the agent's turns are."""

    characters_per_word: float = dial("length of a word with its space", "characters", 1, 20)
    share: float = dial("share of the agent's words that stand in the transcript as text", "share", 0, 1)


@mechanism(
    "label",
    parents=("words_per_prompt",),
    dials=Answer,
    unit="characters",
    meaning="length of the agent's answer to one request",
)
def answer_characters(dials: Answer, at: Parents, noise: Noise) -> Values:
    """Length before truncation."""
    return dials.share * dials.characters_per_word * at.words_per_prompt


class AnswerSeen(Dials):
    """How much of an answer a rater is given."""

    turn_limit: float = dial("characters kept of a turn", "characters", 1, 1e9, source="classifier_turn_truncation")


@mechanism(
    "label",
    parents=("answer_characters",),
    dials=AnswerSeen,
    unit="share 0-1",
    meaning="share of the agent's answers that the cut of each turn leaves",
)
def answer_seen(dials: AnswerSeen, at: Parents, noise: Noise) -> Values:
    """Each turn is cut in its middle at 5,000 characters (figures.csv: classifier_turn_truncation)."""
    return np.minimum(1.0, dials.turn_limit / np.maximum(at.answer_characters, 1.0))


@mechanism(
    "label",
    parents=("prompts", "request_characters", "answer_characters", "answer_seen"),
    unit="characters",
    meaning="length of the transcript, each turn already cut to what a rater is given",
)
def transcript_characters(dials: Dials, at: Parents, noise: Noise) -> Values:
    """Requests and answers, one pair per prompt."""
    return at.prompts * (at.request_characters + at.answer_characters * at.answer_seen)


class ShareSeen(Dials):
    """How much of a transcript a rater is given."""

    limit: float = dial(
        "characters kept of a transcript", "characters", 100, 1e9, source="classifier_transcript_truncation"
    )


@mechanism(
    "label",
    parents=("transcript_characters",),
    dials=ShareSeen,
    unit="share 0-1",
    meaning="share of the transcript that a rater sees",
)
def share_seen(dials: ShareSeen, at: Parents, noise: Noise) -> Values:
    """Whole transcripts are cut at 25,000 characters."""
    return np.minimum(1.0, dials.limit / at.transcript_characters)


class EndSeen(Dials):
    """Which part of a transcript is kept."""

    from_start: float = dial("share of what is kept that comes from the beginning; 1: the end is lost", "share", 0, 1)


@mechanism(
    "label",
    parents=("share_seen", "prompts"),
    dials=EndSeen,
    unit="yes/no",
    meaning="a rater sees how the session ended",
)
def end_seen(dials: EndSeen, at: Parents, noise: Noise) -> Values:
    """The kept end contains at least half of the last request and its answer."""
    return (at.share_seen >= 1.0) | ((1.0 - dials.from_start) * at.share_seen * at.prompts >= 0.5)


@mechanism(
    "label",
    parents=("progress", "share_seen", "end_seen"),
    unit="share of the goal",
    meaning="progress as the text that is kept shows it",
)
def progress_shown(dials: Dials, at: Parents, noise: Noise) -> Values:
    """Without its end a transcript shows unfinished work."""
    return np.where(at.end_seen, at.progress, np.minimum(at.progress, 1.0) * at.share_seen)


@mechanism(
    "label", parents=("open_trouble", "end_seen"), unit="yes/no", meaning="the text that is kept ends in trouble"
)
def trouble_shown(dials: Dials, at: Parents, noise: Noise) -> Values:
    """Trouble at the end shows only at the end."""
    return at.open_trouble & at.end_seen


@mechanism(
    "label", parents=("gave_up", "end_seen"), unit="yes/no", meaning="the text that is kept shows the user give up"
)
def quitting_shown(dials: Dials, at: Parents, noise: Noise) -> Values:
    """Giving up is the last thing people do."""
    return at.gave_up & at.end_seen


@mechanism("label", dials=SharedError, unit="SD", meaning="error that all labels of one transcript share")
def rater_mood(dials: SharedError, at: Parents, noise: Noise) -> Values:
    """Standard normal; the dials of each instrument state how strongly it depends on the mood."""
    return read_normal(noise, dials.alike)
