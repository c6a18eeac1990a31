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

from knowntruth.bayes.likelihoods.fast_exp import exponential, logistic
from knowntruth.bayes.likelihoods.scatter import over_blocks, over_cells
from knowntruth.common.arrays import Floats, Ints

LEVELS: Final = 5

MIN_CHANCE: Final = 1e-100
"""Of a level in a cell, of an outcome, and of a rating, so that the logarithm of their product exists."""


@dataclass(frozen=True, slots=True)
class Rated:
    """Sessions alike in all codes: each kind's ``codes``, how many, the mean of y, and Σ(y - mean)².

    ``codes``, shape (kinds, 4), are cell, rating (from 0), success (0 or 1) and known level (from 1; 0 not known).
    """

    codes: Ints
    sessions: Floats
    middle: Floats
    squares: Floats


def compress(codes: Ints, activity: Floats) -> Rated:
    """Return the kinds of sessions with the given codes, shape (n, 4), and outcomes y."""
    distinct, kind = np.unique(codes, axis=0, return_inverse=True)
    kind = kind.ravel()
    sessions = np.bincount(kind).astype(np.float64)
    middle = np.bincount(kind, weights=activity) / sessions
    return Rated(distinct, sessions, middle, np.bincount(kind, weights=np.square(activity - middle[kind])))


def value_and_gradient(
    beta: Floats,
    activity_beta: Floats,
    level_beta: Floats,
    session_scale: float,
    cuts: Floats,
    confusion: Floats,
    by_success: float,
    matrix: Floats,
    activity_matrix: Floats,
    level_matrix: Floats,
    columns: Ints,
    crossed: Ints,
    codes: Ints,
    sessions: Floats,
    middle: Floats,
    squares: Floats,
) -> tuple[float, Floats, Floats, Floats, float, Floats, Floats, float]:
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
    chance, above = level_chances(cuts, lean)
    both = success_chances(log_odds)
    odds = both[1]
    expected = given_success(means, odds, by_success)
    by_logs, by_expected = np.zeros(expected.shape), np.zeros(expected.shape)
    value, off, by_confusion = over_kinds(
        both * chance, confusion, expected, session_scale, codes, sessions, middle, squares, by_logs, by_expected
    )
    count = np.sum(sessions)
    value -= count * (math.log(session_scale) + 0.5 * math.log(2.0 * math.pi)) + 0.5 * off / session_scale**2
    by_odds, by_means, by_lean, by_cuts, by_own = by_predictors(by_logs, by_expected, chance, odds, above, by_success)
    return (
        value,
        np.dot(from_levels(by_odds, columns, crossed, len(theta)), matrix),
        np.dot(from_levels(by_means, columns, crossed, len(theta)), activity_matrix),
        np.dot(over_cells(by_lean, columns, len(theta)), level_matrix),
        off / session_scale**3 - count / session_scale,
        by_cuts,
        by_confusion,
        by_own,
    )


def by_predictors(
    by_logs: Floats, by_expected: Floats, chance: Floats, odds: Floats, above: Floats, by_success: float
) -> tuple[Floats, Floats, Floats, Floats, float]:
    """Return the derivatives by log odds, mean activity, lean, cuts and δ from those by what follows from them."""
    by_odds, by_means = np.empty(chance.shape), np.empty(chance.shape)
    by_lean, by_cuts, by_own = np.zeros(len(chance)), np.zeros(LEVELS - 1), 0.0
    for c in range(len(chance)):
        before = 0.0
        for t in range(LEVELS):
            own, either = by_expected[0, c, t] + by_expected[1, c, t], by_logs[0, c, t] + by_logs[1, c, t]
            spread = odds[c, t] * (1.0 - odds[c, t])
            by_odds[c, t] = by_logs[1, c, t] - either * odds[c, t] - by_success * own * spread
            by_means[c, t] = own
            by_own += by_expected[1, c, t] - own * odds[c, t]
            each = either / chance[c, t]
            if t > 0:
                slope = above[c, t - 1] * (1.0 - above[c, t - 1]) * (each - before)
                by_lean[c] += slope
                by_cuts[t - 1] += slope
            before = each
    return by_odds, by_means, by_lean, by_cuts, by_own


def given_success(means: Floats, odds: Floats, by_success: float) -> Floats:
    """Return the mean of activity in each cell at each level, shape (2, cells, levels), without success first."""
    found = np.empty((2, len(means), LEVELS))
    for c in range(len(means)):
        for t in range(LEVELS):
            found[0, c, t] = means[c, t] - by_success * odds[c, t]
            found[1, c, t] = means[c, t] + by_success * (1.0 - odds[c, t])
    return found


