"""Sessions whose true level is not known: the likelihood of rating and outcomes, summed over the five levels.

Session s in cell x of the covariates has a latent true level t, a rating r, an outcome b (verified success) and an
outcome y (log actions). Rating and success are summed over t (a latent class model with nondifferential or, with
halo, differential misclassification; Carroll et al. 2006, *Measurement Error in Nonlinear Models*),

    P(r, b | x) = Σ_t w_t,    w_t = P(t | x) P(b | t, x) P(r | t, b),

where ``P(t > k | x)`` is logistic in a cut for k plus the covariates' own coefficients (the cumulative logit model;
McCullagh 1980, doi:10.1111/j.2517-6161.1980.tb01109.x). Activity is normal about its expectation given rating,
success and codes,

    y ~ N(Σ_t (w_t / Σw) (μ(t, x) + δ (b - P(b = 1 | t, x))), σ²),

so that μ(t, x) is its mean at a true level, whatever δ, the association with success beyond the level. A validated
session has a known t, so each sum has one term.

Only the *mean* of activity informs the level, on purpose. A mixture of five normals would fit the tail of any skewed
outcome by calling its sessions experts: in the world `randomized` such a likelihood estimated a true ratio of 2.4 as
10.0 ± 0.9, from 4,600 sessions of which 300 were validated.

What remains of the sessions are counts, means and squares of each kind (cell, rating, success, known level): the
compression is exact, and the cost does not grow with the study.

With the posterior of the level, π_t = w_t / Σw, and m = Σ_t π_t E_t, E_t = μ_t + δ (b - p_t), the log likelihood of a
kind with N sessions, mean ȳ and S = Σ(y - ȳ)² is

    N log Σw - N log(σ √2π) - [S + N (ȳ - m)²] / 2σ²,

and with g = N (ȳ - m) / σ², the derivative by m, the derivatives by log w_t and by E_t are

    ∂/∂ log w_t = π_t (N + g (E_t - m)),    ∂/∂ E_t = π_t g.

`sum_over_kinds` computes these; `predictor_gradients` carries them back to log odds, means, cuts and δ.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from knowntruth.bayes.likelihoods.fast_exp import exponential, logistic
from knowntruth.bayes.likelihoods.scatter import gather_predictors, scatter_gradient
from knowntruth.common.arrays import Floats, Ints

LEVELS: Final = 5

MIN_PROBABILITY: Final = 1e-100
"""Of a level in a cell, of an outcome, and of a rating, so that the logarithm of their product is finite."""


@dataclass(frozen=True, slots=True)
class SessionKinds:
    """Sessions alike in all codes: each kind's ``codes``, their number, the mean ȳ of log actions, and Σ(y - ȳ)².

    ``codes``, shape (kinds, 4), are cell, rating (from 0), success (0 or 1) and known level (from 1; 0 not known).
    """

    codes: Ints
    sessions: Floats
    activity_means: Floats
    squares: Floats


def compress(codes: Ints, activity: Floats) -> SessionKinds:
    """Return the kinds of sessions with the given codes, shape (n, 4), and log actions y."""
    distinct, kind = np.unique(codes, axis=0, return_inverse=True)
    kind = kind.ravel()
    sessions = np.bincount(kind).astype(np.float64)
    activity_means = np.bincount(kind, weights=activity) / sessions
    return SessionKinds(
        distinct, sessions, activity_means, np.bincount(kind, weights=np.square(activity - activity_means[kind]))
    )


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
    activity_means: Floats,
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
        Logarithm of P(rating | true level, success), shape (success, true level, rating) = (2, 5, 5).
    by_success
        δ, the difference of log actions between success and failure at the same level.
    columns
        Positions of the covariates' groups, shape (cells, covariates).
    crossed
        Position of each cell's first coefficient of its group × level; -1 where the effect does not vary.
    codes, sessions, activity_means, squares
        The kinds of sessions (see `Rated`).
    """
    theta, activity_theta = np.dot(matrix, beta), np.dot(activity_matrix, activity_beta)
    shift = gather_predictors(np.dot(level_matrix, level_beta), columns)
    log_odds, means = (
        predictors_at_levels(theta, columns, crossed),
        predictors_at_levels(activity_theta, columns, crossed),
    )
    chance, above = level_probabilities(cuts, shift)
    both = success_probabilities(log_odds)
    odds = both[1]
    expected = activity_given_success(means, odds, by_success)
    by_logs, by_expected = np.zeros(expected.shape), np.zeros(expected.shape)
    value, squared_error, by_confusion = sum_over_kinds(
        both * chance,
        confusion,
        expected,
        session_scale,
        codes,
        sessions,
        activity_means,
        squares,
        by_logs,
        by_expected,
    )
    count = np.sum(sessions)
    value -= (
        count * (math.log(session_scale) + 0.5 * math.log(2.0 * math.pi)) + 0.5 * squared_error / session_scale**2
    )
    by_odds, by_means, by_shift, by_cuts, by_delta = predictor_gradients(
        by_logs, by_expected, chance, odds, above, by_success
    )
    return (
        value,
        np.dot(coefficient_gradient(by_odds, columns, crossed, len(theta)), matrix),
        np.dot(coefficient_gradient(by_means, columns, crossed, len(theta)), activity_matrix),
        np.dot(scatter_gradient(by_shift, columns, len(theta)), level_matrix),
        squared_error / session_scale**3 - count / session_scale,
        by_cuts,
        by_confusion,
        by_delta,
    )


