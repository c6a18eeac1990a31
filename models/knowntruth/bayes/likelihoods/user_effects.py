"""Correlated user effects: the likelihood of both outcomes, with each user's two effects integrated out.

A user has two effects, (u, v) ~ N(0, [[τ², ρτω], [ρτω, ω²]]): u adds to the logarithm of actions, v to the log odds
of success. The likelihood of both outcomes is that of the activities, which has a closed form, times that of the
successes given the activities. For a user with n sessions, residuals e_s of log actions from what the codes predict,
and their sum R = Σ e_s, it is

    log p(activities) = -½ [n log 2π + (n-1) log σ² + log(σ² + nτ²) + (Σ e_s² - R²/n) / σ² + R²/n / (σ² + nτ²)]

since the covariance of the n residuals, σ² I + τ² 11', has the eigenvalue σ² + nτ² along 1 and σ² across. Given the
activities, v is normal again (Gaussian conditioning on R, which is sufficient for u),

    v ~ N(κ R, s²),    κ = ρτω / (σ² + nτ²),    s² = ω² (1 - ρ² nτ² / (σ² + nτ²)),

which leaves one integral per user, of a product of n logistic probabilities over a normal:

    ∫ Π_s p(b_s | η_s + κR + s x) N(x; 0, 1) dx  ≈  Σ_q weight_q Π_s p(b_s | η_s + κR + s node_q).

Gauss-Hermite nodes make the sum exact for polynomials up to degree 2Q - 1 (`quadrature`); `joint.quadrature_error`
measures the remaining error by doubling them. Linear predictors are computed once per cell (`cells`), the integral
once per user: that is exact, and the compression can go no further, since R is each user's own.

Derivatives follow the same path backwards. With T = σ² + nτ² the chain rule needs, from each user,

    ∂κ/∂ρ = τω/T,   ∂κ/∂ω = ρτ/T,   ∂κ/∂τ = ρω (σ² - nτ²)/T²,   ∂κ/∂σ² = -κ/T,
    s = ω g,  g = √(1 - ρ² h),  h = nτ²/T:   ∂h/∂τ = 2nτ σ²/T²,   ∂h/∂σ² = -h/T.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from knowntruth.bayes.likelihoods.quadrature import integrate
from knowntruth.bayes.likelihoods.scatter import gather_predictors, scatter_gradient
from knowntruth.common.arrays import Floats, Ints

NODES: Final = 7
"""Quadrature nodes; `joint.quadrature_error` reports the error of their sum."""

SESSIONS_PER_BATCH: Final = 1024
"""Sessions that are processed at a time, so that their numbers fit into a processor's cache."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sessions in batches of users with equally many: batch b has ``users[b]`` users of ``repeats[b]`` sessions.

    A batch holds first all its users' first sessions, then their second, and so on. ``cell`` is each session's cell,
    ``activity`` its outcome on the model's scale, ``signs`` 1 for a success and -1 else; shape (sessions,).
    """

    repeats: Ints
    users: Ints
    cell: Ints
    activity: Floats
    signs: Floats


def batch_sessions(user: Ints, cell: Ints, activity: Floats, success: Floats) -> Sessions:
    """Return sessions, sorted by user, in batches."""
    sizes, starts = np.bincount(user), np.searchsorted(user, np.arange(user[-1] + 1))
    repeats, users, places = [], [], []
    for n in np.unique(sizes):
        own = starts[sizes == n]
        for part in np.array_split(own, -(-len(own) * n // SESSIONS_PER_BATCH)):
            repeats.append(n)
            users.append(len(part))
            places.append((part[None, :] + np.arange(n)[:, None]).ravel())
    order = np.concatenate(places)
    signs = 2.0 * success[order] - 1.0
    return Sessions(np.array(repeats), np.array(users), cell[order], activity[order], signs)


def value_and_gradient(
    beta: Floats,
    activity_beta: Floats,
    session_scale: float,
    activity_scale: float,
    user_scale: float,
    correlation: float,
    matrix: Floats,
    activity_matrix: Floats,
    columns: Ints,
    repeats: Ints,
    users: Ints,
    cell: Ints,
    activity: Floats,
    signs: Floats,
    nodes: Floats,
    weights: Floats,
) -> tuple[float, Floats, Floats, float, float, float, float]:
    """Return the log likelihood of both outcomes, and its six derivatives.

    ``beta`` are the coefficients of the log odds, ``activity_beta`` those of log actions; the spreads of users, τ =
    ``activity_scale`` and ω = ``user_scale``, may have either sign, which reverses that of ρ. The other symbols are
    those of the module's docstring. For Numba to compile.
    """
    log_odds = gather_predictors(np.dot(matrix, beta), columns)
    expected = gather_predictors(np.dot(activity_matrix, activity_beta), columns)
    tau, omega, variance = activity_scale, user_scale, session_scale**2
    by_cell = np.zeros((len(columns), 2))  # derivatives by each cell's log odds and expected log actions
    value, by_variance, by_tau, by_omega, by_correlation = 0.0, 0.0, 0.0, 0.0, 0.0  # by σ², τ, ω and ρ
    end = 0
    for b in range(len(repeats)):
        begin, end = end, end + repeats[b] * users[b]
        own, sign = cell[begin:end], signs[begin:end]
        n, shared = repeats[b], repeats[b] * tau**2  # nτ²
        total = variance + shared  # T
        kappa, left = correlation * tau * omega / total, np.sqrt(1.0 - correlation**2 * shared / total)
        apart, above = residuals(activity[begin:end], expected, own, users[b])
        toward = observed_log_odds(log_odds, own, sign, kappa * above)
        logs, slopes, by_spread = integrate(toward, sign, omega * left, nodes, weights, users[b])
        by_kappa = scatter_to_cells(slopes, apart, above, own, kappa, variance, tau**2 / total, by_cell)
        density, inside, by_total = activity_log_density(apart, above, n, variance, total)
        by_share = -by_spread * omega * correlation**2 / (2.0 * left)  # by h
        value += logs + density
        by_correlation += by_kappa * tau * omega / total - by_spread * omega * correlation * shared / (total * left)
        by_omega += by_kappa * correlation * tau / total + by_spread * left
        by_tau += by_kappa * correlation * omega * (variance - shared) / total**2
        by_tau += 2.0 * n * tau * (by_share * variance / total**2 + by_total)
        by_variance += inside + by_total - by_kappa * kappa / total - by_share * shared / total**2
    return (
        value,
        np.dot(scatter_gradient(by_cell[:, 0].copy(), columns, len(matrix)), matrix),
        np.dot(scatter_gradient(by_cell[:, 1].copy(), columns, len(matrix)), activity_matrix),
        2.0 * session_scale * by_variance,
        by_tau,
        by_omega,
        by_correlation,
    )


def activity_log_density(
    apart: Floats, above: Floats, n: int, variance: float, total: float
) -> tuple[float, float, float]:
    """Return the log density of users' activities, and its derivatives by σ² and by T = σ² + nτ².

    Within users the n - 1 deviations from a user's mean have variance σ², and the mean has T / n. The two parts are
    independent (an analysis of variance), so each has its own sum of squares and degrees of freedom.
    """
    # Σ R²/n over users, Σ e² - Σ R²/n, and the number of deviations
    between = np.dot(above, above) / n
    within, free = np.dot(apart, apart) - between, len(apart) - len(above)
    logs = free * np.log(variance) + len(above) * np.log(total) + len(apart) * np.log(2.0 * np.pi)
    value = -0.5 * (logs + within / variance + between / total)
    return value, 0.5 * (within / variance - free) / variance, 0.5 * (between / total - len(above)) / total


def residuals(activity: Floats, expected: Floats, cell: Ints, users: int) -> tuple[Floats, Floats]:
    """Return each activity's residual e_s from what its codes predict, and each user's sum R, shape (users,)."""
    apart, found = np.empty(len(cell)), np.zeros(users)
    for first in range(0, len(cell), users):
        own, code, out = activity[first : first + users], cell[first : first + users], apart[first : first + users]
        for i in range(users):
            out[i] = own[i] - expected[code[i]]
            found[i] += out[i]
    return apart, found


def observed_log_odds(log_odds: Floats, cell: Ints, signs: Floats, middle: Floats) -> Floats:
    """Return the log odds of what each session showed, at the mean κR of its user's effect."""
    found, users = np.empty(len(cell)), len(middle)
    for first in range(0, len(cell), users):
        code, sign, out = cell[first : first + users], signs[first : first + users], found[first : first + users]
        for i in range(users):
            out[i] = sign[i] * (log_odds[code[i]] + middle[i])
    return found


