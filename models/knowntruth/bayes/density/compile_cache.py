"""Models compiled for nutpie, once a process: the data are inputs of the compiled function and not part of it.

Compiling costs more than sampling, so a process that fits the same model to the next data set only exchanges them.
PyTensor keeps most of the compiler's output on disk for other processes too.
"""

from typing import Any, Final

from knowntruth.bayes.density.compiled_density import Density
from knowntruth.bayes.density.laplace_approximation import approximate
from knowntruth.bayes.density.reparametrize import CENTRE, FACTOR, in_coordinates

MAX_COMPILED: Final = 8
"""Compiled models that a process keeps; the one that was not used for longest goes first."""

Key = tuple[str, ...]
"""Equal for two models exactly if they differ in nothing but the values of their data."""

_COMPILED: dict[Key, Any] = {}


def compiled(model: Any, key: Key) -> Any:
    """Return a PyMC model compiled for nutpie, with its own data; compiles only what this process has not yet met."""
    import nutpie

    if key not in _COMPILED:
        while len(_COMPILED) >= MAX_COMPILED:
            _COMPILED.pop(next(iter(_COMPILED)))
        _COMPILED[key] = nutpie.compile_pymc_model(in_coordinates(model))
    _COMPILED[key] = _COMPILED.pop(key)
    return _COMPILED[key].with_data(**{data.name: data.get_value() for data in model.data_vars})


def at_mode(compiled: Any) -> Any:
    """Return the compiled model in the coordinates of its mode (see `laplace`)."""
    found = approximate(Density(compiled))
    return compiled.with_data(**{CENTRE: found.centre, FACTOR: found.factor})
