"""Regression calibration: each rating is replaced by the true level to be expected behind it.

A validation sample says what true level stands behind each rating, controls held. The outcome is then regressed on
that expectation, whose error is no longer tied to it. The error of the estimate counts both samples, the validation
sample's share through how far each validated session pulls the expectation.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats, Ints
from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.sample import enter
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.linear import Fitted, controls, least_squares, level_columns
from knowntruth.strategies.estimators.validation import validated

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "regression_calibration"


def regression_calibration(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the effect of a true level, times the levels between the two compared.

    Raises
    ------
    InputError
        If a column is missing or constant, or the validation sample is missing or too small.
    """
    sample = enter(observed, question, needed=question.controls)
    known, true = validated(sample, question)
    _, ratings = level_columns(sample.level, question)
    held = controls(sample.frame, question.controls)
    count = ratings.shape[1]
    first = least_squares(np.column_stack([ratings[known], held[known]]), true, keep=count)
    likely = ratings @ first.coefficients
    second = least_squares(np.column_stack([likely, held]), sample.outcome, keep=1)
    influence = second.influence[:, 0] + _passed_on(first, second, ratings, likely, held, known)
    effect = question.span * float(second.coefficients[0])
    error = abs(question.span) * clustered_error(influence, sample.users)
    notes = f"straight line through the true levels; {len(true):,} validated sessions"
    return question.answer(NAME, effect, error, sample, notes=notes)


def _passed_on(first: Fitted, second: Fitted, ratings: Floats, likely: Floats, held: Floats, known: Ints) -> Floats:
    """Return how far each validated session pulls the effect through the expected levels, shape (n,).

    The effect solves ``mean(r (y - effect · likely)) = 0`` with ``r`` the expected level less what the controls
    predict, so it moves by ``-effect · mean(r ratings) / mean(r likely)`` with the first regression's coefficients.
    """
    rest = least_squares(held, likely, keep=0).residuals
    gradient = -float(second.coefficients[0]) * (rest @ ratings) / float(rest @ likely)
    passed = np.zeros(len(likely))
    passed[known] = len(likely) / len(known) * (first.influence @ gradient)
    return passed


STRATEGY: Final = Strategy(
    name=NAME,
    title="Regression calibration",
    arrows="expertise -> rated_expertise; expertise -> outcome; controls -> expertise; controls -> outcome;"
    " expertise -> domain_expertise",
    assumptions=(
        "the rating errs without regard to the outcome: at a given true level it tells nothing more of it",
        "validated sessions are like the others at the same rating",
        "the controls hold everything that moves both expertise and outcome: no hidden ability",
        "each true level is worth as much as the next",
    ),
    answer=regression_calibration,
    source="Carroll, Ruppert, Stefanski and Crainiceanu 2006, chapter 4 (doi:10.1201/9781420010138)",
    uses=("controls", "validation"),
)