def scatter_to_cells(
    slopes: Floats,
    apart: Floats,
    above: Floats,
    cell: Ints,
    kappa: float,
    variance: float,
    shrink: float,
    by_cell: Floats,
) -> float:
    """Add derivatives by each session's predictors to its cell's; return the derivative of the successes by κ.

    ``by_cell``, shape (cells, 2), holds those by a cell's log odds and by its expected log actions μ. ``slopes`` are
    the successes' derivatives by each session's log odds, d_s. Through κR they also depend on μ, as ∂R/∂μ_s = -1, so

        ∂/∂μ_s = (e_s - τ²/T R) / σ² - κ Σ d,    ∂/∂κ = R Σ d,

    the first term from the activities' own density, whose inverse covariance is (I - τ²/T 11') / σ². ``apart`` holds
    e_s, ``above`` R, and ``shrink`` is τ²/T.
    """
    by_user, users = np.zeros(len(above)), len(above)  # Σ d of each user
    for first in range(0, len(cell), users):
        slope = slopes[first : first + users]
        for i in range(users):
            by_user[i] += slope[i]
    taken = kappa * by_user + above * (shrink / variance)
    for first in range(0, len(cell), users):
        slope, own, code = slopes[first : first + users], apart[first : first + users], cell[first : first + users]
        for i in range(users):
            by_cell[code[i], 0] += slope[i]
            by_cell[code[i], 1] += own[i] / variance - taken[i]
    return float(np.dot(by_user, above))


PARTS: Final = (residuals, observed_log_odds, scatter_to_cells, activity_log_density)
"""What Numba must know before it compiles the likelihood."""
