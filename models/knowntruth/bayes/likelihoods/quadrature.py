"""One integral per user, for many users at a time: the probability of a user's outcomes, over a normal user effect.

By Gauss-Hermite quadrature (Abramowitz and Stegun 1964, 25.4.46, over a standard normal) the integral of user i is

    whole_i = Σ_q weight_q Π_s p_sq,    p_sq = 1 / (1 + exp(-(t_s + sign_s × spread × node_q))),

where t_s is the log odds of what session s showed, at the mean of the user effect, and the sign is 1 for a success
and -1 for a failure. With 1 - p_sq, the probability of what session s did *not* show, the derivatives of the sum are

    ∂ whole_i / ∂ t_s = Σ_q weight_q Π_s' p_s'q × (1 - p_sq),
    ∂ whole_i / ∂ spread = Σ_q weight_q Π_s' p_s'q × node_q Σ_s sign_s (1 - p_sq),

and those of log whole_i are these over whole_i. Three tricks make it fast:

- Users with equally many sessions stand side by side, session by session, so every inner loop runs along an array.
- exp(-(t + sign × reach)) = exp(-t) × exp(-sign × reach): one exponential per session, however many nodes there are.
- Nodes come in pairs ±x of one weight, and a pair shares its division: with odds a and b against what was shown,
  1 / (1 + a) = (1 + b) / [(1 + a)(1 + b)] and 1 / (1 + b) = (1 + a) / [(1 + a)(1 + b)].

Users with a single session are simpler still (`single_session`). Written for Numba, which compiles it into
`user_effects`.
"""

import math
from typing import Final

import numpy as np

from knowntruth.bayes.likelihoods.fast_exp import MAX_EXPONENT, any_below, exponential, log_of_product
from knowntruth.bayes.likelihoods.single_session import MAX_LOG_ODDS_SINGLE, integrate_single
from knowntruth.common.arrays import Floats

MAX_LOG_ODDS: Final = 300.0
"""Log odds against what was shown from which on the product of two odds leaves double precision (e^709)."""

MIN_PRODUCT: Final = 1e-290
"""Below this a user's probabilities are multiplied as logarithms: doubles end at 1e-308."""


def gauss_hermite(nodes: int) -> tuple[Floats, Floats]:
    """Return nodes and weights of Gauss-Hermite quadrature over a standard normal, in pairs about 0.

    Examples
    --------
    >>> nodes, weights = gauss_hermite(7)
    >>> round(float(weights @ nodes**2), 9)  # the variance of a standard normal
    1.0
    """
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    return points, weights / weights.sum()


