"""The whole study in a minute: draws under a quadratic likelihood, then corrected to the exact one by importance.

With hundreds of thousands of sessions an exact step costs a good part of a tenth of a second, and a sampler takes
tens of thousands. But the more sessions there are, the nearer the log likelihood comes to a quadratic of its
coefficients. So the sampler is given that quadratic, expanded near the likelihood's peak, with the priors as they
are; each draw is then weighted by what the exact likelihood says instead, the weights are Pareto smoothed (Vehtari
et al. 2024, arXiv:1507.02646), and draws are resampled by them within each chain, in their order.

The shape k̂ of the weights' tail says how far the quadratic may be trusted: `diagnostics` refuses the draws where it
is above 0.7. A repeated draw counts as what it is, since effective sample sizes are computed on the resampled chains.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes.layout import Reals

if TYPE_CHECKING:
    import xarray as xr

POINT: Final = "point"
"""What the draws call the vector that the likelihood is a function of."""

RIDGE: Final = 1.0
"""Standard deviation of the rough normal prior that keeps the peak from running away where nothing was observed."""

STEP: Final = 1e-5
"""Of differences of slopes, in units of a coefficient: their error is about this times the third derivative."""

SEARCH_STEPS: Final = 400
THREADS: Final = 2
"""The compiled likelihood lets other threads run beside it."""


@dataclass(frozen=True, slots=True)
class Exact:
    """The exact log likelihood as a function of one vector: where to start, ``value``, and value with ``slope``."""

    start: Reals
    value: Callable[[Reals], float]
    slope: Callable[[Reals], tuple[float, Reals]]


@dataclass(frozen=True, slots=True)
class Quadratic:
    """``value`` + ``slope``·d - ½ d'``curve`` d, for d the distance from ``middle``, shape (q,)."""

    middle: Reals
    value: float
    slope: Reals
    curve: Reals


def value_and_gradient(point: Reals, middle: Reals, value: float, slope: Reals, curve: Reals) -> tuple[float, Reals]:
    """Return a quadratic's value and slope at a point, for Numba to compile."""
    apart = point - middle
    bent = np.dot(curve, apart)
    return value + np.dot(apart, slope - 0.5 * bent), slope - bent


def expand(exact: Exact, middle: Reals | None = None) -> Quadratic:
    """Return the quadratic at the likelihood's peak, or about another point."""
    at = peak(exact) if middle is None else middle
    value, slope = exact.slope(at)
    return Quadratic(at, value, slope, curvature(exact, at, slope))


def peak(exact: Exact) -> Reals:
    """Return roughly where the likelihood, times a wide normal, is highest."""
    from scipy.optimize import minimize  # noqa: PLC0415 - heavy: loaded when used

    def downhill(apart: Reals) -> tuple[float, Reals]:
        value, slope = exact.slope(exact.start + apart)
        return float(-value + 0.5 * np.sum((apart / RIDGE) ** 2)), -slope + apart / RIDGE**2

    options: Any = {"maxiter": SEARCH_STEPS, "maxcor": 30}
    found = minimize(downhill, np.zeros_like(exact.start), jac=True, method="L-BFGS-B", options=options)
    return np.asarray(exact.start + found.x, dtype=np.float64)


def curvature(exact: Exact, middle: Reals, slope: Reals) -> Reals:
    """Return minus the second derivatives, shape (q, q), from differences of slopes."""

    def row(place: int) -> Reals:
        moved = middle.copy()
        moved[place] += STEP
        return (slope - exact.slope(moved)[1]) / STEP

    with ThreadPoolExecutor(THREADS) as pool:
        rows = np.stack(list(pool.map(row, range(len(middle)))))
    return (rows + rows.T) / 2


def corrected(drawn: "xr.Dataset", exact: Exact, seed: int) -> "tuple[xr.Dataset, float]":
    """Return the draws resampled to the exact likelihood, which takes the quadratic's place, and k̂."""
    from arviz_stats.base import array_stats  # noqa: PLC0415 - heavy: loaded when used

    points = drawn[POINT].transpose("chain", "draw", ...).to_numpy()
    with ThreadPoolExecutor(THREADS) as pool:
        values = np.array(list(pool.map(exact.value, points.reshape(-1, points.shape[-1]))))
    values = values.reshape(points.shape[:2])
    near = drawn["log_likelihood"].transpose("chain", "draw").to_numpy()
    smoothed, tail = array_stats.psislw((values - near).ravel(), axis=-1)
    chosen = resampled(np.random.default_rng([seed, *b"importance"]), np.exp(smoothed).reshape(values.shape))
    drawn = drawn.drop_vars(POINT).assign(log_likelihood=(("chain", "draw"), values))
    return _picked(drawn, chosen), float(tail)


def resampled(rng: np.random.Generator, weights: Reals) -> Any:
    """Return the places of draws chosen by weight within each chain, in order, shape (chains, draws).

    Systematic resampling: a draw of weight w in n is taken w n times, rounded up or down.
    """
    draws = weights.shape[1]
    shares = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    at = (np.arange(draws) + rng.random((len(weights), 1))) / draws
    return np.stack([
        np.minimum(np.searchsorted(own, places), draws - 1) for own, places in zip(shares, at, strict=True)
    ])  # fmt: skip


def _picked(draws: "xr.Dataset", chosen: Any) -> "xr.Dataset":
    """Return the chosen draws of each chain."""
    import xarray as xr  # noqa: PLC0415 - heavy: loaded when used

    places = xr.DataArray(chosen, dims=("chain", "draw"))
    found: xr.Dataset = draws.isel(chain=xr.DataArray(np.arange(len(chosen)), dims="chain"), draw=places)
    return found.assign_coords(draw=np.arange(chosen.shape[1]))
