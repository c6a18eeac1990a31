"""Bounds if nobody does worse for knowing more (monotone treatment response, Manski 1997).

What a session achieved at its own level then bounds what it would have achieved at any other from one side.
"""

from typing import TYPE_CHECKING, Final

from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.bounds import contrast

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
    return contrast(observed, question, NAME, response=True, selection=False)


STRATEGY: Final = Strategy(
    name=NAME,
    title="Bounds under monotone response",
    arrows="[ability] -> expertise; [ability] -> outcome; expertise -> outcome",
    assumptions=(
        "knowing more makes no session's outcome less (nor less likely)",
        "the rating is the true level, and the outcome is what it says",
    ),
    answer=monotone_response,
    source="Manski 1997 (doi:10.2307/2171738)",
    uses=("support",),
)
