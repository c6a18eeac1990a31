"""Instrumental variable: people are encouraged at random to learn the domain of their tasks.

Encouragement changes expertise. If it affects outcomes in no other way, the difference in outcomes between encouraged
people and others, divided by their difference in expertise, is the effect of one level among those whose expertise
the encouragement changes. Hidden ability does not bias it.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import RATING, Question
from knowntruth.strategies.base.select_sample import numeric_column, select_sample
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.fixed_effects import ENDOGENOUS, Instrument, first_stage_f, regress

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "instrumental_variable"
INSTRUMENT: Final = "encouraged"


def instrumental_variable(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the two-stage least-squares effect of one level, times the difference between the levels compared.

    Raises
    ------
    InputError
        If a column is missing or constant, or encouragement is a weak instrument for the rating.
    """
    sample = select_sample(observed, question, needed=(INSTRUMENT,), varying=(INSTRUMENT,))
    instrument = Instrument(sample.level, numeric_column(sample.frame, INSTRUMENT), RATING, INSTRUMENT)
    f = first_stage_f(sample, instrument, np.ones((sample.n, 1)))
    slope, error = regress(sample, {}, (), instrument=instrument)[ENDOGENOUS]
    notes = f"linear in the levels; first-stage F {f:.0f}"
    return question.point_estimate(NAME, question.span * slope, abs(question.span) * error, sample, notes=notes)


STRATEGY: Final = Strategy(
    name=NAME,
    title="Instrumental variable: random encouragement",
    arrows="encouraged -> expertise; [ability] -> expertise; [ability] -> outcome; expertise -> outcome",
    assumptions=(
        "encouragement is randomized",
        "it affects the outcome only through expertise",
        "it lowers nobody's expertise, and each level has the same effect as the next",
        "encouragement changes the rating by as much as the true level, whatever other errors the rating has",
    ),
    estimate=instrumental_variable,
    source="Imbens and Angrist 1994 (doi:10.2307/2951620)",
    needed=(INSTRUMENT,),
)
