"""A compiled posterior as a plain function: its log density and gradient at a point, and the parameters there.

nutpie compiles a PyMC model to two C functions of a flat, unconstrained point. Called here directly, they serve
whatever wants a density instead of a sampler (`laplace`); a call lets other threads run meanwhile.
"""

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np

from knowntruth.bayes.layout import Reals


@dataclass(frozen=True, slots=True)
class Density:
    """The posterior of ``compiled``, which nutpie made of a PyMC model and its data."""

    compiled: Any

    @property
    def size(self) -> int:
        """Number of unconstrained parameters."""
        return int(self.compiled.n_dim)

    def start(self, seed: int) -> Reals:
        """Return a point where sampling may begin, shape (size,)."""
        return np.asarray(self.compiled.initial_point_func(seed), dtype=np.float64)

    def __call__(self, point: Reals) -> tuple[float, Reals]:
        """Return log density and gradient at ``point``, shape (size,).

        Raises
        ------
        ArithmeticError
            Where either is no finite number.
        """
        x, slope, value = np.ascontiguousarray(point, dtype=np.float64), np.empty(self.size), np.empty(1)
        function = self.compiled.compiled_logp_func.ctypes
        failed = function(self.size, _pointer(x), _pointer(slope), _pointer(value), self._data)
        if failed:
            raise ArithmeticError("the posterior's density is no finite number at a point that was tried")
        return float(value[0]), slope

    def named(self, points: Reals) -> dict[str, Reals]:
        """Return the model's variables at ``points``, shape (chains, draws, size), by name."""
        width = int(self.compiled.n_expanded)
        wide = np.empty((*points.shape[:-1], width))
        function = self.compiled.compiled_expand_func.ctypes
        for place in np.ndindex(points.shape[:-1]):
            x = np.ascontiguousarray(points[place])
            if function(self.size, width, _pointer(x), _pointer(wide[place]), self._data):
                raise ArithmeticError("the model's variables cannot be computed at a draw")
        return {
            name: wide[..., own].reshape(*points.shape[:-1], *shape)
            for name, own, shape in zip(*self.compiled.shape_info, strict=True)
        }

    @property
    def _data(self) -> ctypes.c_void_p:
        return ctypes.c_void_p(self.compiled.user_data.ctypes.data)


def _pointer(values: Reals) -> Any:
    return values.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
