"""PyMC's own sampler, in the model's own coordinates."""

from typing import TYPE_CHECKING, Any

import numpy as np

from knowntruth.bayes.density.compile_cache import Key
from knowntruth.bayes.samplers.settings import SamplerSettings
from knowntruth.common.progress import Progress

if TYPE_CHECKING:
    import xarray as xr


def sample(model: Any, key: Key, settings: SamplerSettings, report: Progress) -> "tuple[xr.Dataset, xr.Dataset]":
    """Return draws and statistics, sampled in this process; the global random state is left as it was."""
    import pymc as pm

    before = np.random.get_state()  # noqa: NPY002 - read and put back, not used
    try:
        # while it looks for its step size, a trajectory may diverge; it is rejected, and NumPy need not warn
        with np.errstate(over="ignore", invalid="ignore"):
            tree = pm.sample(
                draws=settings.draws,
                tune=settings.tune,
                chains=settings.chains,
                cores=1,
                random_seed=settings.seed,
                target_accept=settings.target_accept,
                nuts_sampler="pymc",
                progressbar=False,
                quiet=True,
                compute_convergence_checks=False,
                model=model,
            )
    finally:
        np.random.set_state(before)  # noqa: NPY002
    return tree["posterior"].to_dataset(), tree["sample_stats"].to_dataset()
