"""For large studies: nutpie with a quadratic in the likelihood's place, its draws corrected by the likelihood itself.

At the study's size a gradient of the likelihood takes a hundred times as long as all else, and a quadratic is nearly
the same (`quadratic_surrogate`). So nutpie samples priors times quadratic, and the likelihood is evaluated once per
draw, for the draw's importance weight: the posterior density over the density that was sampled. Draws are resampled
by their weights (Vihola, Helske and Franks 2020, doi:10.1111/sjos.12492), so they are of the posterior itself,
however well the quadratic fits, as long as k̂ of the weights is at most 0.7 (see `diagnostics`). Where sessions are
few, k̂ is larger, and there is no time to gain either.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes.density import quadratic_surrogate
from knowntruth.bayes.density.compile_cache import Key, compile_model, whiten_at_mode
from knowntruth.bayes.density.compiled_density import Density
from knowntruth.bayes.density.reparametrize import PHI, POINT, add_log_likelihood
from knowntruth.bayes.samplers import importance
from knowntruth.bayes.samplers.nutpie import COMPILING_SHARE, interpolate, run_nuts
from knowntruth.bayes.samplers.settings import SamplerSettings
from knowntruth.common.progress import Progress

if TYPE_CHECKING:
    import xarray as xr

SAMPLING_SHARE: Final = 0.7
"""Share of the progress when only the weights are left to compute."""

THINNING: Final = 3
"""Draws for one that is kept: they cost next to nothing. Odd, since a draw is often opposite to the last."""


def sample(model: Any, key: Key, settings: SamplerSettings, report: Progress) -> "tuple[xr.Dataset, xr.Dataset]":
    """Return draws, and statistics of the chains they were taken from, with k̂ of the weights."""
    ready = compile_model(model, key)
    report("sampling", COMPILING_SHARE)
    exact = Density(whiten_at_mode(ready))
    phi = exact.variables(np.zeros((1, 1, exact.size)))[PHI][0, 0]
    rough = exact.compiled.with_data(**quadratic_surrogate.surrogate_data(model, phi))
    drawn, statistics = _run_thinned(
        rough, settings, lambda at: report("sampling", interpolate(COMPILING_SHARE, SAMPLING_SHARE, at))
    )
    points = drawn[POINT].transpose("chain", "draw", ...).to_numpy()
    found = exact.at(points, lambda at: report("weighing", interpolate(SAMPLING_SHARE, 1.0, at)))
    density = statistics["logp"].transpose("chain", "draw")
    weights, tail = importance.smooth_weights(found - density.to_numpy())
    kept = importance.resample(weights, np.random.default_rng([settings.seed, *b"surrogate"]))
    return _select_draws(add_log_likelihood(drawn, density.copy(data=found)), kept), statistics.assign(pareto_k=tail)


def _run_thinned(
    rough: Any, settings: SamplerSettings, advance: Callable[[float], None]
) -> "tuple[xr.Dataset, xr.Dataset]":
    """Return every third of nutpie's draws and their statistics; a divergence in between counts for the next."""
    drawn, statistics = run_nuts(rough, replace(settings, draws=THINNING * settings.draws), advance)
    every, places = {"draw": slice(THINNING - 1, None, THINNING)}, {"draw": np.arange(settings.draws)}
    diverging = statistics["diverging"].coarsen(draw=THINNING).max().assign_coords(places)
    drawn, statistics = (part.isel(every).assign_coords(places) for part in (drawn, statistics))
    return drawn, statistics.assign(diverging=diverging)


def _select_draws(draws: "xr.Dataset", kept: Any) -> "xr.Dataset":
    """Return each chain's draws at the given positions, renumbered."""
    import xarray as xr

    every = {"chain": draws["chain"], "draw": draws["draw"]}
    places = {"chain": xr.DataArray(np.arange(len(kept)), dims="chain"), "draw": xr.DataArray(kept, dims=(*every,))}
    return draws.drop_vars(every).isel(places).assign_coords(every)
