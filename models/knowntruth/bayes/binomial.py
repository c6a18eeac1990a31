"""Exact compression of a yes/no outcome: sessions that share all their codes become one cell with two counts.

The log odds of a session depend only on its level and its groups, so n sessions of a cell with k successes add
k log p + (n - k) log(1 - p), whatever their order. There are at most 5 × 24 × 9 × 4 × 7 cells, so the cost of a
step stops growing with the study.

What this leaves out: sessions of one user are taken as independent given their codes. Where users differ in ways
that the codes do not show, the intervals are somewhat too narrow, about by the square root of 1 + (m - 1) ρ, with m
the sessions of a typical session's user and ρ the correlation within users.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowntruth.bayes.design import Design, Reals


@dataclass(frozen=True, slots=True)
class BinomialStatistics:
    """Cells: ``columns`` (cells, covariates + 1) are positions in the vector of coefficients, level first.

    ``sessions`` and ``successes``, shape (cells,), count; ``means`` is the mean of each coefficient's dummy over
    all sessions, 0 for the intercept.
    """

    columns: npt.NDArray[np.int64]
    sessions: Reals
    successes: Reals
    means: Reals


def compress(design: Design) -> BinomialStatistics:
    """Return the cells of ``design``, in the order of their codes."""
    rows = np.stack(design.columns, axis=1)
    shape = (len(design.coefficients),) * rows.shape[1]
    keys, members = np.unique(np.ravel_multi_index(tuple(rows.T), shape), return_inverse=True)
    columns = np.stack(np.unravel_index(keys, shape), axis=1).astype(np.int64)
    sessions = np.bincount(members).astype(np.float64)
    successes = np.bincount(members, weights=design.outcome)
    means = np.zeros(len(design.coefficients))
    for column in columns.T:
        means += np.bincount(column, weights=sessions, minlength=len(means)) / design.sessions
    return BinomialStatistics(columns=columns, sessions=sessions, successes=successes, means=means)


def value_and_gradient(
    beta: Reals, matrix: Reals, columns: npt.NDArray[np.int64], sessions: Reals, successes: Reals
) -> tuple[float, Reals]:
    """Return the log likelihood of the sessions at θ = ``matrix`` β, and its derivative by β.

    Plain loops with one exponential and one logarithm a cell, for Numba to compile; uncompiled it is slow.
    """
    theta = np.dot(matrix, beta)
    value = 0.0
    by_theta = np.zeros(len(theta))
    for cell in range(len(sessions)):
        log_odds = theta[0]
        for j in range(columns.shape[1]):
            log_odds += theta[columns[cell, j]]
        small = math.exp(-abs(log_odds))
        value += successes[cell] * log_odds - sessions[cell] * (max(log_odds, 0.0) + math.log1p(small))
        probability = (1.0 if log_odds > 0 else small) / (1.0 + small)
        surplus = successes[cell] - sessions[cell] * probability
        by_theta[0] += surplus
        for j in range(columns.shape[1]):
            by_theta[columns[cell, j]] += surplus
    return value, np.dot(by_theta, matrix)
