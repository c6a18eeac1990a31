"""The normal approximation in place of the posterior: an answer in a fraction of the time.

Two things show how far to trust it: k̂ of its draws' importance weights (see `diagnostics`), and the coverage of its
intervals in replicates of whole worlds, which was that of nutpie's (`tests/benchmarks/covered_laplace.csv`).
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from knowntruth.bayes.density.compile_cache import Key, compile_model, whiten_at_mode
from knowntruth.bayes.density.compiled_density import Density
from knowntruth.bayes.density.reparametrize import POINT, add_log_likelihood
from knowntruth.bayes.samplers import importance
from knowntruth.bayes.samplers.nutpie import COMPILING_SHARE
from knowntruth.bayes.samplers.settings import SamplerSettings
from knowntruth.common.progress import Progress

if TYPE_CHECKING:
    import xarray as xr

DRAW_DIMS = ("chain", "draw")


def sample(model: Any, key: Key, settings: SamplerSettings, report: Progress) -> "tuple[xr.Dataset, xr.Dataset]":
    """Return independent draws from the approximation, and k̂."""
    import xarray as xr

    ready = compile_model(model, key)
    report("sampling", COMPILING_SHARE)
    moved = whiten_at_mode(ready)
    density, rng = Density(moved), np.random.default_rng([settings.seed, *b"laplace"])
    points = rng.normal(size=(settings.chains, settings.draws, density.size))
    found, energies = density.at(points), 0.5 * np.square(points).sum(axis=2)
    statistics = {"energy": (DRAW_DIMS, energies), "pareto_k": importance.smooth_weights(found + energies)[1]}
    return add_log_likelihood(_variables_at(moved, density, points), xr.DataArray(found, dims=DRAW_DIMS)), xr.Dataset(
        statistics
    )


def _variables_at(moved: Any, density: Density, points: Any) -> "xr.Dataset":
    """Return the model's variables at ``points``, shape (chains, draws, size), as nutpie names them."""
    import xarray as xr

    named = {name: values for name, values in density.variables(points).items() if name != POINT}
    drawn = {name: ((*DRAW_DIMS, *_dims(moved, name, values.ndim - 2)), values) for name, values in named.items()}
    coords: dict[str, Any] = {name: list(at) for name, at in moved.coords.items() if name != f"{POINT}_dim_0"}
    coords |= {name: range(size) for name, size in zip(DRAW_DIMS, points.shape[:2], strict=True)}
    return xr.Dataset(drawn, coords)


def _dims(moved: Any, name: str, count: int) -> tuple[str, ...]:
    """Return the names of a variable's dimensions."""
    return tuple(moved.dims.get(name) or (f"{name}_dim_{place}" for place in range(count)))
