"""Drawing from a posterior, by any sampler: the same result from each (see `samplers`)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from knowntruth.bayes.density.compile_cache import Key
from knowntruth.bayes.samplers import laplace, nutpie, pymc, surrogate
from knowntruth.bayes.samplers.settings import Sampler, SamplerSettings
from knowntruth.common.progress import Progress, no_progress

if TYPE_CHECKING:
    import xarray as xr

WAYS: "Final[dict[Sampler, Callable[[Any, Key, SamplerSettings, Progress], tuple[xr.Dataset, xr.Dataset]]]]" = {
    "nutpie": nutpie.sample,
    "surrogate": surrogate.sample,
    "laplace": laplace.sample,
    "pymc": pymc.sample,
}

KEPT: Final = ("diverging", "energy", "n_steps", "pareto_k")
"""What is kept of the sampler's own notes: what `diagnostics` reads. Clock times are not."""


def draw(model: Any, key: Key, effort: SamplerSettings, progress: Progress | None) -> "tuple[xr.Dataset, xr.Dataset]":
    """Return the posterior draws of a PyMC model, and the sampler's notes on each draw."""
    tell = progress or no_progress
    tell("compiling", 0.0)
    drawn, notes = WAYS[effort.sampler](model, key, effort, tell)
    tell("sampled", 1.0)
    return drawn, notes[[name for name in KEPT if name in notes]]
