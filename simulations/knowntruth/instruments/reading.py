"""Reading: what every rater of one transcript shares, the part of the text that was kept and a common mood.

One model family reads one truncated text for every label, so the errors of a transcript's labels hang together
(study.md, threats 3 and 9).
"""

import numpy as np

from knowntruth.world.dials import Dials, dial
from knowntruth.world.mechanism import Parents, Values, mechanism
from knowntruth.world.noise import Noise


class Transcript(Dials):
    """How long the text is that a rater would have to read."""

    characters_per_word: float = dial("length of a word with its space", "characters", 1, 20)
    user_words: float = dial("words in a typical request", "words", 1, 5000)
    by_specificity: float = dial("how much longer specific requests are", "log words per SD", -2, 2)
    agent_share: float = dial("share of the agent's words that stand in the transcript as text", "share", 0, 1)


@mechanism("label", parents=("prompts", "words_per_prompt", "specificity"), dials=Transcript, unit="characters",
           meaning="length of the transcript, each turn already cut to what the rater is given")  # fmt: skip
def transcript_characters(dials: Transcript, at: Parents, noise: Noise) -> Values:
    """Each turn is cut in its middle at 5,000 characters (figures.csv: classifier_turn_truncation)."""
    request = dials.user_words * np.exp(dials.by_specificity * at.specificity) * dials.characters_per_word
    answer = dials.agent_share * at.words_per_prompt * dials.characters_per_word
    return at.prompts * (np.minimum(request, 5000.0) + np.minimum(answer, 5000.0))


class ShareSeen(Dials):
    """How much of a transcript a rater is given."""

    limit: float = dial(
        "characters kept of a transcript", "characters", 100, 1e9, source="classifier_transcript_truncation"
    )


@mechanism("label", parents=("transcript_characters",), dials=ShareSeen, unit="share 0-1",
           meaning="share of the transcript that the rater sees")  # fmt: skip
def share_seen(dials: ShareSeen, at: Parents, noise: Noise) -> Values:
    """Whole transcripts are cut at 25,000 characters."""
    return np.minimum(1.0, dials.limit / at.transcript_characters)


@mechanism("label", unit="SD", meaning="error that all labels of one transcript share")
def rater_mood(dials: Dials, at: Parents, noise: Noise) -> Values:
    """Standard normal; each instrument says how much of it it takes on."""
    return noise.normal()
