"""Doubly robust (AIPW): a regression for what the outcome would be, and weights for what the regression misses.

Right if either the regression or the propensities are. The error is that of the efficient influence function, right
where both are.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.sample import Sample, enter
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.linear import controls, least_squares, level_columns
from knowntruth.strategies.estimators.propensity import inverse_weights, propensities

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "doubly_robust"


def doubly_robust(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the augmented, weighted difference between the two levels.

    Raises
    ------
    InputError
        If a column is missing or constant, a level does not occur, or overlap fails.
    """
    sample = enter(observed, question, needed=question.controls)
    weights = inverse_weights(sample, question, propensities(sample, question))
    effect, residuals = regression(sample, question)
    pulls = effect + (weights[question.high] - weights[question.low]) * residuals
    value = float(pulls.mean())
    return question.answer(NAME, value, clustered_error(pulls - value, sample.users), sample)


def regression(sample: Sample, question: Question) -> tuple[float, Floats]:
    """Return the regression's contrast of the two levels, and its residuals (n,).

    Additive in levels and controls, since a level as rare as novice could not carry a regression of its own.
    """
    _, levels = level_columns(sample.level, question)
    design = np.column_stack([levels, controls(sample.frame, question.controls)])
    fitted = least_squares(design, sample.outcome, keep=1)
    return float(fitted.coefficients[0]), fitted.residuals


STRATEGY: Final = Strategy(
    name=NAME,
    title="Doubly robust (AIPW)",
    arrows="controls -> expertise; controls -> outcome; expertise -> outcome",
    assumptions=(
        "the controls hold everything that moves both expertise and outcome: no hidden ability",
        "either the multinomial logit of the level or the additive regression of the outcome is right",
        "every kind of session can be met at both levels",
        "the rating is the true level",
    ),
    answer=doubly_robust,
    source="Robins, Rotnitzky and Zhao 1994 (doi:10.1080/01621459.1994.10476818)",
    uses=("controls",),
)
