"""Users' shared traits: success given activity, each user's trait integrated out by quadrature.

A user has two traits, (u, v) ~ N(0, [[τ², ρτω], [ρτω, ω²]]): u adds to the logarithm of actions, v to the log odds of
success. The likelihood of both outcomes is that of the activities, which `gaussian` gives in closed form, times that
of the successes given the activities. For a user with n sessions, whose activities lie by the sum R above what their
codes predict, v given the activities is normal again,

    v ~ N(κ R, s²),    κ = ρτω / (σ² + nτ²),    s² = ω² (1 - ρ² nτ² / (σ² + nτ²)),

so that what is left is one integral a user, of a product of n logistic chances over a normal:

    ∫ Π_s p(b_s | η_s + κR + s x) N(x; 0, 1) dx  ≈  Σ_q weight_q Π_s p(b_s | η_s + κR + s node_q).

Gauss-Hermite nodes make the sum exact for polynomials up to degree 2Q - 1; `quadrature_error` measures what is left
by doubling them. Linear predictors are computed once a cell (`cells`), the integral once a user: that is exact, and
as far as the compression goes, since R is a number of each user's own.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from knowntruth.bayes.exponential import logistic
from knowntruth.bayes.layout import Codes, Reals
from knowntruth.bayes.sums import over_blocks, over_cells

NODES: Final = 9
"""Quadrature nodes; `quadrature_error` says how far their sum is off."""

SMALLEST_PRODUCT: Final = 1e-290
"""Below it a user's chances are multiplied as logarithms."""


BLOCK: Final = 512
"""Users at a time, whose numbers fit into a processor's cache."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of each user: user i has those from ``starts[i]`` up to ``starts[i + 1]``.

    ``cell`` is each session's cell, ``activity`` its outcome on the model's scale, ``success`` 0 or 1.
    """

    starts: Codes
    cell: Codes
    activity: Reals
    success: Reals


def hermite(nodes: int) -> tuple[Reals, Reals]:
    """Return nodes and weights of Gauss-Hermite quadrature over a standard normal."""
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    return points, weights / weights.sum()


def value_and_gradient(
    beta: Reals,
    activity_beta: Reals,
    session_scale: float,
    activity_scale: float,
    user_scale: float,
    correlation: float,
    matrix: Reals,
    activity_matrix: Reals,
    columns: Codes,
    starts: Codes,
    cell: Codes,
    activity: Reals,
    success: Reals,
    nodes: Reals,
    weights: Reals,
) -> tuple[float, Reals, Reals, float, float, float, float]:
    """Return the log likelihood of the successes given the activities, and its six derivatives.

    ``beta`` are the coefficients of the log odds, ``activity_beta`` those of log actions; the spreads of users,
    τ = ``activity_scale`` and ω = ``user_scale``, may have either sign. For Numba to compile.
    """
    log_odds = over_blocks(np.dot(matrix, beta), columns)
    expected = over_blocks(np.dot(activity_matrix, activity_beta), columns)
    tau, omega = abs(activity_scale), abs(user_scale)
    by_odds, by_expected = np.zeros(len(columns)), np.zeros(len(columns))
    value, by_session, by_tau, by_omega, by_correlation = 0.0, 0.0, 0.0, 0.0, 0.0
    parts = np.empty((BLOCK, len(nodes)))
    for begin in range(0, len(starts) - 1, BLOCK):
        end = min(begin + BLOCK, len(starts) - 1)
        above = surpluses(activity, expected, cell, starts, begin, end)
        sizes = (starts[begin + 1 : end + 1] - starts[begin:end]).astype(np.float64)
        totals = session_scale**2 + sizes * tau**2
        kappas, shares = correlation * tau * omega / totals, 1.0 - session_scale**2 / totals
        left = np.sqrt(1.0 - correlation**2 * shares)
        exponents = against(log_odds, cell, success, starts, begin, end, kappas * above, omega * left, nodes)
        missed = exponents.copy()
        logistic(exponents, missed)
        value += weigh(exponents, missed, starts, begin, end, weights, parts)
        signs = 2.0 * success[starts[begin] : starts[end]] - 1.0
        owners = cell[starts[begin] : starts[end]]
        firsts = starts[begin : end + 1] - starts[begin]
        by_user, by_spread = from_nodes(parts, missed, nodes, signs, owners, firsts, kappas, by_odds, by_expected)
        by_kappa = by_user * above
        by_share = -by_spread * omega * correlation**2 / (2.0 * left)
        by_correlation += np.sum(by_kappa * tau * omega / totals - by_spread * omega * correlation * shares / left)
        by_omega += np.sum(by_kappa * correlation * tau / totals + by_spread * left)
        by_tau += np.sum(by_kappa * correlation * omega * (session_scale**2 - sizes * tau**2) / totals**2)
        by_tau += np.sum(by_share * 2.0 * sizes * tau * session_scale**2 / totals**2)
        by_session -= 2.0 * session_scale * np.sum(by_kappa * kappas / totals + by_share * sizes * tau**2 / totals**2)
    slope_beta = np.dot(over_cells(by_odds, columns, len(matrix)), matrix)
    slope_activity = np.dot(over_cells(by_expected, columns, len(matrix)), activity_matrix)
    return (
        value,
        slope_beta,
        slope_activity,
        by_session,
        by_tau if activity_scale >= 0 else -by_tau,
        by_omega if user_scale >= 0 else -by_omega,
        by_correlation,
    )


