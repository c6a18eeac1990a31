"""Models compiled for nutpie, once per process: the data are inputs of the compiled function and not part of it.

Compiling costs more than sampling, so a process that fits the same model to another data set only exchanges the data.
PyTensor also keeps most of the compiler's output on disk, for other processes.
"""

from typing import Any, Final

from knowntruth.bayes.density.compiled_density import Density
from knowntruth.bayes.density.laplace_approximation import approximate_at_mode
from knowntruth.bayes.density.reparametrize import CENTRE, FACTOR, reparametrize

MAX_COMPILED: Final = 8
"""Compiled models that a process keeps; the least recently used goes first."""

Key = tuple[str, ...]
"""Equal for two models exactly if they differ in nothing but the values of their data."""

_COMPILED: dict[Key, Any] = {}


def compile_model(model: Any, key: Key) -> Any:
    """Return a PyMC model compiled for nutpie, with its own data; compiles only what this process has not met yet."""
    import nutpie

    if key not in _COMPILED:
        while len(_COMPILED) >= MAX_COMPILED:
            _COMPILED.pop(next(iter(_COMPILED)))
        _COMPILED[key] = nutpie.compile_pymc_model(reparametrize(model))
    _COMPILED[key] = _COMPILED.pop(key)
    return _COMPILED[key].with_data(**{data.name: data.get_value() for data in model.data_vars})


def whiten_at_mode(compiled: Any) -> Any:
    """Return the compiled model in whitened coordinates about its mode (see `laplace_approximation`)."""
    found = approximate_at_mode(Density(compiled))
    return compiled.with_data(**{CENTRE: found.centre, FACTOR: found.factor})
