"""The normal distribution that fits a posterior best at its mode: a coordinate system for sampling, and an answer.

Around the mode a log density falls like a parabola, whose curvature says how wide the posterior is in each direction
(Laplace's approximation; Tierney and Kadane 1986, doi:10.1080/01621459.1986.10478240). In coordinates in which it
falls alike in all directions a sampler takes long steps from the first draw on, where it would otherwise have to
learn the directions from thousands of gradients.

The search runs in such coordinates itself: a first, rough mode gives a first curvature, in whose coordinates the true
mode is a few dozen steps away.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from knowntruth.bayes.density.compiled_density import Density, Evaluate, NotFinite
from knowntruth.common.arrays import Floats

NEAR_ZERO: Final = 0.1
"""Where the search begins: at 0 itself a spread that may have either sign lies on a ridge and has no slope."""

MAX_STEPS: Final = 300
"""Of the search in one round."""

ROUNDS: Final = ((6.0, 1e-4), (np.inf, 1e-3))
"""How far the search may go in each coordinate, and how far apart gradients are taken for the curvature then.

In the model's own coordinates most parameters are no larger than a few units, and where they are the density is flat:
a search that leaps there, which is easily done before directions have been given their scales, does not come back.
"""

MIN_CURVATURE: Final = 0.02
"""Priors are no wider than a few units in these coordinates; a mode that is flatter than this says nothing."""

UNREACHABLE: Final = 1e300


@dataclass(frozen=True, slots=True)
class Laplace:
    """x = ``centre`` + ``factor`` z with z standard normal; shapes (size,) and (size, size)."""

    centre: Floats
    factor: Floats

    def points(self, whitened: Floats) -> Floats:
        """Return x at ``whitened`` z, shape (..., size)."""
        return self.centre + whitened @ self.factor.T

    def whitened(self, evaluate: Evaluate) -> Evaluate:
        """Return log density and gradient as functions of z."""
        centre, factor = self.centre, self.factor

        def evaluated(point: Floats) -> tuple[float, Floats]:
            value, slope = evaluate(centre + factor @ point)
            return value, slope @ factor

        return evaluated


def approximate(density: Density) -> Laplace:
    """Return the approximation at the mode that a search from near 0 finds."""
    found, evaluate = Laplace(np.full(density.size, NEAR_ZERO), np.eye(density.size)), density.evaluate()
    for reach, step in ROUNDS:
        found = Laplace(found.points(_climbed(found.whitened(evaluate), density.size, reach)), found.factor)
        try:
            scales = _scales(found.whitened(evaluate), density.size, step)
        except NotFinite:  # on the edge of where the density exists: what was found so far must do
            return found
        found = Laplace(found.centre, found.factor @ scales)
    return Laplace(found.points(_climbed(found.whitened(evaluate), density.size)), found.factor)


def _climbed(evaluate: Evaluate, size: int, reach: float = np.inf) -> Floats:
    """Return the highest point that is found from 0, no coordinate further than ``reach`` from there."""
    from scipy import optimize

    def depth(point: Floats) -> tuple[float, Floats]:
        try:
            value, slope = evaluate(point)
        except NotFinite:
            return UNREACHABLE, np.zeros(size)
        return -value, -slope

    options = {"maxiter": MAX_STEPS, "maxcor": 50, "maxls": 50, "ftol": 1e-15, "gtol": 1e-3}
    bounds = [(-reach, reach)] * size
    search: Any = optimize.minimize  # whose types do not know a function that returns its slope too
    found = search(depth, np.zeros(size), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return np.asarray(found.x, dtype=np.float64)


def _scales(evaluate: Evaluate, size: int, step: float) -> Floats:
    """Return the map from standard normals to the normal with the curvature at 0, shape (size, size).

    Of all such maps it turns the axes least (Kessy, Lewin and Strimmer 2018, doi:10.1080/00031305.2016.1277159), so
    that a parameter that is wider than at its mode can still be given its own scale.
    """
    ways = step * np.eye(size)
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # which the density, being compiled, leaves free
        slopes = np.stack([slope for _, slope in pool.map(evaluate, [*ways, *-ways])])
    curvature = (slopes[size:] - slopes[:size]) / (2.0 * step)
    own = np.sqrt(np.maximum(np.diag(curvature), MIN_CURVATURE))
    widths, directions = np.linalg.eigh((curvature + curvature.T) / (2.0 * np.outer(own, own)))
    upright = directions / np.sqrt(np.maximum(widths, MIN_CURVATURE)) @ directions.T
    return np.asarray(upright / own[:, None], dtype=np.float64)
