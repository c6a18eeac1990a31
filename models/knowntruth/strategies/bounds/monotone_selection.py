"""Bounds if people with more expertise would do no worse at any given level (monotone treatment selection).

Hidden ability may be arbitrarily strong, provided that it increases with expertise. The mean outcome of those
observed at a level then bounds, on one side, the mean of all others at that level.
"""

from typing import TYPE_CHECKING, Final

from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.bounds import bound_contrast

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
    return bound_contrast(observed, question, NAME, response=False, selection=True)


STRATEGY: Final = Strategy(
    name=NAME,
    title="Bounds under monotone selection",
    arrows="[ability] -> expertise; [ability] -> outcome; expertise -> outcome",
    assumptions=(
        "at any given level, people at higher levels would on average do no worse than people at lower ones",
        "rating and outcome are measured without error",
    ),
    estimate=monotone_selection,
    source="Manski and Pepper 2000 (doi:10.1111/1468-0262.00144)",
    uses=("support",),
)
