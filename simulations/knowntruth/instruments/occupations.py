"""Two occupations: the one a user seems to have, and the one that normally does the work.

The first may be left unclear when a session gives little context; the second never abstains. Both are read from the
same text, so code work biases both towards software.
"""

from typing import Final

import numpy as np

from knowntruth.common.arrays import Values
from knowntruth.datasets.schema.categories import OCCUPATIONS, SOFTWARE
from knowntruth.engine.dials import chance, dial
from knowntruth.engine.links import logistic, logit
from knowntruth.engine.mechanism import Parents, mechanism
from knowntruth.engine.noise import Noise
from knowntruth.engine.trades import OWN_TRADE
from knowntruth.instruments.labels import mislabel
from knowntruth.instruments.perfect import InstrumentDials, perfect_or
from knowntruth.instruments.rater_noise import SharedError, read_happens, read_uniform

ENGINEER: Final = OCCUPATIONS.index(SOFTWARE)
LOOKS_LIKE_SOFTWARE: Final = OWN_TRADE[ENGINEER] > 0
"""Whether each work mode is a software engineer's own trade."""


class UnclearChance(InstrumentDials):
    """When context does not say what a user does for a living."""

    unclear: float = chance("share left unclear at a text of 4,000 characters", source="occupation_unclear_share")
    by_context: float = dial("change with each doubling of the text that is seen", "log odds per doubling", -3, 3)
    by_specificity: float = dial("change with specific requests: words betray a trade", "log odds per SD", -3, 3)
    off_trade: float = dial("change where the work is not of the user's own trade", "log odds", -3, 3)


@mechanism(
    "label",
    parents=("occupation", "intended_mode", "transcript_characters", "share_seen", "specificity"),
    dials=UnclearChance,
    unit="probability",
    meaning="chance that the user's occupation is left unclear",
)
def unclear_chance(dials: UnclearChance, at: Parents, noise: Noise) -> Values:
    """The more context, the fewer unclear labels."""
    own = OWN_TRADE[at.occupation, at.intended_mode]
    log_odds = (
        logit(dials.unclear)
        + dials.by_context * np.log2(at.transcript_characters * at.share_seen / 4000.0)
        + dials.by_specificity * at.specificity
        + dials.off_trade * (1.0 - own)
    )
    return logistic(log_odds) * (not dials.perfect)


class Mistaken(InstrumentDials, SharedError):
    """Who is taken for somebody else."""

    taken_for_software: float = chance("share of others at code work taken for software engineers")


@mechanism("label", parents=("occupation", "intended_mode", "unclear_chance"), dials=Mistaken, measures="occupation")
def user_occupation(dials: Mistaken, at: Parents, noise: Noise) -> Values:
    """Others who code are sometimes taken for software engineers."""
    draw = read_uniform(noise, dials.alike, "mistaken")
    mistaken = draw < dials.taken_for_software * LOOKS_LIKE_SOFTWARE[at.intended_mode]
    seen = np.where(mistaken, ENGINEER, at.occupation)
    unclear = read_happens(noise, at.unclear_chance, dials.alike, "unclear")
    return perfect_or(dials, at.occupation, np.where(unclear, len(OCCUPATIONS), seen).astype(np.int8))


class TaskOccupation(InstrumentDials, SharedError):
    """How the work done is given to the occupation that normally does it."""

    taken_for_software: float = chance("share of others' work under a code label taken for a software engineer's")
    mislabelled: float = chance("share labelled at random")


@mechanism("label", parents=("work_occupation", "mode"), dials=TaskOccupation, measures="work_occupation")
def task_occupation(dials: TaskOccupation, at: Parents, noise: Noise) -> Values:
    """The classifier always names an occupation."""
    draw = read_uniform(noise, dials.alike, "mistaken")
    mistaken = draw < dials.taken_for_software * LOOKS_LIKE_SOFTWARE[at.mode]
    label = np.where(mistaken, ENGINEER, at.work_occupation)
    kinds = len(OCCUPATIONS)
    return perfect_or(dials, at.work_occupation, mislabel(noise, dials, label, dials.mislabelled, kinds))
