"""Sessions whose true level is not known: the likelihood of rating and outcomes, summed over the five levels.

Session s in group x of the covariates has a true level t that nobody saw, a rating r, an outcome b (verified success)
and an outcome y (log actions). Rating and success are summed over t,

    P(r, b | x) = Σ_t w_t,    w_t = P(t | x) P(b | t, x) P(r | t, b),

where ``P(t > k | x)`` is logistic in a cut for k plus the covariates' own coefficients. Activity is normal about what
rating, success and codes lead one to expect of it,

    y ~ N(Σ_t (w_t / Σw) (μ(t, x) + δ (b - P(b = 1 | t, x))), σ²),

so that μ(t, x) is its mean at a true level, whatever δ, the part that it shares with success beyond the level. An
audited session has a known t, so each sum has one term.

Only the *mean* of activity tells of the level, and on purpose. Five normals, mixed, would fit the tail of any
skewed outcome by calling its sessions experts: in the world `randomized` such a likelihood made of a true ratio of
2.4 one of 10.0 ± 0.9, from 4,600 sessions of which 300 were audited.

All that is left of the sessions are counts, means and squares of each kind (cell, rating, success, known level): the
compression is exact, and the cost does not grow with the study.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from knowntruth.bayes.layout import Codes, Reals
from knowntruth.bayes.sums import over_blocks, over_cells

LEVELS: Final = 5

SMALLEST_CHANCE: Final = 1e-300
"""Of a level in a cell, so that its logarithm exists."""


@dataclass(frozen=True, slots=True)
class Rated:
    """Sessions alike in all codes: each kind's ``codes``, how many, the mean of y, and Σ(y - mean)².

    ``codes``, shape (kinds, 4), are cell, rating (from 0), success (0 or 1) and known level (from 1; 0 not known).
    """

    codes: Codes
    sessions: Reals
    middle: Reals
    squares: Reals


def compress(codes: Codes, activity: Reals) -> Rated:
    """Return the kinds of sessions with the given codes, shape (n, 4), and outcomes y."""
    distinct, kind = np.unique(codes, axis=0, return_inverse=True)
    kind = kind.ravel()
    sessions = np.bincount(kind).astype(np.float64)
    middle = np.bincount(kind, weights=activity) / sessions
    return Rated(distinct, sessions, middle, np.bincount(kind, weights=np.square(activity - middle[kind])))


def value_and_gradient(
    beta: Reals,
    activity_beta: Reals,
    level_beta: Reals,
    session_scale: float,
    cuts: Reals,
    confusion: Reals,
    by_success: float,
    matrix: Reals,
    activity_matrix: Reals,
    level_matrix: Reals,
    columns: Codes,
    crossed: Codes,
    codes: Codes,
    sessions: Reals,
    middle: Reals,
    squares: Reals,
) -> tuple[float, Reals, Reals, Reals, float, Reals, Reals, float]:
    """Return the log likelihood of the sessions, and its seven derivatives.

    Parameters
    ----------
    beta, activity_beta
        Coefficients of the log odds of success and of log actions.
    level_beta
        Coefficients of the covariates for the true level; ``cuts``, shape (4,), are the log odds of a level above
        1, 2, 3, 4 where these are 0.
    confusion
        Logarithm of P(rating | true level, success), shape (2, 5, 5), in that order from the back.
    by_success
        δ, by how much a success moves log actions at the same level.
    columns
        Positions of the covariates' groups, shape (cells, covariates).
    crossed
        Position of each cell's first coefficient of its group × level; -1 where the effect does not vary.
    codes, sessions, middle, squares
        The kinds of sessions (see `Rated`).
    """
    theta, activity_theta = np.dot(matrix, beta), np.dot(activity_matrix, activity_beta)
    lean = over_blocks(np.dot(level_matrix, level_beta), columns)
    log_odds, means = at_levels(theta, columns, crossed), at_levels(activity_theta, columns, crossed)
    odds = 1.0 / (1.0 + np.exp(-log_odds))
    chance, above = level_chances(cuts, lean)
    expected = given_success(means, odds, by_success)
    logs, by_expected, by_confusion = (
        cell_terms(chance, log_odds),
        np.zeros(expected.shape),
        np.zeros(confusion.shape),
    )
    by_logs = np.zeros(logs.shape)
    value, off = over_kinds(
        logs, confusion, expected, session_scale, codes, sessions, middle, squares, by_logs, by_confusion, by_expected
    )
    count = np.sum(sessions)
    value -= count * (math.log(session_scale) + 0.5 * math.log(2.0 * math.pi)) + 0.5 * off / session_scale**2
    by_means, either = by_expected[0] + by_expected[1], by_logs[0] + by_logs[1]
    by_chance = either / chance
    by_odds = by_logs[1] - either * odds - by_success * by_means * odds * (1.0 - odds)
    by_cuts = above * (1.0 - above) * (by_chance[:, 1:] - by_chance[:, :-1])
    return (
        value,
        np.dot(from_levels(by_odds, columns, crossed, len(theta)), matrix),
        np.dot(from_levels(by_means, columns, crossed, len(theta)), activity_matrix),
        np.dot(over_cells(by_cuts.sum(axis=1), columns, len(theta)), level_matrix),
        off / session_scale**3 - count / session_scale,
        by_cuts.sum(axis=0),
        by_confusion,
        np.sum(by_expected[1]) - np.sum(by_means * odds),
    )


def given_success(means: Reals, odds: Reals, by_success: float) -> Reals:
    """Return the mean of activity in each cell at each level, shape (2, cells, levels), without success first."""
    found = np.empty((2, len(means), LEVELS))
    for c in range(len(means)):
        for t in range(LEVELS):
            found[0, c, t] = means[c, t] - by_success * odds[c, t]
            found[1, c, t] = means[c, t] + by_success * (1.0 - odds[c, t])
    return found


def over_kinds(
    logs: Reals,
    confusion: Reals,
    expected: Reals,
    session_scale: float,
    codes: Codes,
    sessions: Reals,
    middle: Reals,
    squares: Reals,
    by_logs: Reals,
    by_confusion: Reals,
    by_expected: Reals,
) -> tuple[float, float]:
    """Return Σ log P(rating, success) and Σ (y - expected y)², and add the derivatives of the log likelihood.

    ``logs`` and ``expected``, shape (2, cells, levels), are log P(level, success) and expected activity.
    """
    value, off = 0.0, 0.0
    share = np.empty(LEVELS)
    for kind in range(len(codes)):
        c, r, b = codes[kind, 0], codes[kind, 1], codes[kind, 2]
        value += sessions[kind] * shares(logs, confusion, c, r, b, codes[kind, 3], share)
        mean = 0.0
        for t in range(LEVELS):
            mean += share[t] * expected[b, c, t]
        miss = middle[kind] - mean
        off += squares[kind] + sessions[kind] * miss * miss
        pull = sessions[kind] * miss / session_scale**2
        for t in range(LEVELS):
            slope = share[t] * (sessions[kind] + pull * (expected[b, c, t] - mean))
            by_logs[b, c, t] += slope
            by_confusion[b, t, r] += slope
            by_expected[b, c, t] += share[t] * pull
    return value, off


def shares(logs: Reals, confusion: Reals, c: int, r: int, b: int, known: int, share: Reals) -> float:
    """Set ``share`` to the levels' chances given what was seen; return the logarithm of the chance of that."""
    highest, whole = -np.inf, 0.0
    for t in range(LEVELS):
        share[t] = logs[b, c, t] + confusion[b, t, r] if known == 0 or known == t + 1 else -np.inf
        highest = max(highest, share[t])
    for t in range(LEVELS):
        share[t] = math.exp(share[t] - highest)
        whole += share[t]
    for t in range(LEVELS):
        share[t] /= whole
    return highest + math.log(whole)


