"""The normal approximation taken for the posterior: an answer in a fraction of the time.

How far to trust it is said by k̂ of its draws' importance weights (see `diagnostics`), and by how often its intervals
held in replicates of whole worlds, which was as often as nutpie's (`tests/benchmarks/covered_laplace.csv`).
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from knowntruth.bayes.density.compile_cache import Key, at_mode, compiled
from knowntruth.bayes.density.compiled_density import Density
from knowntruth.bayes.density.reparametrize import POINT, told
from knowntruth.bayes.samplers import importance
from knowntruth.bayes.samplers.nutpie import COMPILING_SHARE
from knowntruth.bayes.samplers.settings import SamplerSettings
from knowntruth.common.progress import Progress

if TYPE_CHECKING:
    import xarray as xr

EVERY = ("chain", "draw")


def sample(model: Any, key: Key, effort: SamplerSettings, tell: Progress) -> "tuple[xr.Dataset, xr.Dataset]":
    """Return independent draws from the approximation, and k̂."""
    import xarray as xr

    ready = compiled(model, key)
    tell("sampling", COMPILING_SHARE)
    moved = at_mode(ready)
    density, rng = Density(moved), np.random.default_rng([effort.seed, *b"laplace"])
    points = rng.normal(size=(effort.chains, effort.draws, density.size))
    found, energies = density.at(points), 0.5 * np.square(points).sum(axis=2)
    notes = {"energy": (EVERY, energies), "pareto_k": importance.smoothed(found + energies)[1]}
    return told(_named(moved, density, points), xr.DataArray(found, dims=EVERY)), xr.Dataset(notes)


def _named(moved: Any, density: Density, points: Any) -> "xr.Dataset":
    """Return the model's variables at ``points``, shape (chains, draws, size), as nutpie names them."""
    import xarray as xr

    named = {name: values for name, values in density.named(points).items() if name != POINT}
    drawn = {name: ((*EVERY, *_dims(moved, name, values.ndim - 2)), values) for name, values in named.items()}
    coords: dict[str, Any] = {name: list(at) for name, at in moved.coords.items() if name != f"{POINT}_dim_0"}
    coords |= {name: range(size) for name, size in zip(EVERY, points.shape[:2], strict=True)}
    return xr.Dataset(drawn, coords)


def _dims(moved: Any, name: str, count: int) -> tuple[str, ...]:
    """Return the names of a variable's dimensions."""
    return tuple(moved.dims.get(name) or (f"{name}_dim_{place}" for place in range(count)))
