"""A compiled posterior as plain functions: its log density and gradient at a point, and the parameters there.

nutpie compiles a PyMC model to two C functions of a flat, unconstrained point. Called here directly, they serve
whatever wants a density instead of a sampler (`laplace`).
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
"""Takes the number of parameters, and where point, gradient, log density and data are; returns 0 if all is well."""
VARIABLES: Final = ctypes.CFUNCTYPE(ctypes.c_int64, _SIZE, _SIZE, _AT, _AT, _AT)
"""Takes the numbers of parameters and of the variables' values, and where point, values and data are."""


TOLD_EVERY: Final = 64
"""Points between two notes of progress."""

LEAST: Final = -1e300
"""Logarithm of a density of 0."""


class NotFinite(ArithmeticError):
    """The density or its gradient is no finite number at a point."""


@dataclass(frozen=True, slots=True)
class Density:
    """The posterior of ``compiled``, which nutpie made of a PyMC model and its data."""

    compiled: Any

    @property
    def size(self) -> int:
        """Number of unconstrained parameters."""
        return int(self.compiled.n_dim)

    def evaluate(self) -> Evaluate:
        """Return the function from a point, shape (size,), to log density and gradient; it raises `NotFinite`."""
        function, data = DENSITY(self.compiled.compiled_logp_func.address), self.compiled.user_data.ctypes.data
        size = self.size

        def evaluated(point: Floats) -> tuple[float, Floats]:
            x, slope, value = np.ascontiguousarray(point), np.empty(size), np.empty(1)
            if function(size, x.ctypes.data, slope.ctypes.data, value.ctypes.data, data):
                raise NotFinite("the posterior's density is no finite number at a point that was tried")
            return float(value[0]), slope

        return evaluated

    def at(self, points: Floats, advance: Callable[[float], None] = lambda share: None) -> Floats:
        """Return the log density at ``points``, shape (chains, draws, size); where it is no number, next to none.

        In threads, which the compiled function leaves free; ``advance`` is told which share is done.
        """
        evaluate, flat = self.evaluate(), points.reshape(-1, self.size)
        found = np.full(len(flat), LEAST)

        def fill(place: int) -> None:
            with suppress(NotFinite):
                found[place] = evaluate(flat[place])[0]

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for place, _ in enumerate(pool.map(fill, range(len(flat)))):
                if place % TOLD_EVERY == 0:
                    advance(place / len(flat))
        return found.reshape(points.shape[:-1])

    def named(self, points: Floats) -> dict[str, Floats]:
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