def predictor_gradients(
    by_logs: Floats, by_expected: Floats, chance: Floats, odds: Floats, above: Floats, by_success: float
) -> tuple[Floats, Floats, Floats, Floats, float]:
    """Return the derivatives by log odds, mean activity, shift, cuts and δ, from ∂/∂ log w and ∂/∂ E.

    Both have shape (2, cells, levels), failure first. With the success probability p = ``odds`` at each level,

        ∂/∂ log odds = ∂_success - p (∂_success + ∂_failure) - δ p (1 - p) (∂E_success + ∂E_failure),

    as log P(b) has the derivative b - p, and E contains -δ p. P(t) is a difference of neighbouring cumulative
    probabilities a_k = P(t > k), a_{t-1} - a_t, and ∂a_k / ∂ cut_k = a_k (1 - a_k). So a cut's derivative is that
    times the difference of ∂/∂P between the levels on its two sides; a cell's shift moves all four cuts alike.
    """
    by_odds, by_means = np.empty(chance.shape), np.empty(chance.shape)  # by log odds of success, and by μ
    by_shift, by_cuts, by_delta = np.zeros(len(chance)), np.zeros(LEVELS - 1), 0.0
    for c in range(len(chance)):
        before = 0.0  # ∂/∂P of the level below
        for t in range(LEVELS):
            own, either = by_expected[0, c, t] + by_expected[1, c, t], by_logs[0, c, t] + by_logs[1, c, t]
            spread = odds[c, t] * (1.0 - odds[c, t])
            by_odds[c, t] = by_logs[1, c, t] - either * odds[c, t] - by_success * own * spread
            by_means[c, t] = own
            by_delta += by_expected[1, c, t] - own * odds[c, t]
            each = either / chance[c, t]  # ∂/∂P(t) from ∂/∂ log P(t)
            if t > 0:
                slope = above[c, t - 1] * (1.0 - above[c, t - 1]) * (each - before)
                by_shift[c] += slope
                by_cuts[t - 1] += slope
            before = each
    return by_odds, by_means, by_shift, by_cuts, by_delta


def activity_given_success(means: Floats, odds: Floats, by_success: float) -> Floats:
    """Return E = μ + δ (b - p), the expected log actions, shape (2, cells, levels), failure first."""
    found = np.empty((2, len(means), LEVELS))
    for c in range(len(means)):
        for t in range(LEVELS):
            found[0, c, t] = means[c, t] - by_success * odds[c, t]
            found[1, c, t] = means[c, t] + by_success * (1.0 - odds[c, t])
    return found


