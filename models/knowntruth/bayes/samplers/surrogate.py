"""For large studies: nutpie over a parabola in the likelihood's place, its draws put right by the likelihood itself.

At the study's size a gradient of the likelihood takes a hundred times as long as all else, and a parabola says nearly
the same (`parabola`). So nutpie walks over priors and parabola, and the likelihood is asked once a draw, for the
weight of the draw: what the posterior's density is beside the one that was walked over. Draws are taken as often as
they weigh (Vihola, Helske and Franks 2020, doi:10.1111/sjos.12492), so they are of the posterior itself, however well
the parabola fits, as long as k̂ of the weights is at most 0.7 (see `diagnostics`). Where sessions are few it is not,
and there is nothing to be gained either.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes.density import quadratic_surrogate
from knowntruth.bayes.density.compile_cache import Key, at_mode, compiled
from knowntruth.bayes.density.compiled_density import Density
from knowntruth.bayes.density.reparametrize import PHI, POINT, told
from knowntruth.bayes.samplers import importance
from knowntruth.bayes.samplers.nutpie import COMPILING_SHARE, between, walked
from knowntruth.bayes.samplers.settings import SamplerSettings
from knowntruth.common.progress import Progress

if TYPE_CHECKING:
    import xarray as xr

WALKED_SHARE: Final = 0.7
"""Share of the progress when what is left are the weights."""

STEPS: Final = 3
"""Draws walked for one that is kept: they cost next to nothing. Odd, as a draw is often opposite to the last."""


def sample(model: Any, key: Key, effort: SamplerSettings, tell: Progress) -> "tuple[xr.Dataset, xr.Dataset]":
    """Return draws, and notes on the walk that led to them, with k̂ of the weights."""
    ready = compiled(model, key)
    tell("sampling", COMPILING_SHARE)
    exact = Density(at_mode(ready))
    phi = exact.named(np.zeros((1, 1, exact.size)))[PHI][0, 0]
    rough = exact.compiled.with_data(**quadratic_surrogate.data(model, phi))
    drawn, notes = _walked(rough, effort, lambda at: tell("sampling", between(COMPILING_SHARE, WALKED_SHARE, at)))
    points = drawn[POINT].transpose("chain", "draw", ...).to_numpy()
    found = exact.at(points, lambda at: tell("weighing", between(WALKED_SHARE, 1.0, at)))
    density = notes["logp"].transpose("chain", "draw")
    weights, tail = importance.smoothed(found - density.to_numpy())
    kept = importance.resampled(weights, np.random.default_rng([effort.seed, *b"surrogate"]))
    return _taken(told(drawn, density.copy(data=found)), kept), notes.assign(pareto_k=tail)


def _walked(rough: Any, effort: SamplerSettings, advance: Callable[[float], None]) -> "tuple[xr.Dataset, xr.Dataset]":
    """Return what nutpie drew, one of so many draws, and its notes: a divergence between two counts for the next."""
    drawn, notes = walked(rough, replace(effort, draws=STEPS * effort.draws), advance)
    every, places = {"draw": slice(STEPS - 1, None, STEPS)}, {"draw": np.arange(effort.draws)}
    diverging = notes["diverging"].coarsen(draw=STEPS).max().assign_coords(places)
    drawn, notes = (part.isel(every).assign_coords(places) for part in (drawn, notes))
    return drawn, notes.assign(diverging=diverging)


def _taken(draws: "xr.Dataset", kept: Any) -> "xr.Dataset":
    """Return each chain's draws at the given places, numbered anew."""
    import xarray as xr

    every = {"chain": draws["chain"], "draw": draws["draw"]}
    places = {"chain": xr.DataArray(np.arange(len(kept)), dims="chain"), "draw": xr.DataArray(kept, dims=(*every,))}
    return draws.drop_vars(every).isel(places).assign_coords(every)