def integrate(
    toward: Floats, signs: Floats, spread: float, nodes: Floats, weights: Floats, users: int
) -> tuple[float, Floats, float]:
    """Return the users' log likelihood, its derivative by each session's log odds, and that by the spread.

    ``toward`` holds t, shape (sessions of a user × users,): first all users' first sessions, then their second. The
    derivative by t_s is signed: it is that by the log odds of *success*, sign_s × ∂ / ∂ t_s.
    """
    if any_below(toward, -MAX_LOG_ODDS):
        return integrate_in_logs(toward, signs, spread, nodes, weights, users)
    exponents, odds = -toward, np.empty(len(toward))  # odds against what was shown, e^-t
    exponential(exponents, odds)
    if users == len(toward) and not any_below(toward, -MAX_LOG_ODDS_SINGLE):
        return integrate_single(odds, signs, spread, nodes, weights)
    # of one pair of nodes: 1 - p of each session, and weight × product of p of each user; upper node first
    missed, part = np.empty((2, len(toward))), np.empty((2, users))
    # sums over nodes: each user's integral, its derivative by the spread, and those by each session's log odds
    whole, moved, slopes = np.zeros(users), np.zeros(users), np.zeros(len(toward))
    for q in range(len(nodes) // 2, len(nodes)):
        weight = weights[q] * (
            0.5 if 2 * q + 1 == len(nodes) else 1.0
        )  # the middle node 0 is both halves of its pair
        multiply_probabilities(odds, signs, math.exp(-spread * nodes[q]), weight, missed, part)
        add_pair(signs, nodes[q], missed, part, whole, moved, slopes)
    if any_below(whole, MIN_PRODUCT):
        return integrate_in_logs(toward, signs, spread, nodes, weights, users)
    shares = 1.0 / whole  # from derivatives of the integral to those of its logarithm
    for first in range(0, len(slopes), users):
        own = slopes[first : first + users]
        for i in range(users):
            own[i] *= shares[i]
    return log_of_product(whole), slopes, np.dot(moved, shares)


def multiply_probabilities(
    odds: Floats, signs: Floats, pulled: float, weight: float, missed: Floats, part: Floats
) -> None:
    """Set ``missed`` to 1 - p of each session at a pair of nodes, ``part`` to each user's weight × product of p.

    Shapes are (2, sessions) and (2, users), upper node first. ``odds`` are those against what sessions showed at the
    mean of the user effect; at the upper node x > 0 those against a success are multiplied by ``pulled`` =
    exp(-spread × x), those against a failure divided by it, and the other way round at the lower node.
    """
    users, pushed = part.shape[1], 1.0 / pulled
    upper, lower = part[0], part[1]
    for i in range(users):
        upper[i] = weight
        lower[i] = weight
    for first in range(0, len(odds), users):
        own, sign = odds[first : first + users], signs[first : first + users]
        over, under = missed[0, first : first + users], missed[1, first : first + users]
        for i in range(users):
            above = own[i] * (pulled if sign[i] > 0 else pushed)
            below = own[i] * (pushed if sign[i] > 0 else pulled)
            chance = 1.0 / ((1.0 + above) * (1.0 + below))  # the pair's one division
            upper[i] *= chance * (1.0 + below)
            lower[i] *= chance * (1.0 + above)
            over[i] = chance * (1.0 + below) * above
            under[i] = chance * (1.0 + above) * below


def add_pair(
    signs: Floats, node: float, missed: Floats, part: Floats, whole: Floats, moved: Floats, slopes: Floats
) -> None:
    """Add a pair's terms to each user's integral, and to its derivatives by spread and by the log odds of success.

    The lower node is -x, hence the minus sign in the derivative by the spread.
    """
    users, upper, lower = len(whole), part[0], part[1]
    for i in range(users):
        whole[i] += upper[i] + lower[i]
    for first in range(0, len(signs), users):
        sign, out = signs[first : first + users], slopes[first : first + users]
        over, under = missed[0, first : first + users], missed[1, first : first + users]
        for i in range(users):
            rise, fall = sign[i] * upper[i] * over[i], sign[i] * lower[i] * under[i]
            out[i] += rise + fall
            moved[i] += node * (rise - fall)


def integrate_in_logs(
    toward: Floats, signs: Floats, spread: float, nodes: Floats, weights: Floats, users: int
) -> tuple[float, Floats, float]:
    """Return what `integrate` does where products of probabilities underflow; slowly.

    Logarithms of weight × product are taken relative to the largest (log-sum-exp); ``parts`` are then the posterior
    probabilities of the nodes, which weigh each node's derivatives.
    """
    value, by_spread, slopes = 0.0, 0.0, np.zeros(len(toward))
    logs = np.empty(len(nodes))
    for i in range(users):
        for q in range(len(nodes)):
            logs[q] = math.log(weights[q])
            for k in range(i, len(toward), users):
                at = toward[k] + signs[k] * spread * nodes[q]
                logs[q] += min(at, 0.0) - math.log1p(math.exp(-abs(at)))
        highest = np.max(logs)
        parts = np.exp(logs - highest)
        value += highest + math.log(np.sum(parts))
        parts /= np.sum(parts)
        for k in range(i, len(toward), users):
            for q in range(len(nodes)):
                at = min(toward[k] + signs[k] * spread * nodes[q], MAX_EXPONENT)
                slope = signs[k] * parts[q] / (1.0 + math.exp(at))
                slopes[k] += slope
                by_spread += nodes[q] * slope
    return value, slopes, by_spread


PARTS: Final = (multiply_probabilities, add_pair, integrate_in_logs, integrate)
"""What Numba must know before it compiles the likelihood."""
