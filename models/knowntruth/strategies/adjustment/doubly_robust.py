"""Doubly robust estimation (AIPW): an outcome regression, corrected by weighted residuals.

It is consistent if either the regression or the propensity model is correct. The standard error comes from the
efficient influence function and is valid if both are.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.sample import Sample
from knowntruth.strategies.base.select_sample import select_sample
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.linear import control_columns, least_squares, level_columns
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
    sample = select_sample(observed, question, needed=question.controls)
    weights = inverse_weights(sample, question, propensities(sample, question))
    effect, residuals = outcome_regression(sample, question)
    # The augmented score of each session (Robins, Rotnitzky and Zhao 1994); its mean is the estimate.
    scores = effect + (weights[question.high] - weights[question.low]) * residuals
    value = float(scores.mean())
    return question.point_estimate(NAME, value, clustered_error(scores - value, sample.users), sample)


def outcome_regression(sample: Sample, question: Question) -> tuple[float, Floats]:
    """Return the contrast of the two levels by regression, and the residuals (n,).

    The regression is additive in levels and controls, because a level as rare as novice has too few sessions for a
    regression of its own.
    """
    _, levels = level_columns(sample.level, question)
    design = np.column_stack([levels, control_columns(sample.frame, question.controls)])
    fitted = least_squares(design, sample.outcome, keep=1)
    return float(fitted.coefficients[0]), fitted.residuals


STRATEGY: Final = Strategy(
    name=NAME,
    title="Doubly robust (AIPW)",
    arrows="controls -> expertise; controls -> outcome; expertise -> outcome",
    assumptions=(
        "the controls include every common cause of expertise and outcome: no hidden ability",
        "either the multinomial logit of the level or the additive regression of the outcome is correct",
        "every kind of session can occur at both levels",
        "the rating is the true level",
    ),
    estimate=doubly_robust,
    source="Robins, Rotnitzky and Zhao 1994 (doi:10.1080/01621459.1994.10476818)",
    uses=("controls",),
)
