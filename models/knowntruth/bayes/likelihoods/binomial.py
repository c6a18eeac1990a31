"""Exact compression of a yes/no outcome: sessions that share all their codes become one cell with two counts.

The log odds of a session depend only on its cell (`cells`), so n sessions of a cell with k successes add
k log p + (n - k) log(1 - p), whatever their order.

What this leaves out: sessions of one user are taken as independent given their codes. Where users differ in ways
that the codes do not show, the intervals are somewhat too narrow, about by the square root of 1 + (m - 1) ρ, with m
the sessions of a typical session's user and ρ the correlation within users.
"""

import math

import numpy as np

from knowntruth.bayes.likelihoods.scatter import over_blocks, over_cells
from knowntruth.common.arrays import Floats, Ints


def value_and_gradient(
    beta: Floats, matrix: Floats, columns: Ints, sessions: Floats, successes: Floats
) -> tuple[float, Floats]:
    """Return the log likelihood of the sessions at θ = ``matrix`` β, and its derivative by β.

    Plain loops with one exponential and one logarithm a cell, for Numba to compile; uncompiled it is slow.
    """
    log_odds = over_blocks(np.dot(matrix, beta), columns)
    value = 0.0
    surplus = np.empty(len(sessions))
    for cell in range(len(sessions)):
        small = math.exp(-abs(log_odds[cell]))
        softplus = max(log_odds[cell], 0.0) + math.log1p(small)
        value += successes[cell] * log_odds[cell] - sessions[cell] * softplus
        probability = (1.0 if log_odds[cell] > 0 else small) / (1.0 + small)
        surplus[cell] = successes[cell] - sessions[cell] * probability
    return value, np.dot(over_cells(surplus, columns, len(matrix)), matrix)
