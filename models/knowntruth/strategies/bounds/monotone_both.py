"""Bounds under both assumptions: monotone treatment response and monotone treatment selection.

Together they need no limits of the outcome, so they apply to activity too. The effect is at least zero and at most
about the naive contrast: the naive contrast then overstates the effect, by an unknown amount.
"""

from typing import TYPE_CHECKING, Final

from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.bounds import bound_contrast

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "monotone_both"


def monotone_both(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the range of the contrast and an interval for it.

    Raises
    ------
    InputError
        If a column is missing or constant, or a level does not occur.
    """
    return bound_contrast(observed, question, NAME, response=True, selection=True)


STRATEGY: Final = Strategy(
    name=NAME,
    title="Bounds under monotone response and selection",
    arrows="[ability] -> expertise; [ability] -> outcome; expertise -> outcome",
    assumptions=(
        "more expertise never lowers the outcome of a session",
        "at any given level, people at higher levels would on average do no worse than people at lower ones",
        "rating and outcome are measured without error",
    ),
    estimate=monotone_both,
    source="Manski and Pepper 2000 (doi:10.1111/1468-0262.00144)",
)
