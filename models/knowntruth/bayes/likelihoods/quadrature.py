"""One user's integral, for many users at a time: chances of what sessions showed, over a normal trait.

    log Σ_q weight_q Π_s 1 / (1 + exp(-(t_s + sign_s × spread × node_q)))

``t_s`` is the log odds of what session s showed, with sign 1 for a success and -1 else, at the trait's middle. Users
with equally many sessions stand side by side, session by session, so that every loop runs along an array; and since
exp(-(t + sign × reach)) = exp(-t) × exp(-sign × reach), a session needs one exponential however many nodes there are.
Nodes come in pairs ±x of one weight, and a pair shares its divisions: with odds a and b against what was shown,
1 / (1 + a) = (1 + b) / [(1 + a)(1 + b)]. Users with a single session are simpler still (`single`).

Written for Numba, which compiles it into `traits`.
"""

import math
from typing import Final

import numpy as np

from knowntruth.bayes.likelihoods.fast_exp import FAR, any_below, exponential, log_of_product
from knowntruth.bayes.likelihoods.single_session import FARTHEST_SINGLE, integrate_single
from knowntruth.common.arrays import Floats

FARTHEST: Final = 300.0
"""Log odds against what was shown from which on odds are too large a number to multiply two of them."""

MIN_PRODUCT: Final = 1e-290
"""Below it a user's chances are multiplied as logarithms."""


def hermite(nodes: int) -> tuple[Floats, Floats]:
    """Return nodes and weights of Gauss-Hermite quadrature over a standard normal, in pairs about 0."""
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    return points, weights / weights.sum()


def integrate(
    toward: Floats, signs: Floats, spread: float, nodes: Floats, weights: Floats, users: int
) -> tuple[float, Floats, float]:
    """Return the users' log likelihood, its derivative by each session's log odds, and that by the spread.

    ``toward`` holds t, shape (sessions of a user × users,): first all users' first sessions, then their second.
    """
    if any_below(toward, -FARTHEST):
        return in_logarithms(toward, signs, spread, nodes, weights, users)
    exponents, odds = -toward, np.empty(len(toward))
    exponential(exponents, odds)
    if users == len(toward) and not any_below(toward, -FARTHEST_SINGLE):
        return integrate_single(odds, signs, spread, nodes, weights)
    missed, part = np.empty((2, len(toward))), np.empty((2, users))
    whole, moved, slopes = np.zeros(users), np.zeros(users), np.zeros(len(toward))
    for q in range(len(nodes) // 2, len(nodes)):
        weight = weights[q] * (0.5 if 2 * q + 1 == len(nodes) else 1.0)  # the middle node is its own other half
        multiply(odds, signs, math.exp(-spread * nodes[q]), weight, missed, part)
        add_pair(signs, nodes[q], missed, part, whole, moved, slopes)
    if any_below(whole, MIN_PRODUCT):
        return in_logarithms(toward, signs, spread, nodes, weights, users)
    shares = 1.0 / whole
    for first in range(0, len(slopes), users):
        own = slopes[first : first + users]
        for i in range(users):
            own[i] *= shares[i]
    return log_of_product(whole), slopes, np.dot(moved, shares)


def multiply(odds: Floats, signs: Floats, pulled: float, weight: float, missed: Floats, part: Floats) -> None:
    """Set ``missed`` to the chances against what sessions showed at a pair of nodes, ``part`` to weighted products.

    Shapes are (2, sessions) and (2, users). ``odds`` are those against what sessions showed at the trait's middle;
    at the pair's upper node a success has ``pulled`` times as many, a failure as many fewer.
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
            chance = 1.0 / ((1.0 + above) * (1.0 + below))
            upper[i] *= chance * (1.0 + below)
            lower[i] *= chance * (1.0 + above)
            over[i] = chance * (1.0 + below) * above
            under[i] = chance * (1.0 + above) * below


def add_pair(
    signs: Floats, node: float, missed: Floats, part: Floats, whole: Floats, moved: Floats, slopes: Floats
) -> None:
    """Add a pair's share to each user's integral and to its derivatives by spread and log odds."""
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


def in_logarithms(
    toward: Floats, signs: Floats, spread: float, nodes: Floats, weights: Floats, users: int
) -> tuple[float, Floats, float]:
    """Return what `integrate` does where products of chances are too small a number; slowly."""
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
                at = min(toward[k] + signs[k] * spread * nodes[q], FAR)
                slope = signs[k] * parts[q] / (1.0 + math.exp(at))
                slopes[k] += slope
                by_spread += nodes[q] * slope
    return value, slopes, by_spread


PARTS: Final = (multiply, add_pair, in_logarithms, integrate)
"""What Numba must know before it compiles the likelihood."""