def at_levels(theta: Reals, columns: Codes, crossed: Codes) -> Reals:
    """Return the linear predictor of each cell at each level, shape (cells, levels)."""
    base = over_blocks(theta, columns)
    found = np.empty((len(columns), LEVELS))
    for c in range(len(columns)):
        for t in range(LEVELS):
            found[c, t] = base[c] + theta[1 + t]
            if crossed[c] >= 0:
                found[c, t] += theta[crossed[c] + t]
    return found


def from_levels(slopes: Reals, columns: Codes, crossed: Codes, size: int) -> Reals:
    """Return the derivative by each coefficient from that by `at_levels`."""
    found = over_cells(slopes.sum(axis=1), columns, size)
    for c in range(len(columns)):
        for t in range(LEVELS):
            found[1 + t] += slopes[c, t]
            if crossed[c] >= 0:
                found[crossed[c] + t] += slopes[c, t]
    return found


def level_chances(cuts: Reals, lean: Reals) -> tuple[Reals, Reals]:
    """Return the chance of each level in each cell, and of a level above 1, 2, 3, 4."""
    above, chance = np.empty((len(lean), LEVELS - 1)), np.empty((len(lean), LEVELS))
    for c in range(len(lean)):
        for t in range(LEVELS - 1):
            above[c, t] = 1.0 / (1.0 + math.exp(-cuts[t] - lean[c]))
        for t in range(LEVELS):
            high = 1.0 if t == 0 else above[c, t - 1]
            low = 0.0 if t == LEVELS - 1 else above[c, t]
            chance[c, t] = max(high - low, SMALLEST_CHANCE)
    return chance, above


def cell_terms(chance: Reals, log_odds: Reals) -> Reals:
    """Return log P(level) + log P(success | level) in each cell, shape (2, cells, levels), success first."""
    found = np.empty((2, len(chance), LEVELS))
    for c in range(len(chance)):
        for t in range(LEVELS):
            smaller = math.log1p(math.exp(-abs(log_odds[c, t])))
            found[0, c, t] = math.log(chance[c, t]) - max(log_odds[c, t], 0.0) - smaller
            found[1, c, t] = math.log(chance[c, t]) - max(-log_odds[c, t], 0.0) - smaller
    return found


PARTS: Final = (shares, over_kinds, given_success, at_levels, from_levels, level_chances, cell_terms)
"""What Numba must know before it compiles the likelihood."""
