"""Draws from a posterior by any sampler: the same form of result from each (see `samplers`)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from knowntruth.bayes.density.compile_cache import Key
from knowntruth.bayes.samplers import laplace, nutpie, pymc, surrogate
from knowntruth.bayes.samplers.settings import Sampler, SamplerSettings
from knowntruth.common.progress import Progress, no_progress

if TYPE_CHECKING:
    import xarray as xr

type SampleFunction = Callable[[Any, Key, SamplerSettings, Progress], tuple[xr.Dataset, xr.Dataset]]

SAMPLE_FUNCTIONS: Final[dict[Sampler, SampleFunction]] = {
    "nutpie": nutpie.sample,
    "surrogate": surrogate.sample,
    "laplace": laplace.sample,
    "pymc": pymc.sample,
}

KEPT_STATISTICS: Final = ("diverging", "energy", "n_steps", "pareto_k")
"""The sampler's statistics that are kept: those that `diagnostics` reads. Clock times are not kept."""


def sample_posterior(
    model: Any, key: Key, settings: SamplerSettings, progress: Progress | None
) -> "tuple[xr.Dataset, xr.Dataset]":
    """Return the posterior draws of a PyMC model, and the sampler's statistics of each draw."""
    report = progress or no_progress
    report("compiling", 0.0)
    drawn, statistics = SAMPLE_FUNCTIONS[settings.sampler](model, key, settings, report)
    report("sampled", 1.0)
    return drawn, statistics[[name for name in KEPT_STATISTICS if name in statistics]]
