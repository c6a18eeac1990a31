"""The normal distribution that fits a posterior best at its mode: a coordinate system for sampling, and an answer.

Around the mode a log density falls like a quadratic, whose curvature gives the posterior's width in each direction
(Laplace's approximation; Tierney and Kadane 1986, doi:10.1080/01621459.1986.10478240). In coordinates in which it
falls alike in all directions a sampler takes long steps from the first draw on; otherwise it would have to learn the
directions from thousands of gradients.

The search itself runs in such coordinates: a first, rough mode gives a first curvature, in whose coordinates the true
mode is a few dozen steps away.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from knowntruth.bayes.density.compiled_density import Density, Evaluate, NotFinite
from knowntruth.common.arrays import Floats

START: Final = 0.1
"""Where the search begins: at 0 itself a spread that may have either sign lies on a ridge and has no slope."""

MAX_STEPS: Final = 300
"""Steps of the search in one round."""

ROUNDS: Final = ((6.0, 1e-4), (np.inf, 1e-3))
"""Of each round: how far the search may go in each coordinate, and the step of the differences for the curvature.

In the model's own coordinates most parameters are no larger than a few units, and beyond them the density is flat: a
search that leaps there, as it easily does before directions have been scaled, does not come back.
"""

MIN_CURVATURE: Final = 0.02
"""Priors are no wider than a few units in these coordinates, so a flatter mode is an artefact and is not followed."""

NOT_FINITE_VALUE: Final = 1e300


@dataclass(frozen=True, slots=True)
class LaplaceApproximation:
    """x = ``centre`` + ``factor`` z with z standard normal; shapes (size,) and (size, size)."""

    centre: Floats
    factor: Floats

    def points(self, whitened: Floats) -> Floats:
        """Return x at ``whitened`` z, shape (..., size)."""
        return self.centre + whitened @ self.factor.T

    def whitened(self, evaluate: Evaluate) -> Evaluate:
        """Return log density and gradient as functions of z; by the chain rule ∂/∂z = ∂/∂x · factor."""
        centre, factor = self.centre, self.factor

        def evaluate_whitened(point: Floats) -> tuple[float, Floats]:
            value, slope = evaluate(centre + factor @ point)
            return value, slope @ factor

        return evaluate_whitened


def approximate_at_mode(density: Density) -> LaplaceApproximation:
    """Return the approximation at the mode that a search from near 0 finds."""
    size, evaluate = density.size, density.evaluate()
    found = LaplaceApproximation(np.full(size, START), np.eye(size))
    for reach, step in ROUNDS:
        mode = _find_maximum(found.whitened(evaluate), size, reach)
        found = LaplaceApproximation(found.points(mode), found.factor)
        try:
            scales = _whitening_factor(found.whitened(evaluate), size, step)
        except NotFinite:  # at the edge of where the density exists: what was found so far must do
            return found
        found = LaplaceApproximation(found.centre, found.factor @ scales)
    return LaplaceApproximation(found.points(_find_maximum(found.whitened(evaluate), size)), found.factor)


def _find_maximum(evaluate: Evaluate, size: int, reach: float = np.inf) -> Floats:
    """Return the highest point that is found from 0, no coordinate further than ``reach`` from there."""
    from scipy import optimize

    def depth(point: Floats) -> tuple[float, Floats]:
        try:
            value, slope = evaluate(point)
        except NotFinite:
            return NOT_FINITE_VALUE, np.zeros(size)
        return -value, -slope

    options = {"maxiter": MAX_STEPS, "maxcor": 50, "maxls": 50, "ftol": 1e-15, "gtol": 1e-3}
    bounds = [(-reach, reach)] * size
    search: Any = optimize.minimize  # whose types do not allow for a function that returns its gradient too
    found = search(depth, np.zeros(size), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return np.asarray(found.x, dtype=np.float64)


def _whitening_factor(evaluate: Evaluate, size: int, step: float) -> Floats:
    """Return the map from standard normals to the normal with the curvature at 0, shape (size, size).

    With the curvature H = D C D, D its diagonal's root and C of unit diagonal, the factor is D⁻¹ C^(-½) (ZCA-cor). Of
    all factors of H⁻¹ it turns the axes least (Kessy, Lewin and Strimmer 2018, doi:10.1080/00031305.2016.1277159), so
    a parameter whose posterior is wider than its mode suggests can still be given its own scale.
    """
    steps = step * np.eye(size)
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # the compiled density releases Python's lock
        slopes = np.stack([slope for _, slope in pool.map(evaluate, [*steps, *-steps])])
    curvature = (slopes[size:] - slopes[:size]) / (2.0 * step)
    own = np.sqrt(np.maximum(np.diag(curvature), MIN_CURVATURE))
    widths, directions = np.linalg.eigh((curvature + curvature.T) / (2.0 * np.outer(own, own)))
    upright = directions / np.sqrt(np.maximum(widths, MIN_CURVATURE)) @ directions.T
    return np.asarray(upright / own[:, None], dtype=np.float64)
