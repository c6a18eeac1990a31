"""Bounds without assumptions about people (Manski 1990), also called worst-case bounds.

Each session is observed at one level only; at another, its outcome could have any possible value. The range is at
least as wide as the range of the outcome and always includes zero. It shows how much of every other estimate rests on
assumptions.
"""

from typing import TYPE_CHECKING, Final

from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.bounds import bound_contrast

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "no_assumption_bounds"


def no_assumption_bounds(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the range of the contrast and an interval for it.

    Raises
    ------
    InputError
        If a column is missing or constant, or a level does not occur; for activity, if no support is given.
    """
    return bound_contrast(observed, question, NAME, response=False, selection=False)


STRATEGY: Final = Strategy(
    name=NAME,
    title="No-assumption bounds",
    arrows="[ability] -> expertise; [ability] -> outcome; expertise -> outcome",
    assumptions=("rating and outcome are measured without error",),
    estimate=no_assumption_bounds,
    source="Manski 1990, American Economic Review 80(2)",
    uses=("support",),
)
