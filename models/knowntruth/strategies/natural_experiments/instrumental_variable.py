"""Instrument by random encouragement: people encouraged by lot to learn the domain of their tasks.

The lot moves expertise and, if it touches outcomes in no other way, how outcomes differ by lot divided by how
expertise differs by lot is the effect of a level among those whom the encouragement moves: hidden ability drops out.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import RATING, Question
from knowntruth.strategies.base.sample import enter, number
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.fixed_effects import Instrument, regress, strength

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "encouragement"
INSTRUMENT: Final = "encouraged"


def encouragement(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the instrumented effect of a level, times the levels between the two compared.

    Raises
    ------
    InputError
        If a column is missing or constant, or the encouragement hardly moves the rating.
    """
    sample = enter(observed, question, needed=(INSTRUMENT,), varying=(INSTRUMENT,))
    instrument = Instrument(sample.level, number(sample.frame, INSTRUMENT), RATING, INSTRUMENT)
    f = strength(sample, instrument, np.ones((sample.n, 1)))
    slope, error = regress(sample, {}, (), instrument=instrument)["moved"]
    notes = f"straight line through the levels; first-stage F {f:.0f}"
    return question.answer(NAME, question.span * slope, abs(question.span) * error, sample, notes=notes)


STRATEGY: Final = Strategy(
    name=NAME,
    title="Instrument by random encouragement",
    arrows="encouraged -> expertise; [ability] -> expertise; [ability] -> outcome; expertise -> outcome",
    assumptions=(
        "encouragement is by lot",
        "it touches the outcome through expertise alone",
        "it makes nobody less of an expert, and each level is worth as much as the next",
        "the rating moves by as much as the true level, whatever else is wrong with it",
    ),
    answer=encouragement,
    source="Imbens and Angrist 1994 (doi:10.2307/2951620)",
    needed=(INSTRUMENT,),
)
