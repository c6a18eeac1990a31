"""Exact compression of a yes/no outcome: sessions that share all their codes become one cell with two counts.

The log odds η of a session depend only on its cell (`cells`), so n sessions of a cell with k successes add

    k log p + (n - k) log(1 - p) = k η - n log(1 + e^η),    ∂/∂η = k - n p,    p = 1 / (1 + e^-η),

whatever their order. The softplus log(1 + e^η) is computed as max(η, 0) + log(1 + e^-|η|), which neither overflows
nor loses digits, and the same e^-|η| gives p.

Not included: sessions of one user are taken as independent given their codes. Where users differ in ways that the
codes do not show, the intervals are somewhat too narrow, by about the square root of 1 + (m - 1) ρ, with m the number
of sessions of the user of a typical session and ρ the correlation within users (the design effect of Kish).
"""

import math

import numpy as np

from knowntruth.bayes.likelihoods.scatter import gather_predictors, scatter_gradient
from knowntruth.common.arrays import Floats, Ints


def value_and_gradient(
    beta: Floats, matrix: Floats, columns: Ints, sessions: Floats, successes: Floats
) -> tuple[float, Floats]:
    """Return the log likelihood of the sessions at θ = ``matrix`` β, and its derivative by β.

    Plain loops with one exponential and one logarithm per cell, for Numba to compile; uncompiled it is slow.
    """
    log_odds = gather_predictors(np.dot(matrix, beta), columns)
    value = 0.0
    surplus = np.empty(len(sessions))  # k - n p of each cell: ∂ value / ∂ η
    for cell in range(len(sessions)):
        small = math.exp(-abs(log_odds[cell]))
        softplus = max(log_odds[cell], 0.0) + math.log1p(small)
        value += successes[cell] * log_odds[cell] - sessions[cell] * softplus
        probability = (1.0 if log_odds[cell] > 0 else small) / (1.0 + small)
        surplus[cell] = successes[cell] - sessions[cell] * probability
    return value, np.dot(scatter_gradient(surplus, columns, len(matrix)), matrix)
