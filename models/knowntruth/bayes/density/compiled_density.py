"""A compiled posterior as plain functions: its log density and gradient at a point, and the parameters there.

nutpie compiles a PyMC model to two C functions of a flat, unconstrained point. Called here directly, they serve
what needs a density and not a sampler (`laplace_approximation`, `quadratic_surrogate`).
"""

import ctypes
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from knowntruth.common.arrays import Floats

Evaluate = Callable[[Floats], tuple[float, Floats]]
"""From a point to log density and gradient."""

_SIZE, _AT = ctypes.c_uint64, ctypes.c_void_p
DENSITY: Final = ctypes.CFUNCTYPE(ctypes.c_int64, _SIZE, _AT, _AT, _AT, _AT)
"""Takes the number of parameters and the addresses of point, gradient, log density and data; returns 0 on success."""
VARIABLES: Final = ctypes.CFUNCTYPE(ctypes.c_int64, _SIZE, _SIZE, _AT, _AT, _AT)
"""Takes the numbers of parameters and of the variables' values, and the addresses of point, values and data."""


POINTS_PER_REPORT: Final = 64
"""Points between two reports of progress."""

LOG_OF_ZERO: Final = -1e300
"""Stands for the logarithm of a density of 0."""


class NotFinite(ArithmeticError):
    """The density or its gradient is not finite at a point."""


@dataclass(frozen=True, slots=True)
class Density:
    """The posterior of ``compiled``, which nutpie compiled from a PyMC model and its data."""

    compiled: Any

    @property
    def size(self) -> int:
        """Number of unconstrained parameters."""
        return int(self.compiled.n_dim)

    def evaluate(self) -> Evaluate:
        """Return the function from a point, shape (size,), to log density and gradient; it raises `NotFinite`."""
        function, data = DENSITY(self.compiled.compiled_logp_func.address), self.compiled.user_data.ctypes.data
        size = self.size

        def evaluate_at(point: Floats) -> tuple[float, Floats]:
            x, slope, value = np.ascontiguousarray(point), np.empty(size), np.empty(1)
            if function(size, x.ctypes.data, slope.ctypes.data, value.ctypes.data, data):
                raise NotFinite("the posterior's density is not finite at a point that was tried")
            return float(value[0]), slope

        return evaluate_at

    def at(self, points: Floats, advance: Callable[[float], None] = lambda share: None) -> Floats:
        """Return the log density at ``points``, shape (chains, draws, size); `LOG_OF_ZERO` where it is not finite.

        Points are shared out to threads, since the compiled function releases Python's lock; ``advance`` gets the
        share that is done.
        """
        evaluate, flat = self.evaluate(), points.reshape(-1, self.size)
        found = np.full(len(flat), LOG_OF_ZERO)

        def fill(place: int) -> None:
            with suppress(NotFinite):
                found[place] = evaluate(flat[place])[0]

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for place, _ in enumerate(pool.map(fill, range(len(flat)))):
                if place % POINTS_PER_REPORT == 0:
                    advance(place / len(flat))
        return found.reshape(points.shape[:-1])

    def variables(self, points: Floats) -> dict[str, Floats]:
        """Return the model's variables at ``points``, shape (chains, draws, size), by name."""
        function, data = VARIABLES(self.compiled.compiled_expand_func.address), self.compiled.user_data.ctypes.data
        width, shape = int(self.compiled.n_expanded), points.shape[:-1]
        flat = np.ascontiguousarray(points.reshape(-1, self.size))
        wide = np.empty((len(flat), width))
        for x, values in zip(flat, wide, strict=True):
            if function(self.size, width, x.ctypes.data, values.ctypes.data, data):
                raise NotFinite("the model's variables cannot be computed at a draw")
        parts = zip(*self.compiled.shape_info, strict=True)
        return {name: wide[:, own].reshape(*shape, *own_shape) for name, own, own_shape in parts}
