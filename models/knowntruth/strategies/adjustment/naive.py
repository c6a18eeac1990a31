"""The naive contrast: sessions rated expert against sessions rated novice, without adjustment.

It is unbiased if expertise is as good as randomized and the rating is exact. Otherwise it is the baseline that the
other strategies try to improve on.
"""

from typing import TYPE_CHECKING, Final

from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.select_sample import select_sample
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
    sample = select_sample(observed, question)
    effect, influence = level_contrast(sample, question, ())
    return question.point_estimate(NAME, effect, clustered_error(influence, sample.users), sample)


STRATEGY: Final = Strategy(
    name=NAME,
    title="Naive contrast",
    arrows="expertise -> outcome",
    assumptions=(
        "expertise and outcome have no common cause: expertise is as good as randomized",
        "the rating is the true level",
    ),
    estimate=naive,
    source="the unadjusted levels of the study's Figure 3",
)