def over_kinds(
    joint: Floats,
    confusion: Floats,
    expected: Floats,
    session_scale: float,
    codes: Ints,
    sessions: Floats,
    middle: Floats,
    squares: Floats,
    by_logs: Floats,
    by_expected: Floats,
) -> tuple[float, float, Floats]:
    """Return Σ log P(rating, success), Σ (y - expected y)², and the log likelihood's derivative by ``confusion``.

    ``joint`` and ``expected``, shape (2, cells, levels), are P(level, success) and expected activity; the derivatives
    by the former's logarithm and by the latter are added to ``by_logs`` and ``by_expected``. There are far more kinds
    than cells, so all exponentials are taken before, and of a kind one logarithm is left.
    """
    value, off = 0.0, 0.0
    share, rated, by_rated = np.empty(LEVELS), by_rating(confusion), np.zeros(confusion.shape)
    for kind in range(len(codes)):
        c, r, b = codes[kind, 0], codes[kind, 1], codes[kind, 2]
        whole, mean = shares(joint[b, c], rated[b, r], expected[b, c], codes[kind, 3], share)
        value += sessions[kind] * math.log(whole)
        miss = middle[kind] - mean
        off += squares[kind] + sessions[kind] * miss * miss
        pull = sessions[kind] * miss / session_scale**2
        for t in range(LEVELS):
            slope = share[t] * (sessions[kind] + pull * (expected[b, c, t] - mean))
            by_logs[b, c, t] += slope
            by_rated[b, r, t] += slope
            by_expected[b, c, t] += share[t] * pull
    return value, off, np.ascontiguousarray(by_rated.transpose(0, 2, 1))


def by_rating(confusion: Floats) -> Floats:
    """Return P(rating | true level, success), shape (2, ratings, levels), from its logarithm with levels first."""
    found = np.empty(confusion.shape)
    for b in range(len(found)):
        for t in range(LEVELS):
            for r in range(LEVELS):
                found[b, r, t] = max(math.exp(confusion[b, t, r]), MIN_CHANCE)
    return found


def shares(joint: Floats, rated: Floats, expected: Floats, known: int, share: Floats) -> tuple[float, float]:
    """Set ``share`` to the levels' chances given what was seen; return the chance of that, and expected activity."""
    whole, mean = 0.0, 0.0
    if known > 0:
        share[:] = 0.0
        share[known - 1] = 1.0
        return joint[known - 1] * rated[known - 1], expected[known - 1]
    for t in range(LEVELS):
        share[t] = joint[t] * rated[t]
        whole += share[t]
        mean += share[t] * expected[t]
    inverse = 1.0 / whole
    for t in range(LEVELS):
        share[t] *= inverse
    return whole, mean * inverse


def at_levels(theta: Floats, columns: Ints, crossed: Ints) -> Floats:
    """Return the linear predictor of each cell at each level, shape (cells, levels)."""
    base = over_blocks(theta, columns)
    found = np.empty((len(columns), LEVELS))
    for c in range(len(columns)):
        for t in range(LEVELS):
            found[c, t] = base[c] + theta[1 + t]
            if crossed[c] >= 0:
                found[c, t] += theta[crossed[c] + t]
    return found


def from_levels(slopes: Floats, columns: Ints, crossed: Ints, size: int) -> Floats:
    """Return the derivative by each coefficient from that by `at_levels`."""
    found = over_cells(slopes.sum(axis=1), columns, size)
    for c in range(len(columns)):
        for t in range(LEVELS):
            found[1 + t] += slopes[c, t]
            if crossed[c] >= 0:
                found[crossed[c] + t] += slopes[c, t]
    return found


def level_chances(cuts: Floats, lean: Floats) -> tuple[Floats, Floats]:
    """Return the chance of each level in each cell, and of a level above 1, 2, 3, 4."""
    above, chance = np.empty((len(lean), LEVELS - 1)), np.empty((len(lean), LEVELS))
    logistic(-cuts - lean.reshape(-1, 1), above)
    for c in range(len(lean)):
        for t in range(LEVELS):
            high = 1.0 if t == 0 else above[c, t - 1]
            low = 0.0 if t == LEVELS - 1 else above[c, t]
            chance[c, t] = max(high - low, MIN_CHANCE)
    return chance, above


def success_chances(log_odds: Floats) -> Floats:
    """Return the chances without and with success in each cell at each level, shape (2, cells, levels)."""
    found = np.empty((2, *log_odds.shape))
    exponential(-log_odds, found[0])
    for c in range(len(log_odds)):
        for t in range(LEVELS):
            success = 1.0 / (1.0 + found[0, c, t])
            found[0, c, t] = max(found[0, c, t] * success, MIN_CHANCE)
            found[1, c, t] = max(success, MIN_CHANCE)
    return found


PARTS: Final = (
    by_rating, shares, over_kinds, by_predictors, given_success, at_levels, from_levels, level_chances,
    success_chances,
)  # fmt: skip
"""What Numba must know before it compiles the likelihood."""
