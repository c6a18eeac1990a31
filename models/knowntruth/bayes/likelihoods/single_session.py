"""The integral of users with a single session, four in ten of all sessions: a quotient of two polynomials.

With odds z = exp(-t) against what the session showed, and Gauss-Hermite nodes in pairs ±x of one weight,

    Σ_q weight_q / (1 + e_q z) = P(z) / Q(z),    e_q = exp(-spread × node_q),    Q(z) = Π_q (1 + e_q z).

Since nodes are symmetric, the same quotient serves success and failure. The coefficients of P and Q are the same for
all users, so a session costs two divisions and Horner's sums, and not one division per node. All coefficients and
odds are positive, so nothing cancels. With dz/dt = -z, the derivatives of log(P / Q) are

    ∂ / ∂ t = z (Q'/Q - P'/P),    ∂ / ∂ spread = P_spread / P - Q_spread / Q,

where P_spread and Q_spread are the polynomials of the coefficients' derivatives.

Written for Numba, which compiles it into `quadrature`.
"""

from typing import Final

import numpy as np

from knowntruth.bayes.likelihoods.fast_exp import log_of_product
from knowntruth.common.arrays import Floats

MAX_LOG_ODDS_SINGLE: Final = 40.0
"""Log odds against what was shown from which on the highest powers leave double precision, with up to 15 nodes.

e^(40 × 15) = e^600, and the coefficients need the rest up to e^709.
"""

COEFFICIENTS_PER_PASS: Final = 4
"""Coefficients that are processed in one pass over the users: four fit into registers with the sums."""


def integrate_single(
    odds: Floats, signs: Floats, spread: float, nodes: Floats, weights: Floats
) -> tuple[float, Floats, float]:
    """Return the users' log likelihood, its derivative by each session's log odds, and that by the spread.

    ``odds``, shape (users,), are those against what each session showed: a success where its sign is 1.
    """
    upper, lower, upper_spread, lower_spread = polynomial_coefficients(spread, nodes, weights)
    above, above_slope = evaluate_polynomial(upper, odds)
    below, below_slope = evaluate_polynomial(lower, odds)
    above_moved, below_moved = evaluate_polynomial(upper_spread, odds)[0], evaluate_polynomial(lower_spread, odds)[0]
    slopes, moved = np.empty(len(odds)), np.empty(len(odds))  # ∂ by log odds of success, and by the spread
    for i in range(len(odds)):
        over, under = 1.0 / above[i], 1.0 / below[i]
        slopes[i] = signs[i] * odds[i] * (below_slope[i] * under - above_slope[i] * over)
        moved[i] = above_moved[i] * over - below_moved[i] * under
        above[i] *= under  # P / Q
    return log_of_product(above), slopes, np.dot(moved, np.ones(len(moved)))


def polynomial_coefficients(spread: float, nodes: Floats, weights: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the coefficients of P and Q, lowest power first, and their derivatives by ``spread``.

    Each is of shape (coefficients,), their number rounded up to a multiple of `COEFFICIENTS_PER_PASS`. Nodes are
    multiplied in one by one: P becomes P (1 + e z) + weight Q, and Q becomes Q (1 + e z), with de/dspread = -node × e
    in the derivatives. Coefficients are updated from the highest power down, so that each still reads the old one
    below.
    """
    size = len(nodes) + 1 + -(len(nodes) + 1) % COEFFICIENTS_PER_PASS
    upper, lower, upper_spread, lower_spread = np.zeros(size), np.zeros(size), np.zeros(size), np.zeros(size)
    lower[0] = 1.0
    for q in range(len(nodes)):
        pulled = np.exp(-spread * nodes[q])  # e
        turned = -nodes[q] * pulled  # de/dspread
        for j in range(q + 1, 0, -1):
            upper_spread[j] += pulled * upper_spread[j - 1] + turned * upper[j - 1] + weights[q] * lower_spread[j]
            upper[j] += pulled * upper[j - 1] + weights[q] * lower[j]
            lower_spread[j] += pulled * lower_spread[j - 1] + turned * lower[j - 1]
            lower[j] += pulled * lower[j - 1]
        upper[0] += weights[q] * lower[0]
    return upper, lower, upper_spread, lower_spread


def evaluate_polynomial(coefficients: Floats, at: Floats) -> tuple[Floats, Floats]:
    """Return a polynomial, lowest coefficient first, and its derivative at each ``at``.

    Horner's scheme, value ← value z + coefficient, and for the derivative slope ← slope z + value, each with the
    value before the update. Four steps are taken per pass over the users: the intermediate values stay in registers.
    """
    values, slopes = np.zeros(len(at)), np.zeros(len(at))
    for j in range(len(coefficients) - COEFFICIENTS_PER_PASS, -1, -COEFFICIENTS_PER_PASS):
        a, b, c, d = coefficients[j], coefficients[j + 1], coefficients[j + 2], coefficients[j + 3]
        for i in range(len(at)):
            z = at[i]
            first = values[i] * z + d
            second = first * z + c
            third = second * z + b
            slopes[i] = (((slopes[i] * z + values[i]) * z + first) * z + second) * z + third
            values[i] = third * z + a
    return values, slopes


PARTS: Final = (polynomial_coefficients, evaluate_polynomial, integrate_single)
"""What Numba must know before it compiles the likelihood."""
