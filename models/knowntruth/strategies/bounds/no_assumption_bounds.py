"""What the data say with no assumption about people at all (Manski 1990).

Each session is seen at one level only; at another it could have been anything. The range that follows is always at
least as wide as an outcome can be, and always holds no effect: it shows how much of every other answer is assumption.
"""

from typing import TYPE_CHECKING, Final

from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.bounds import contrast

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "worst_case"


def worst_case(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the range of the contrast and an interval for it.

    Raises
    ------
    InputError
        If a column is missing or constant, or a level does not occur; for activity, if no support is given.
    """
    return contrast(observed, question, NAME, response=False, selection=False)


STRATEGY: Final = Strategy(
    name=NAME,
    title="Worst-case bounds",
    arrows="[ability] -> expertise; [ability] -> outcome; expertise -> outcome",
    assumptions=("the rating is the true level, and the outcome is what it says",),
    answer=worst_case,
    source="Manski 1990, American Economic Review 80(2)",
    uses=("support",),
)
