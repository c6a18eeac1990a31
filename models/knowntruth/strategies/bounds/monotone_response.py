"""Bounds if more expertise never lowers an outcome (monotone treatment response, Manski 1997).

The outcome of a session at its own level then bounds, on one side, its outcome at every other level.
"""

from typing import TYPE_CHECKING, Final

from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.bounds import bound_contrast

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "monotone_response"


def monotone_response(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the range of the contrast and an interval for it.

    Raises
    ------
    InputError
        If a column is missing or constant, or a level does not occur; for activity, if no support is given.
    """
    return bound_contrast(observed, question, NAME, response=True, selection=False)


STRATEGY: Final = Strategy(
    name=NAME,
    title="Bounds under monotone response",
    arrows="[ability] -> expertise; [ability] -> outcome; expertise -> outcome",
    assumptions=(
        "more expertise never lowers the outcome of a session",
        "rating and outcome are measured without error",
    ),
    estimate=monotone_response,
    source="Manski 1997 (doi:10.2307/2171738)",
    uses=("support",),
)
