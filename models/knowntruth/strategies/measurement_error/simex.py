"""SIMEX: add more error to the rating, see how the slope shrinks, and extrapolate to no error.

For ratings on five levels this is MC-SIMEX (Küchenhoff, Mwalili and Lesaffre 2006,
doi:10.1111/j.1541-0420.2005.00396.x). The validation sample gives the probabilities Π of each rating at each true
level. A rating that is misclassified once more by Π has error Π², and so on. Other implementations simulate such
ratings; here their moments are computed exactly, so there is no Monte Carlo error. The extrapolation assumes a curve,
Cook and Stefanski's rational one, so SIMEX remains approximate however large the sample. Standard errors come from
the jackknife over groups of people.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import RATING, Question
from knowntruth.strategies.base.sample import Sample
from knowntruth.strategies.base.select_sample import select_sample
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.jackknife import assign_groups, jackknife_error
from knowntruth.strategies.estimators.linear import control_columns, least_squares
from knowntruth.strategies.estimators.validation import TRUE_LEVEL, validated_sessions

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "simex"

EXTRA_ERRORS: Final = (0, 1, 2)
"""How many times the rating is misclassified again; -1 would be no error."""

MAX_RATIO: Final = 7 / 3
"""The largest ratio of the first to the second loss of slope; beyond it the rational curve has a pole near -1."""


@dataclass(frozen=True, slots=True)
class _Moments:
    """The sums over some sessions from which the slope at any error follows.

    ``gram`` are crossproducts of controls, five rating dummies and outcome, in that order; ``pairs`` (5, 5) counts
    validated sessions by true level and rating.
    """

    gram: Floats
    pairs: Floats

    def without(self, other: "_Moments") -> "_Moments":
        return _Moments(self.gram - other.gram, self.pairs - other.pairs)


def simex(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the slope extrapolated to a rating without error, times the difference between the levels compared.

    Raises
    ------
    InputError
        If a column is missing or constant, or the validation sample is missing or too small.
    """
    sample = select_sample(observed, question, needed=question.controls)
    controls = control_columns(sample.frame, question.controls)
    # Raises an error if the controls determine the rating.
    least_squares(np.column_stack([sample.level, controls]), sample.outcome, keep=1)
    parts = _by_group(sample, controls, question)
    whole = _Moments(np.sum([p.gram for p in parts], axis=0), np.sum([p.pairs for p in parts], axis=0))
    slope, path = extrapolate(whole)
    error, freedom = jackknife_error(np.array([extrapolate(whole.without(part))[0] for part in parts]))
    notes = f"approximate; slope as rated {path[0]:.4f}, after two further misclassifications {path[-1]:.4f}"
    effect, error = question.span * slope, abs(question.span) * error
    return question.point_estimate(NAME, effect, error, sample, freedom=freedom, notes=notes)


def extrapolate(moments: _Moments) -> tuple[float, Floats]:
    """Return the slope at no error, and the slopes at each error of `EXTRA_ERRORS`.

    Raises
    ------
    InputError
        If some true level occurs in no validated session.
    """
    totals = moments.pairs.sum(axis=1)
    if (totals == 0).any():
        raise InputError(
            f"the validation sample has no session at level {int(np.argmin(totals)) + 1} of {TRUE_LEVEL} in some"
            " group of people; bring more validated sessions"
        )
    misclassified = moments.pairs / totals[:, None]
    path = np.array([_slope(moments.gram, np.linalg.matrix_power(misclassified, times)) for times in EXTRA_ERRORS])
    return _rational(path), path


def _slope(gram: Floats, misclassified: Floats) -> float:
    """Return the slope on a rating that is misclassified once more with probabilities (5 from, 5 to).

    With m the mean of the new rating given the old one, the slope is cov(m, y) / (var(m) + E var(new | old)), all
    given the controls.
    """
    levels = np.array(LEVELS, dtype=np.float64)
    mean, square = misclassified @ levels, misclassified @ levels**2
    k = len(gram) - 6
    residual = _partial_out(gram, k)
    counts = np.diag(gram)[k : k + 5]
    variance = mean @ residual[:5, :5] @ mean + float(counts @ (square - mean**2))
    return float(mean @ residual[:5, 5] / variance)


def _partial_out(gram: Floats, k: int) -> Floats:
    """Return the crossproducts of all but the first ``k`` columns, with those partialled out."""
    return np.asarray(gram[k:, k:] - gram[k:, :k] @ np.linalg.pinv(gram[:k, :k], hermitian=True) @ gram[:k, k:])


def _rational(path: Floats) -> float:
    """Return the value at -1 of the curve ``a + b / (c + times)`` through the slopes, or of a parabola.

    Three slopes determine the three coefficients. With r the ratio of the first loss of slope to the second,
    ``c = 2 / (r - 1)``. The parabola is used where r is outside (1, `MAX_RATIO`).
    """
    first, second = path[0] - path[1], path[1] - path[2]
    ratio = first / second if second else np.inf
    if not 1.0 < ratio < MAX_RATIO:
        return float(np.polyval(np.polyfit(EXTRA_ERRORS, path, 2), -1.0))
    c = 2.0 / (ratio - 1.0)
    b = first * c * (c + 1.0)
    return float(path[0] - b / c + b / (c - 1.0))


def _by_group(sample: Sample, controls: Floats, question: Question) -> list[_Moments]:
    """Return the moments of each jackknife group of people."""
    known, true = validated_sessions(sample, question)
    ratings = sample.level[:, None] == np.array(LEVELS)
    columns = np.column_stack([controls, ratings, sample.outcome])
    group, groups = assign_groups(sample.users, question, NAME)
    if missing := [k for k in np.unique(sample.level) if k not in LEVELS]:
        raise InputError(f"column {RATING!r}: {missing[0]:g} is not a level; allowed are {LEVELS}")
    return [
        _moments(columns[group == g], true[group[known] == g], sample.level[known][group[known] == g])
        for g in range(groups)
    ]


def _moments(columns: Floats, true: Floats, rated: Floats) -> _Moments:
    cell = (true.astype(int) - 1) * 5 + rated.astype(int) - 1
    return _Moments(columns.T @ columns, np.bincount(cell, minlength=25).reshape(5, 5).astype(np.float64))


STRATEGY: Final = Strategy(
    name=NAME,
    title="Simulation extrapolation (SIMEX)",
    arrows="expertise -> rated_expertise; expertise -> outcome; controls -> expertise; controls -> outcome;"
    " expertise -> domain_expertise",
    assumptions=(
        "rating errors are independent of the outcome and of the controls, given the true level",
        "validated sessions are like other sessions at the same true level",
        "the slope shrinks along the curve that is extrapolated",
        "the controls include every common cause of expertise and outcome: no hidden ability",
        "each true level has the same effect as the next",
    ),
    estimate=simex,
    source="Kuechenhoff, Mwalili and Lesaffre 2006 (doi:10.1111/j.1541-0420.2005.00396.x)",
    uses=("controls", "validation", "seed"),
)
