"""The integral of users with a single session, four in ten of all sessions: a quotient of two polynomials.

With odds z = exp(-t) against what the session showed, and Gauss-Hermite nodes in pairs ±x of one weight,

    Σ_q weight_q / (1 + e_q z) = P(z) / Q(z),    e_q = exp(-spread × node_q),    Q(z) = Π_q (1 + e_q z),

whose coefficients are the same for all users: two divisions a session in place of one a node, and Horner's sums
between them. All coefficients are positive, and so are all odds, so nothing cancels in P and Q.

Written for Numba, which compiles it into `quadrature`.
"""

from typing import Final

import numpy as np

from knowntruth.bayes.likelihoods.fast_exp import log_of_product
from knowntruth.common.arrays import Floats

FARTHEST_SINGLE: Final = 40.0
"""Log odds against what was shown from which on the highest powers leave double precision, with up to 15 nodes."""

TOGETHER: Final = 4
"""Coefficients that are taken in one pass over the users."""


def integrate_single(
    odds: Floats, signs: Floats, spread: float, nodes: Floats, weights: Floats
) -> tuple[float, Floats, float]:
    """Return the users' log likelihood, its derivative by each session's log odds, and that by the spread.

    ``odds``, shape (users,), are those against what each session showed: a success where its sign is 1.
    """
    upper, lower, upper_spread, lower_spread = polynomials(spread, nodes, weights)
    above, above_slope = horner(upper, odds)
    below, below_slope = horner(lower, odds)
    above_moved, below_moved = horner(upper_spread, odds)[0], horner(lower_spread, odds)[0]
    slopes, moved = np.empty(len(odds)), np.empty(len(odds))
    for i in range(len(odds)):
        over, under = 1.0 / above[i], 1.0 / below[i]
        slopes[i] = signs[i] * odds[i] * (below_slope[i] * under - above_slope[i] * over)
        moved[i] = above_moved[i] * over - below_moved[i] * under
        above[i] *= under
    return log_of_product(above), slopes, np.dot(moved, np.ones(len(moved)))


def polynomials(spread: float, nodes: Floats, weights: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the coefficients of P and Q, lowest power first, and their derivatives by ``spread``.

    Each is of shape (coefficients,), their number rounded up to a multiple of `TOGETHER`.
    """
    size = len(nodes) + 1 + -(len(nodes) + 1) % TOGETHER
    upper, lower, upper_spread, lower_spread = np.zeros(size), np.zeros(size), np.zeros(size), np.zeros(size)
    lower[0] = 1.0
    for q in range(len(nodes)):
        # P becomes P (1 + e z) + weight Q, and Q becomes Q (1 + e z)
        pulled = np.exp(-spread * nodes[q])
        turned = -nodes[q] * pulled
        for j in range(q + 1, 0, -1):
            upper_spread[j] += pulled * upper_spread[j - 1] + turned * upper[j - 1] + weights[q] * lower_spread[j]
            upper[j] += pulled * upper[j - 1] + weights[q] * lower[j]
            lower_spread[j] += pulled * lower_spread[j - 1] + turned * lower[j - 1]
            lower[j] += pulled * lower[j - 1]
        upper[0] += weights[q] * lower[0]
    return upper, lower, upper_spread, lower_spread


def horner(coefficients: Floats, at: Floats) -> tuple[Floats, Floats]:
    """Return a polynomial, lowest coefficient first, and its derivative at each ``at``.

    Coefficients are taken four at a time, as many as stand in a processor's registers beside the sums.
    """
    values, slopes = np.zeros(len(at)), np.zeros(len(at))
    for j in range(len(coefficients) - TOGETHER, -1, -TOGETHER):
        a, b, c, d = coefficients[j], coefficients[j + 1], coefficients[j + 2], coefficients[j + 3]
        for i in range(len(at)):
            z = at[i]
            first = values[i] * z + d
            second = first * z + c
            third = second * z + b
            slopes[i] = (((slopes[i] * z + values[i]) * z + first) * z + second) * z + third
            values[i] = third * z + a
    return values, slopes


PARTS: Final = (polynomials, horner, integrate_single)
"""What Numba must know before it compiles the likelihood."""
