"""nutpie in the coordinates of `laplace`, in which the posterior is as wide in one direction as in any other."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from knowntruth.bayes.density.compile_cache import Key, at_mode, compiled
from knowntruth.bayes.density.reparametrize import told
from knowntruth.bayes.samplers.settings import SamplerSettings
from knowntruth.common.progress import Progress

if TYPE_CHECKING:
    import xarray as xr

COMPILING_SHARE: Final = 0.5
"""Share of the progress that stands for compiling."""

MAX_DOUBLINGS: Final = 4
"""Of a trajectory, to 15 steps: enough to cross a posterior that is as wide as a standard normal in all directions.

More are wanted in the first steps of warming up alone, where they lead nowhere.
"""


def sample(model: Any, key: Key, effort: SamplerSettings, tell: Progress) -> "tuple[xr.Dataset, xr.Dataset]":
    """Return draws and notes."""
    ready = compiled(model, key)
    tell("sampling", COMPILING_SHARE)
    moved = at_mode(ready)
    drawn, notes = walked(moved, effort, lambda share: tell("sampling", between(COMPILING_SHARE, 1.0, share)))
    return told(drawn, notes["logp"]), notes


def walked(moved: Any, effort: SamplerSettings, advance: Callable[[float], None]) -> "tuple[xr.Dataset, xr.Dataset]":
    """Return what nutpie drew on up to as many cores as there are chains, and its notes."""
    import nutpie

    tree = nutpie.sample(
        moved,
        draws=effort.draws,
        tune=effort.tune,
        chains=effort.chains,
        seed=effort.seed,
        target_accept=effort.target_accept,
        adaptation="diag",
        maxdepth=MAX_DOUBLINGS,
        save_warmup=False,
        progress_bar=False,
        progress_callback=lambda chains: advance(_share(chains)),
    )
    return tree["posterior"].to_dataset(), tree["sample_stats"].to_dataset()


def between(begin: float, end: float, share: float) -> float:
    """Return the progress when a ``share`` of what lies between two others is done."""
    return begin + (end - begin) * share


def _share(chains: Any) -> float:
    """Return the share done of the whole, from nutpie's notes on each chain."""
    return float(sum(chain.finished_draws / max(chain.total_draws, 1) for chain in chains) / max(len(chains), 1))
