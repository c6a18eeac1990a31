"""The whole likelihood of the measurement model: from what is drawn to chances of levels and ratings, and back.

Shares of the five levels and the chances of each rating are drawn as logarithms that need not sum to anything; here
they become cuts and a table of log P(rating | true level, success) with halo in it, which `misclassified` takes. An
audit whose pairs stand beside the data adds the logarithm of those chances; where it does not tell success, they are
averaged over it, with the chance of an average session at each true level.
"""

import math
from typing import Final

import numpy as np

from knowntruth.bayes.likelihoods.misclassification import LEVELS
from knowntruth.bayes.likelihoods.misclassification import value_and_gradient as of_sessions
from knowntruth.common.arrays import Floats, Ints

MIDDLE: Final = 2
"""The rating, counted from 0, that halo leaves alone; it pulls on another in proportion to its distance."""


def value_and_gradient(
    beta: Floats,
    activity_beta: Floats,
    level_beta: Floats,
    session_scale: float,
    level_logs: Floats,
    rating_logs: Floats,
    halo: float,
    by_success: float,
    pairs: Floats,
    matrix: Floats,
    activity_matrix: Floats,
    level_matrix: Floats,
    columns: Ints,
    crossed: Ints,
    codes: Ints,
    sessions: Floats,
    middle: Floats,
    squares: Floats,
) -> tuple[float, Floats, Floats, Floats, float, Floats, Floats, float, float]:
    """Return the log likelihood of sessions and audit, and its eight derivatives.

    ``level_logs``, shape (5,), and the rows of ``rating_logs``, shape (5, 5), are logarithms of shares but for a
    constant; ``pairs`` are counts of the audit (see `audit`). The rest is as in `misclassified`.
    """
    shares, cuts = cuts_of(level_logs)
    confusion = tilted(rating_logs, halo)
    value, by_beta, by_activity, by_level, by_scale, by_cuts, by_confusion, by_own = of_sessions(
        beta, activity_beta, level_beta, session_scale, cuts, confusion, by_success, matrix, activity_matrix,
        level_matrix, columns, crossed, codes, sessions, middle, squares,
    )  # fmt: skip
    seen, by_average, by_seen = audited(average_log_odds(beta), confusion, pairs)
    add_average(by_average, by_beta)
    by_ratings, by_halo = from_tilted(by_confusion + by_seen, confusion)
    return (
        value + seen, by_beta, by_activity, by_level, by_scale, from_cuts(by_cuts, shares), by_ratings, by_halo,
        by_own,
    )  # fmt: skip


def cuts_of(level_logs: Floats) -> tuple[Floats, Floats]:
    """Return the shares of the levels, and the log odds of a level above 1, 2, 3, 4."""
    shares = np.exp(level_logs - np.max(level_logs))
    shares /= np.sum(shares)
    below = np.cumsum(shares)[:-1]
    return shares, np.log((1.0 - below) / below)


def from_cuts(by_cuts: Floats, shares: Floats) -> Floats:
    """Return the derivative by the logarithms of shares from that by `cuts_of`."""
    by_shares, behind = np.zeros(LEVELS), 0.0
    below = np.cumsum(shares)
    for k in range(LEVELS - 2, -1, -1):
        behind -= by_cuts[k] / (below[k] * (1.0 - below[k]))
        by_shares[k] = behind
    return shares * (by_shares - np.sum(shares * by_shares))


def tilted(rating_logs: Floats, halo: float) -> Floats:
    """Return log P(rating | true level, success), shape (2, 5, 5), success first."""
    found = np.empty((2, LEVELS, LEVELS))
    for b in range(2):
        for t in range(LEVELS):
            for r in range(LEVELS):
                found[b, t, r] = rating_logs[t, r] + b * halo * (r - MIDDLE)
            highest = np.max(found[b, t])
            found[b, t] -= highest + math.log(np.sum(np.exp(found[b, t] - highest)))
    return found


def from_tilted(by_confusion: Floats, confusion: Floats) -> tuple[Floats, float]:
    """Return the derivatives by the ratings' logarithms and by halo from that by `tilted`."""
    by_ratings, by_halo = np.zeros((LEVELS, LEVELS)), 0.0
    for b in range(2):
        for t in range(LEVELS):
            whole = np.sum(by_confusion[b, t])
            for r in range(LEVELS):
                slope = by_confusion[b, t, r] - whole * math.exp(confusion[b, t, r])
                by_ratings[t, r] += slope
                by_halo += slope * b * (r - MIDDLE)
    return by_ratings, by_halo


def average_log_odds(beta: Floats) -> Floats:
    """Return the log odds of success of an average session at each true level."""
    levels = np.zeros(LEVELS)
    for t in range(1, LEVELS):
        levels[t] = levels[t - 1] + beta[t]
    return beta[0] + levels - np.mean(levels)


def add_average(by_average: Floats, by_beta: Floats) -> None:
    """Add to ``by_beta`` what the derivative by `average_log_odds` comes to."""
    whole, above = np.sum(by_average), 0.0
    by_beta[0] += whole
    for t in range(LEVELS - 1, 0, -1):
        above += by_average[t]
        by_beta[t] += above - whole * (LEVELS - t) / LEVELS


def audited(log_odds: Floats, confusion: Floats, pairs: Floats) -> tuple[float, Floats, Floats]:
    """Return the log likelihood of the audit's pairs, and its derivatives by ``log_odds`` and ``confusion``."""
    value, by_odds, by_confusion = 0.0, np.zeros(LEVELS), pairs[:2].copy()
    for t in range(LEVELS):
        success = 1.0 / (1.0 + math.exp(-log_odds[t]))
        for r in range(LEVELS):
            value += pairs[0, t, r] * confusion[0, t, r] + pairs[1, t, r] * confusion[1, t, r]
            with_it, without = success * math.exp(confusion[1, t, r]), (1.0 - success) * math.exp(confusion[0, t, r])
            either = with_it + without
            value += pairs[2, t, r] * math.log(either)
            by_confusion[1, t, r] += pairs[2, t, r] * with_it / either
            by_confusion[0, t, r] += pairs[2, t, r] * without / either
            by_odds[t] += pairs[2, t, r] * (with_it * (1.0 - success) - without * success) / either
    return value, by_odds, by_confusion


PARTS: Final = (
    of_sessions, cuts_of, from_cuts, tilted, from_tilted, average_log_odds, add_average, audited,
)  # fmt: skip
"""What Numba must know before it compiles the likelihood."""