def sum_over_kinds(
    joint: Floats,
    confusion: Floats,
    expected: Floats,
    session_scale: float,
    codes: Ints,
    sessions: Floats,
    activity_means: Floats,
    squares: Floats,
    by_logs: Floats,
    by_expected: Floats,
) -> tuple[float, float, Floats]:
    """Return Σ log P(rating, success), Σ (y - m)², and the log likelihood's derivative by ``confusion``.

    ``joint`` and ``expected``, shape (2, cells, levels), are P(level, success) and E; the derivatives by log
    ``joint`` and by E are added to ``by_logs`` and ``by_expected``. There are far more kinds than cells, so all
    exponentials are taken before the loop, which needs one logarithm per kind.
    """
    value, squared_error = 0.0, 0.0
    # π of one kind; P(rating | level, success), levels last so that the inner loop reads neighbours; ∂ by its log
    share, rated, by_rated = np.empty(LEVELS), rating_probabilities(confusion), np.zeros(confusion.shape)
    for kind in range(len(codes)):
        c, r, b = codes[kind, 0], codes[kind, 1], codes[kind, 2]
        whole, mean = posterior_of_levels(joint[b, c], rated[b, r], expected[b, c], codes[kind, 3], share)
        value += sessions[kind] * math.log(whole)
        miss = activity_means[kind] - mean  # ȳ - m
        squared_error += squares[kind] + sessions[kind] * miss * miss
        pull = sessions[kind] * miss / session_scale**2  # g
        for t in range(LEVELS):
            slope = share[t] * (sessions[kind] + pull * (expected[b, c, t] - mean))
            by_logs[b, c, t] += slope
            by_rated[b, r, t] += slope
            by_expected[b, c, t] += share[t] * pull
    return value, squared_error, np.ascontiguousarray(by_rated.transpose(0, 2, 1))


def rating_probabilities(confusion: Floats) -> Floats:
    """Return P(rating | true level, success), shape (2, ratings, levels); the logarithm has levels before ratings."""
    found = np.empty(confusion.shape)
    for b in range(len(found)):
        for t in range(LEVELS):
            for r in range(LEVELS):
                found[b, r, t] = max(math.exp(confusion[b, t, r]), MIN_PROBABILITY)
    return found


def posterior_of_levels(
    joint: Floats, rated: Floats, expected: Floats, known: int, share: Floats
) -> tuple[float, float]:
    """Set ``share`` to π, the levels' posterior; return Σw, the probability of what was seen, and m.

    Where the level is known (``known`` counts from 1), π is 1 at it, and the sums have its term alone.
    """
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


def predictors_at_levels(theta: Floats, columns: Ints, crossed: Ints) -> Floats:
    """Return the linear predictor of each cell at each level, shape (cells, levels)."""
    base = gather_predictors(theta, columns)
    found = np.empty((len(columns), LEVELS))
    for c in range(len(columns)):
        for t in range(LEVELS):
            found[c, t] = base[c] + theta[1 + t]
            if crossed[c] >= 0:
                found[c, t] += theta[crossed[c] + t]
    return found


def coefficient_gradient(slopes: Floats, columns: Ints, crossed: Ints, size: int) -> Floats:
    """Return the derivative by each coefficient from that by `predictors_at_levels`."""
    found = scatter_gradient(slopes.sum(axis=1), columns, size)
    for c in range(len(columns)):
        for t in range(LEVELS):
            found[1 + t] += slopes[c, t]
            if crossed[c] >= 0:
                found[crossed[c] + t] += slopes[c, t]
    return found


def level_probabilities(cuts: Floats, shift: Floats) -> tuple[Floats, Floats]:
    """Return P(t) in each cell, and a_k = P(t > k) = logistic(cut_k + shift) for k = 1, 2, 3, 4."""
    above, chance = np.empty((len(shift), LEVELS - 1)), np.empty((len(shift), LEVELS))
    logistic(-cuts - shift.reshape(-1, 1), above)
    for c in range(len(shift)):
        for t in range(LEVELS):
            high = 1.0 if t == 0 else above[c, t - 1]
            low = 0.0 if t == LEVELS - 1 else above[c, t]
            chance[c, t] = max(high - low, MIN_PROBABILITY)
    return chance, above


def success_probabilities(log_odds: Floats) -> Floats:
    """Return the probabilities of failure and success in each cell at each level, shape (2, cells, levels)."""
    found = np.empty((2, *log_odds.shape))
    exponential(-log_odds, found[0])
    for c in range(len(log_odds)):
        for t in range(LEVELS):
            success = 1.0 / (1.0 + found[0, c, t])
            found[0, c, t] = max(found[0, c, t] * success, MIN_PROBABILITY)
            found[1, c, t] = max(success, MIN_PROBABILITY)
    return found


PARTS: Final = (
    rating_probabilities, posterior_of_levels, sum_over_kinds, predictor_gradients, activity_given_success,
    predictors_at_levels, coefficient_gradient, level_probabilities, success_probabilities,
)  # fmt: skip
"""What Numba must know before it compiles the likelihood."""
