"""Regression calibration: each rating is replaced by the expected true level.

The validation sample gives the expected true level for each rating and given controls. The outcome is then regressed
on that expectation, whose remaining error is uncorrelated with it. The standard error accounts for both samples; the
validation sample enters through its influence on the expectation.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats, Ints
from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.select_sample import select_sample
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.linear import Regression, control_columns, least_squares, level_columns
from knowntruth.strategies.estimators.validation import validated_sessions

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "regression_calibration"


def regression_calibration(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the effect of one true level, times the difference between the levels compared.

    Raises
    ------
    InputError
        If a column is missing or constant, or the validation sample is missing or too small.
    """
    sample = select_sample(observed, question, needed=question.controls)
    known, true = validated_sessions(sample, question)
    _, ratings = level_columns(sample.level, question)
    controls = control_columns(sample.frame, question.controls)
    count = ratings.shape[1]
    first = least_squares(np.column_stack([ratings[known], controls[known]]), true, keep=count)
    calibrated = ratings @ first.coefficients
    second = least_squares(np.column_stack([calibrated, controls]), sample.outcome, keep=1)
    influence = second.influence[:, 0] + _first_stage_influence(first, second, ratings, calibrated, controls, known)
    effect = question.span * float(second.coefficients[0])
    error = abs(question.span) * clustered_error(influence, sample.users)
    notes = f"linear in the true levels; {len(true):,} validated sessions"
    return question.point_estimate(NAME, effect, error, sample, notes=notes)


def _first_stage_influence(
    first: Regression, second: Regression, ratings: Floats, calibrated: Floats, controls: Floats, known: Ints
) -> Floats:
    """Return the influence of each validated session on the effect through the expected levels, shape (n,).

    The effect solves ``mean(r (y - effect · calibrated)) = 0``, where ``r`` is the residual of the expected level on
    the controls. Its gradient in the coefficients of the first regression is therefore
    ``-effect · mean(r ratings) / mean(r calibrated)``, by implicit differentiation.
    """
    rest = least_squares(controls, calibrated, keep=0).residuals
    gradient = -float(second.coefficients[0]) * (rest @ ratings) / float(rest @ calibrated)
    influence = np.zeros(len(calibrated))
    influence[known] = len(calibrated) / len(known) * (first.influence @ gradient)
    return influence


STRATEGY: Final = Strategy(
    name=NAME,
    title="Regression calibration",
    arrows="expertise -> rated_expertise; expertise -> outcome; controls -> expertise; controls -> outcome;"
    " expertise -> domain_expertise",
    assumptions=(
        "rating errors are independent of the outcome, given the true level",
        "validated sessions are like other sessions with the same rating",
        "the controls include every common cause of expertise and outcome: no hidden ability",
        "each true level has the same effect as the next",
    ),
    estimate=regression_calibration,
    source="Carroll, Ruppert, Stefanski and Crainiceanu 2006, chapter 4 (doi:10.1201/9781420010138)",
    uses=("controls", "validation"),
)
