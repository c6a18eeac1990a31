"""Bounds if those who know more would do no worse at any level (monotone treatment selection).

Hidden ability may be as strong as it likes, so long as it goes with expertise and not against it: those seen at a
level then bound, on one side, what all others would do at it.
"""

from typing import TYPE_CHECKING, Final

from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.bounds import contrast

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "monotone_selection"


def monotone_selection(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the range of the contrast and an interval for it.

    Raises
    ------
    InputError
        If a column is missing or constant, or a level does not occur; for activity, if no support is given.
    """
    return contrast(observed, question, NAME, response=False, selection=True)


STRATEGY: Final = Strategy(
    name=NAME,
    title="Bounds under monotone selection",
    arrows="[ability] -> expertise; [ability] -> outcome; expertise -> outcome",
    assumptions=(
        "at any one level, those who are at higher levels would on average do no worse than those at lower ones",
        "the rating is the true level, and the outcome is what it says",
    ),
    answer=monotone_selection,
    source="Manski and Pepper 2000 (doi:10.1111/1468-0262.00144)",
    uses=("support",),
)
