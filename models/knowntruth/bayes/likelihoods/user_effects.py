"""Users' shared traits: both outcomes' likelihood, each user's traits integrated out.

A user has two traits, (u, v) ~ N(0, [[τ², ρτω], [ρτω, ω²]]): u adds to the logarithm of actions, v to the log odds of
success. The likelihood of both outcomes is that of the activities, which has a closed form, times that of the
successes given the activities. For a user with n sessions, whose activities lie by e_s above what their codes
predict, R = Σ e_s in all, it is

    log p(activities) = -½ [n log 2π + (n-1) log σ² + log(σ² + nτ²) + (Σ e_s² - R²/n) / σ² + R²/n / (σ² + nτ²)]

and v given the activities is normal again,

    v ~ N(κ R, s²),    κ = ρτω / (σ² + nτ²),    s² = ω² (1 - ρ² nτ² / (σ² + nτ²)),

so that what is left is one integral a user, of a product of n logistic chances over a normal:

    ∫ Π_s p(b_s | η_s + κR + s x) N(x; 0, 1) dx  ≈  Σ_q weight_q Π_s p(b_s | η_s + κR + s node_q).

Gauss-Hermite nodes make the sum exact for polynomials up to degree 2Q - 1; `quadrature_error` measures what is left
by doubling them (`quadrature`). Linear predictors are computed once a cell (`cells`), the integral once a user: that
is exact, and as far as the compression goes, since R is a number of each user's own.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from knowntruth.bayes.likelihoods.quadrature import integrate
from knowntruth.bayes.likelihoods.scatter import over_blocks, over_cells
from knowntruth.common.arrays import Floats, Ints

NODES: Final = 7
"""Quadrature nodes; `quadrature_error` says how far their sum is off."""

BATCH: Final = 1024
"""Sessions at a time, whose numbers fit into a processor's cache."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sessions in batches of users who have equally many: ``users[b]`` people with ``repeats[b]`` sessions each.

    A batch holds first all its users' first sessions, then their second, and so on. ``cell`` is each session's cell,
    ``activity`` its outcome on the model's scale, ``signs`` 1 for a success and -1 else; shape (sessions,).
    """

    repeats: Ints
    users: Ints
    cell: Ints
    activity: Floats
    signs: Floats


def batches(user: Ints, cell: Ints, activity: Floats, success: Floats) -> Sessions:
    """Return sessions, sorted by user, in batches."""
    sizes, starts = np.bincount(user), np.searchsorted(user, np.arange(user[-1] + 1))
    repeats, users, places = [], [], []
    for n in np.unique(sizes):
        own = starts[sizes == n]
        for part in np.array_split(own, -(-len(own) * n // BATCH)):
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

    ``beta`` are the coefficients of the log odds, ``activity_beta`` those of log actions; the spreads of users,
    τ = ``activity_scale`` and ω = ``user_scale``, may have either sign, which turns that of ρ. For Numba to compile.
    """
    log_odds = over_blocks(np.dot(matrix, beta), columns)
    expected = over_blocks(np.dot(activity_matrix, activity_beta), columns)
    tau, omega, variance = activity_scale, user_scale, session_scale**2
    by_cell = np.zeros((len(columns), 2))
    value, by_variance, by_tau, by_omega, by_correlation = 0.0, 0.0, 0.0, 0.0, 0.0
    end = 0
    for b in range(len(repeats)):
        begin, end = end, end + repeats[b] * users[b]
        own, sign = cell[begin:end], signs[begin:end]
        n, shared = repeats[b], repeats[b] * tau**2
        total = variance + shared
        kappa, left = correlation * tau * omega / total, np.sqrt(1.0 - correlation**2 * shared / total)
        apart, above = surpluses(activity[begin:end], expected, own, users[b])
        toward = in_favour(log_odds, own, sign, kappa * above)
        logs, slopes, by_spread = integrate(toward, sign, omega * left, nodes, weights, users[b])
        by_kappa = spread_out(slopes, apart, above, own, kappa, variance, tau**2 / total, by_cell)
        density, inside, by_total = normal(apart, above, n, variance, total)
        by_share = -by_spread * omega * correlation**2 / (2.0 * left)
        value += logs + density
        by_correlation += by_kappa * tau * omega / total - by_spread * omega * correlation * shared / (total * left)
        by_omega += by_kappa * correlation * tau / total + by_spread * left
        by_tau += by_kappa * correlation * omega * (variance - shared) / total**2
        by_tau += 2.0 * n * tau * (by_share * variance / total**2 + by_total)
        by_variance += inside + by_total - by_kappa * kappa / total - by_share * shared / total**2
    return (
        value,
        np.dot(over_cells(by_cell[:, 0].copy(), columns, len(matrix)), matrix),
        np.dot(over_cells(by_cell[:, 1].copy(), columns, len(matrix)), activity_matrix),
        2.0 * session_scale * by_variance,
        by_tau,
        by_omega,
        by_correlation,
    )


def normal(apart: Floats, above: Floats, n: int, variance: float, total: float) -> tuple[float, float, float]:
    """Return the log density of users' activities, its and its derivatives by σ² and by σ² + nτ².

    Within users an activity varies by σ², and a user's mean by (σ² + nτ²) / n: the two add without touching.
    """
    between = np.dot(above, above) / n
    within, free = np.dot(apart, apart) - between, len(apart) - len(above)
    logs = free * np.log(variance) + len(above) * np.log(total) + len(apart) * np.log(2.0 * np.pi)
    value = -0.5 * (logs + within / variance + between / total)
    return value, 0.5 * (within / variance - free) / variance, 0.5 * (between / total - len(above)) / total


def surpluses(activity: Floats, expected: Floats, cell: Ints, users: int) -> tuple[Floats, Floats]:
    """Return what each activity lies above what its codes predict, and the sum of that by user, shape (users,)."""
    apart, found = np.empty(len(cell)), np.zeros(users)
    for first in range(0, len(cell), users):
        own, code, out = activity[first : first + users], cell[first : first + users], apart[first : first + users]
        for i in range(users):
            out[i] = own[i] - expected[code[i]]
            found[i] += out[i]
    return apart, found


def in_favour(log_odds: Floats, cell: Ints, signs: Floats, middle: Floats) -> Floats:
    """Return the log odds of what each session showed, at the middle of its user's trait."""
    found, users = np.empty(len(cell)), len(middle)
    for first in range(0, len(cell), users):
        code, sign, out = cell[first : first + users], signs[first : first + users], found[first : first + users]
        for i in range(users):
            out[i] = sign[i] * (log_odds[code[i]] + middle[i])
    return found


def spread_out(
    slopes: Floats,
    apart: Floats,
    above: Floats,
    cell: Ints,
    kappa: float,
    variance: float,
    shrink: float,
    by_cell: Floats,
) -> float:
    """Add derivatives by each session's predictors to those by its cell's; return the successes' derivative by κ.

    Those by the log odds and by the expected activity of a cell stand side by side, shape (cells, 2).

    ``slopes`` are the successes' by each session's log odds; an activity's own is what it lies ``apart``, less what
    its user's trait takes of it, a ``shrink`` of what that user lies ``above``, over ``variance``.
    """
    by_user, users = np.zeros(len(above)), len(above)
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


PARTS: Final = (surpluses, in_favour, spread_out, normal)
"""What Numba must know before it compiles the likelihood."""
