"""Bounds if nobody does worse for knowing more, and those who know more would do no worse at any level.

The two together need no limits of the outcome, so they work for activity too: the effect is at least nothing and at
most about the naive contrast. That naive contrasts flatter is then a theorem, and by how much is left open.
"""

from typing import TYPE_CHECKING, Final

from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.bounds import contrast

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
    return contrast(observed, question, NAME, response=True, selection=True)


STRATEGY: Final = Strategy(
    name=NAME,
    title="Bounds under monotone response and selection",
    arrows="[ability] -> expertise; [ability] -> outcome; expertise -> outcome",
    assumptions=(
        "knowing more makes no session's outcome less (nor less likely)",
        "at any one level, those who are at higher levels would on average do no worse than those at lower ones",
        "the rating is the true level, and the outcome is what it says",
    ),
    answer=monotone_both,
    source="Manski and Pepper 2000 (doi:10.1111/1468-0262.00144)",
)