def surpluses(activity: Reals, expected: Reals, cell: Codes, starts: Codes, begin: int, end: int) -> Reals:
    """Return the sum of what each user's activities lie above what their codes predict."""
    found = np.zeros(end - begin)
    for i in range(end - begin):
        for k in range(starts[begin + i], starts[begin + i + 1]):
            found[i] += activity[k] - expected[cell[k]]
    return found


def against(
    log_odds: Reals,
    cell: Codes,
    success: Reals,
    starts: Codes,
    begin: int,
    end: int,
    middle: Reals,
    spread: Reals,
    nodes: Reals,
) -> Reals:
    """Return the log odds against what each session showed, at every node, shape (sessions, nodes)."""
    found = np.empty((starts[end] - starts[begin], len(nodes)))
    for i in range(end - begin):
        for k in range(starts[begin + i], starts[begin + i + 1]):
            sign = 2.0 * success[k] - 1.0
            base = log_odds[cell[k]] + middle[i]
            for q in range(len(nodes)):
                found[k - starts[begin], q] = -sign * (base + spread[i] * nodes[q])
    return found


def weigh(
    exponents: Reals, chances: Reals, starts: Codes, begin: int, end: int, weights: Reals, parts: Reals
) -> float:
    """Return the users' log likelihood; set ``parts`` to each node's weight given what a user's sessions showed."""
    value = 0.0
    for i in range(end - begin):
        first, last = starts[begin + i] - starts[begin], starts[begin + i + 1] - starts[begin]
        parts[i] = weights
        for k in range(first, last):
            for q in range(len(weights)):
                parts[i, q] *= chances[k, q]
        whole, highest = 0.0, 0.0
        for q in range(len(weights)):
            whole += parts[i, q]
        if whole < SMALLEST_PRODUCT:
            highest = in_logarithms(exponents[first:last], weights, parts[i])
            whole = np.sum(parts[i])
        value += highest + math.log(whole)
        for q in range(len(weights)):
            parts[i, q] /= whole
    return value


def from_nodes(
    parts: Reals,
    missed: Reals,
    nodes: Reals,
    signs: Reals,
    cell: Codes,
    firsts: Codes,
    kappas: Reals,
    by_odds: Reals,
    by_expected: Reals,
) -> tuple[Reals, Reals]:
    """Return the derivatives by each user's expected trait and by its spread, and add those by each cell's sums.

    ``missed`` are chances of what each session showed at every node; ``signs`` are 1 for a success, else -1; user i
    has sessions from ``firsts[i]`` up to ``firsts[i + 1]``.
    """
    by_user, by_spread = np.zeros(len(kappas)), np.zeros(len(kappas))
    for i in range(len(kappas)):
        for k in range(firsts[i], firsts[i + 1]):
            slope, moved = 0.0, 0.0
            for q in range(len(nodes)):
                part = parts[i, q] * (1.0 - missed[k, q])
                slope += part
                moved += part * nodes[q]
            by_odds[cell[k]] += signs[k] * slope
            by_user[i] += signs[k] * slope
            by_spread[i] += signs[k] * moved
        for k in range(firsts[i], firsts[i + 1]):
            by_expected[cell[k]] -= kappas[i] * by_user[i]
    return by_user, by_spread


def in_logarithms(exponents: Reals, weights: Reals, parts: Reals) -> float:
    """Set one user's ``parts`` where chances are too small to multiply; return the logarithm of what is left out."""
    for q in range(len(parts)):
        parts[q] = math.log(weights[q])
        for k in range(len(exponents)):
            parts[q] -= max(exponents[k, q], 0.0) + math.log1p(math.exp(-abs(exponents[k, q])))
    highest = np.max(parts)
    for q in range(len(parts)):
        parts[q] = math.exp(parts[q] - highest)
    return highest


PARTS: Final = (surpluses, against, in_logarithms, weigh, from_nodes)
"""What Numba must know before it compiles the likelihood."""
