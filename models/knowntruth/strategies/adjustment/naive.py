"""The naive contrast: sessions rated expert less sessions rated novice, nothing held.

Right where expertise falls from the sky and the rating is exact; everywhere else it is what the other strategies
try to improve on.
"""

from typing import TYPE_CHECKING, Final

from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.sample import enter
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.linear import level_contrast

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "naive"


def naive(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the difference between the mean outcomes of the two levels.

    Raises
    ------
    InputError
        If a column is missing or constant, or one of the two levels does not occur.
    """
    sample = enter(observed, question)
    effect, influence = level_contrast(sample, question, ())
    return question.answer(NAME, effect, clustered_error(influence, sample.users), sample)


STRATEGY: Final = Strategy(
    name=NAME,
    title="Naive contrast",
    arrows="expertise -> outcome",
    assumptions=(
        "nothing that moves expertise moves the outcome in any other way: expertise is as if by lot",
        "the rating is the true level",
    ),
    answer=naive,
    source="the unadjusted levels of the study's Figure 3",
)
