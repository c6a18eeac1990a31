"""Sessions whose true level is not known: the likelihood of rating and outcomes, summed over the five levels.

Session s in group x of the covariates has a true level t that nobody saw, a rating r, an outcome b (verified success)
and an outcome y (log actions). With chances of the levels, of the rating and of the outcomes,

    P(r, b, y | x) = Σ_t P(t | x) P(r | t, b) P(b | t, x) N(y; μ(t, x), σ²).

``P(t > k | x)`` is logistic in a cut for k plus the covariates' own coefficients. A session that was audited has a
known t, so its sum has one term. The first and third factor depend on codes alone and are computed once a cell and
level; what is left a session are five exponentials (`exponential`), since y is a number of its own.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from knowntruth.bayes.exponential import FAR, exponential
from knowntruth.bayes.layout import Codes, Reals
from knowntruth.bayes.sums import over_blocks, over_cells

LEVELS: Final = 5

BLOCK: Final = 512
"""Sessions at a time, whose numbers fit into a processor's cache."""

SMALLEST_CHANCE: Final = 1e-300
"""Of a level in a cell, so that its logarithm exists."""


@dataclass(frozen=True, slots=True)
class Rated:
    """Each session's ``cell``, ``rating`` (from 0), ``known`` level (from 1; 0 not known), and two outcomes."""

    cell: Codes
    rating: Codes
    known: Codes
    activity: Reals
    success: Reals


def value_and_gradient(
    beta: Reals,
    activity_beta: Reals,
    level_beta: Reals,
    session_scale: float,
    cuts: Reals,
    confusion: Reals,
    matrix: Reals,
    activity_matrix: Reals,
    level_matrix: Reals,
    columns: Codes,
    crossed: Codes,
    cell: Codes,
    rating: Codes,
    known: Codes,
    activity: Reals,
    success: Reals,
) -> tuple[float, Reals, Reals, Reals, float, Reals, Reals]:
    """Return the log likelihood of the sessions, and its six derivatives.

    Parameters
    ----------
    beta, activity_beta
        Coefficients of the log odds of success and of log actions.
    level_beta
        Coefficients of the covariates for the true level; ``cuts``, shape (4,), are the log odds of a level above
        1, 2, 3, 4 where these are 0.
    confusion
        Logarithm of P(rating | true level, success), shape (2, 5, 5), in that order from the back.
    columns
        Positions of the covariates' groups, shape (cells, covariates).
    crossed
        Position of each cell's first coefficient of its group × level; -1 where the effect does not vary.
    """
    theta, activity_theta = np.dot(matrix, beta), np.dot(activity_matrix, activity_beta)
    lean = over_blocks(np.dot(level_matrix, level_beta), columns)
    log_odds, means = at_levels(theta, columns, crossed), at_levels(activity_theta, columns, crossed)
    chance, above = level_chances(cuts, lean)
    table = cell_terms(chance, log_odds)
    by_table, by_means, by_confusion = np.zeros(table.shape), np.zeros(means.shape), np.zeros(confusion.shape)
    away, logs, weight = np.empty((BLOCK, LEVELS)), np.empty((BLOCK, LEVELS)), np.empty((BLOCK, LEVELS))
    value, by_scale = 0.0, 0.0
    for begin in range(0, len(cell), BLOCK):
        end = min(begin + BLOCK, len(cell))
        for s in range(begin, end):
            c, r, b, i = cell[s], rating[s], 1 if success[s] > 0.5 else 0, s - begin
            highest = -np.inf
            for t in range(LEVELS):
                away[i, t] = (activity[s] - means[c, t]) / session_scale
                logs[i, t] = table[b, c, t] + confusion[b, t, r] - 0.5 * away[i, t] * away[i, t]
                if known[s] == 0 or known[s] == t + 1:
                    highest = max(highest, logs[i, t])
            value += highest
            for t in range(LEVELS):
                logs[i, t] = logs[i, t] - highest if known[s] == 0 or known[s] == t + 1 else -FAR
        exponential(logs[: end - begin], weight[: end - begin])
        for s in range(begin, end):
            c, r, b, i = cell[s], rating[s], 1 if success[s] > 0.5 else 0, s - begin
            whole = 0.0
            for t in range(LEVELS):
                whole += weight[i, t]
            value += math.log(whole)
            for t in range(LEVELS):
                share = weight[i, t] / whole
                by_table[b, c, t] += share
                by_confusion[b, t, r] += share
                by_means[c, t] += share * away[i, t] / session_scale
                by_scale += share * away[i, t] * away[i, t] / session_scale
    value -= len(cell) * (math.log(session_scale) + 0.5 * math.log(2.0 * math.pi))
    by_chance = (by_table[0] + by_table[1]) / chance
    by_odds = by_table[1] - (by_table[0] + by_table[1]) / (1.0 + np.exp(-log_odds))
    by_cuts = above * (1.0 - above) * (by_chance[:, 1:] - by_chance[:, :-1])
    return (
        value,
        np.dot(from_levels(by_odds, columns, crossed, len(theta)), matrix),
        np.dot(from_levels(by_means, columns, crossed, len(theta)), activity_matrix),
        np.dot(over_cells(by_cuts.sum(axis=1), columns, len(theta)), level_matrix),
        by_scale - len(cell) / session_scale,
        by_cuts.sum(axis=0),
        by_confusion,
    )


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


PARTS: Final = (at_levels, from_levels, level_chances, cell_terms)
"""What Numba must know before it compiles the likelihood."""
