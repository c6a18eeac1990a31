"""The whole likelihood of the measurement model, from the sampler's parameters to sessions and validation pairs.

The shares of the five levels and the probabilities of each rating are sampled as logarithms that are not normalised.
Here they become cuts and a table of log P(rating | true level, success) with halo in it, which `misclassification`
takes:

    share_t = exp(level_log_t) / Σ exp(level_log),    cut_k = log(P(t > k) / P(t ≤ k)),
    log P(r | t, b) = rating_log_tr + b × halo × (r - middle) - log Σ_r' (the same of r').

A validation sample whose pairs come from outside the data adds the sum of log P(r | t, b) over its pairs. Where
success is not recorded, the probability is averaged over it, Σ_b P(b | t) P(r | t, b), with P(b | t) that of an
average session at each true level. Each step has its function, and each function its reverse, which carries
derivatives back.
"""

import math
from typing import Final

import numpy as np

from knowntruth.bayes.likelihoods.misclassification import LEVELS
from knowntruth.bayes.likelihoods.misclassification import value_and_gradient as sessions_value_and_gradient
from knowntruth.common.arrays import Floats, Ints

MIDDLE_RATING: Final = 2
"""The rating, counted from 0, that halo leaves alone; it acts on another in proportion to its distance."""


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
    activity_means: Floats,
    squares: Floats,
) -> tuple[float, Floats, Floats, Floats, float, Floats, Floats, float, float]:
    """Return the log likelihood of sessions and validation pairs, and its eight derivatives.

    ``level_logs``, shape (5,), and the rows of ``rating_logs``, shape (5, 5), are logarithms of shares up to a
    constant; ``pairs`` are counts of the validation sample (see `validation`). The rest is as in `misclassification`.
    """
    shares, cuts = shares_and_cuts(level_logs)
    confusion = confusion_with_halo(rating_logs, halo)
    value, by_beta, by_activity, by_level, by_scale, by_cuts, by_confusion, by_delta = sessions_value_and_gradient(
        beta, activity_beta, level_beta, session_scale, cuts, confusion, by_success, matrix, activity_matrix,
        level_matrix, columns, crossed, codes, sessions, activity_means, squares,
    )  # fmt: skip
    seen, by_average, by_seen = validation_log_likelihood(mean_log_odds(beta), confusion, pairs)
    add_mean_gradient(by_average, by_beta)
    by_ratings, by_halo = rating_gradient(by_confusion + by_seen, confusion)
    return (
        value + seen, by_beta, by_activity, by_level, by_scale, share_gradient(by_cuts, shares), by_ratings, by_halo,
        by_delta,
    )  # fmt: skip


def shares_and_cuts(level_logs: Floats) -> tuple[Floats, Floats]:
    """Return the shares of the levels, and the log odds of a level above 1, 2, 3, 4."""
    shares = np.exp(level_logs - np.max(level_logs))
    shares /= np.sum(shares)
    below = np.cumsum(shares)[:-1]
    return shares, np.log((1.0 - below) / below)


def share_gradient(by_cuts: Floats, shares: Floats) -> Floats:
    """Return the derivative by the logarithms of shares, from that by the cuts: the reverse of `shares_and_cuts`.

    With B_k = Σ_{t ≤ k} share_t and cut_k = log((1 - B_k) / B_k), ∂cut_k / ∂share_t = -1 / (B_k (1 - B_k)) for t ≤ k,
    so ``behind`` sums from the last cut down. The last line is the softmax: ∂/∂log_t = share_t (∂_t - Σ share ∂).
    """
    by_shares, behind = np.zeros(LEVELS), 0.0
    below = np.cumsum(shares)
    for k in range(LEVELS - 2, -1, -1):
        behind -= by_cuts[k] / (below[k] * (1.0 - below[k]))
        by_shares[k] = behind
    return shares * (by_shares - np.sum(shares * by_shares))


def confusion_with_halo(rating_logs: Floats, halo: float) -> Floats:
    """Return log P(rating | true level, success), shape (success, true level, rating) = (2, 5, 5)."""
    found = np.empty((2, LEVELS, LEVELS))
    for b in range(2):
        for t in range(LEVELS):
            for r in range(LEVELS):
                found[b, t, r] = rating_logs[t, r] + b * halo * (r - MIDDLE_RATING)
            highest = np.max(found[b, t])
            found[b, t] -= highest + math.log(np.sum(np.exp(found[b, t] - highest)))
    return found


def rating_gradient(by_confusion: Floats, confusion: Floats) -> tuple[Floats, float]:
    """Return the derivatives by the ratings' logarithms and by halo: the reverse of `confusion_with_halo`.

    Each row is a log-softmax, so ∂/∂log_r = ∂_r - P(r) Σ ∂; halo enters it with the factor b (r - middle).
    """
    by_ratings, by_halo = np.zeros((LEVELS, LEVELS)), 0.0
    for b in range(2):
        for t in range(LEVELS):
            whole = np.sum(by_confusion[b, t])
            for r in range(LEVELS):
                slope = by_confusion[b, t, r] - whole * math.exp(confusion[b, t, r])
                by_ratings[t, r] += slope
                by_halo += slope * b * (r - MIDDLE_RATING)
    return by_ratings, by_halo


def mean_log_odds(beta: Floats) -> Floats:
    """Return the log odds of success of an average session at each true level.

    β_0 is the log odds where every dummy is at its mean, at equal shares of the levels; β_1 … β_4 are the steps
    between levels. So a level's log odds are the sum of the steps below it, less the mean of these sums, plus β_0.
    """
    levels = np.zeros(LEVELS)
    for t in range(1, LEVELS):
        levels[t] = levels[t - 1] + beta[t]
    return beta[0] + levels - np.mean(levels)


def add_mean_gradient(by_average: Floats, by_beta: Floats) -> None:
    """Add to ``by_beta`` the derivative through `mean_log_odds`.

    Step t counts in the levels from t up, ``above``, and in (5 - t) / 5 of the mean that is subtracted.
    """
    whole, above = np.sum(by_average), 0.0
    by_beta[0] += whole
    for t in range(LEVELS - 1, 0, -1):
        above += by_average[t]
        by_beta[t] += above - whole * (LEVELS - t) / LEVELS


def validation_log_likelihood(log_odds: Floats, confusion: Floats, pairs: Floats) -> tuple[float, Floats, Floats]:
    """Return the log likelihood of the pairs, and its derivatives by ``log_odds`` and ``confusion``.

    ``pairs[0]`` and ``pairs[1]`` are counts without and with success, whose derivative by log P is the count itself;
    ``pairs[2]`` are those with success not recorded, log [p P(r | t, 1) + (1 - p) P(r | t, 0)], whose derivatives are
    the posterior probabilities of success and failure.
    """
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
    sessions_value_and_gradient, shares_and_cuts, share_gradient, confusion_with_halo, rating_gradient, mean_log_odds,
    add_mean_gradient, validation_log_likelihood,
)  # fmt: skip
"""What Numba must know before it compiles the likelihood."""
