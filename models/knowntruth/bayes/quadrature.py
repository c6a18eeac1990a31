"""One user's integral, for many users at a time: chances of what sessions showed, over a normal trait.

    log Σ_q weight_q Π_s 1 / (1 + exp(-(t_s + sign_s × spread × node_q)))

``t_s`` is the log odds of what session s showed, with sign 1 for a success and -1 else, at the trait's middle. Users
with equally many sessions stand side by side, session by session, so that every loop runs along an array; and since
exp(-(t + sign × reach)) = exp(-t) × exp(-sign × reach), a session needs one exponential however many nodes there are.

Written for Numba, which compiles it into `traits`.
"""

import math
from typing import Final

import numpy as np

from knowntruth.bayes.exponential import FAR, exponential
from knowntruth.bayes.layout import Reals

SMALLEST_PRODUCT: Final = 1e-290
"""Below it a user's chances are multiplied as logarithms."""


def hermite(nodes: int) -> tuple[Reals, Reals]:
    """Return nodes and weights of Gauss-Hermite quadrature over a standard normal."""
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    return points, weights / weights.sum()


def integrate(
    toward: Reals, signs: Reals, spread: float, nodes: Reals, weights: Reals, users: int
) -> tuple[float, Reals, float]:
    """Return the users' log likelihood, its derivative by each session's log odds, and that by the spread.

    ``toward`` holds t, shape (sessions of a user × users,): first all users' first sessions, then their second.
    """
    exponents, odds = -toward, np.empty(len(toward))
    exponential(exponents, odds)
    missed, part = np.empty(len(toward)), np.empty(users)
    whole, moved, slopes = np.zeros(users), np.zeros(users), np.zeros(len(toward))
    for q in range(len(nodes)):
        multiply(odds, signs, math.exp(-spread * nodes[q]), weights[q], missed, part)
        add_node(signs, nodes[q], missed, part, whole, moved, slopes)
    for i in range(users):
        if not whole[i] >= SMALLEST_PRODUCT:
            return in_logarithms(toward, signs, spread, nodes, weights, users)
    for k in range(0, len(slopes), users):
        for i in range(users):
            slopes[k + i] /= whole[i]
    return np.sum(np.log(whole)), slopes, np.sum(moved / whole)


def multiply(odds: Reals, signs: Reals, pulled: float, weight: float, missed: Reals, part: Reals) -> None:
    """Set ``missed`` to the chances against what sessions showed at a node, ``part`` to users' weighted products.

    ``odds`` are those against what each session showed at the trait's middle; at the node a success has ``pulled``
    times as many, a failure as many fewer.
    """
    users, pushed = len(part), 1.0 / pulled
    for i in range(users):
        part[i] = weight
    for first in range(0, len(odds), users):
        own, sign, out = odds[first : first + users], signs[first : first + users], missed[first : first + users]
        for i in range(users):
            chance = 1.0 / (1.0 + own[i] * (pulled if sign[i] > 0 else pushed))
            part[i] *= chance
            out[i] = 1.0 - chance


def add_node(
    signs: Reals, node: float, missed: Reals, part: Reals, whole: Reals, moved: Reals, slopes: Reals
) -> None:
    """Add a node's share to each user's integral and to its derivatives by spread and log odds."""
    users = len(part)
    for i in range(users):
        whole[i] += part[i]
    for first in range(0, len(signs), users):
        sign, miss, out = signs[first : first + users], missed[first : first + users], slopes[first : first + users]
        for i in range(users):
            slope = sign[i] * part[i] * miss[i]
            out[i] += slope
            moved[i] += node * slope


def in_logarithms(
    toward: Reals, signs: Reals, spread: float, nodes: Reals, weights: Reals, users: int
) -> tuple[float, Reals, float]:
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


PARTS: Final = (multiply, add_node, in_logarithms, integrate)
"""What Numba must know before it compiles the likelihood."""
