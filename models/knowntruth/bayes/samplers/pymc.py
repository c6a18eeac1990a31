"""PyMC's own sampler, in the model's own coordinates."""

from typing import TYPE_CHECKING, Any

import numpy as np

from knowntruth.bayes.density.compile_cache import Key
from knowntruth.bayes.samplers.settings import SamplerSettings
from knowntruth.common.progress import Progress

if TYPE_CHECKING:
    import xarray as xr


def sample(model: Any, key: Key, effort: SamplerSettings, tell: Progress) -> "tuple[xr.Dataset, xr.Dataset]":
    """Return draws and notes, sampled in this process, leaving the global random state as it was."""
    import pymc as pm

    before = np.random.get_state()  # noqa: NPY002 - read and put back, not used
    try:
        # while it looks for its step size, a trajectory may fly off; it is rejected, and NumPy need not tell
        with np.errstate(over="ignore", invalid="ignore"):
            tree = pm.sample(
                draws=effort.draws,
                tune=effort.tune,
                chains=effort.chains,
                cores=1,
                random_seed=effort.seed,
                target_accept=effort.target_accept,
                nuts_sampler="pymc",
                progressbar=False,
                quiet=True,
                compute_convergence_checks=False,
                model=model,
            )
    finally:
        np.random.set_state(before)  # noqa: NPY002
    return tree["posterior"].to_dataset(), tree["sample_stats"].to_dataset()
