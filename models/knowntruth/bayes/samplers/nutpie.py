"""nutpie in the coordinates of `laplace_approximation`, in which the posterior is equally wide in all directions."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from knowntruth.bayes.density.compile_cache import Key, compile_model, whiten_at_mode
from knowntruth.bayes.density.reparametrize import add_log_likelihood
from knowntruth.bayes.samplers.settings import SamplerSettings
from knowntruth.common.progress import Progress

if TYPE_CHECKING:
    import xarray as xr

COMPILING_SHARE: Final = 0.5
"""Share of the progress that stands for compiling."""

MAX_DOUBLINGS: Final = 4
"""Doublings of a trajectory, to 15 steps: enough to cross a standard normal.

More are asked for only in the first steps of tuning, where they lead nowhere.
"""


def sample(model: Any, key: Key, settings: SamplerSettings, report: Progress) -> "tuple[xr.Dataset, xr.Dataset]":
    """Return draws, and the sampler's statistics of each."""
    ready = compile_model(model, key)
    report("sampling", COMPILING_SHARE)
    moved = whiten_at_mode(ready)
    drawn, statistics = run_nuts(
        moved, settings, lambda share: report("sampling", interpolate(COMPILING_SHARE, 1.0, share))
    )
    return add_log_likelihood(drawn, statistics["logp"]), statistics


def run_nuts(
    moved: Any, settings: SamplerSettings, advance: Callable[[float], None]
) -> "tuple[xr.Dataset, xr.Dataset]":
    """Return nutpie's draws, by up to as many cores as there are chains, and its statistics."""
    import nutpie

    tree = nutpie.sample(
        moved,
        draws=settings.draws,
        tune=settings.tune,
        chains=settings.chains,
        seed=settings.seed,
        target_accept=settings.target_accept,
        adaptation="diag",
        maxdepth=MAX_DOUBLINGS,
        save_warmup=False,
        progress_bar=False,
        progress_callback=lambda chains: advance(_share_done(chains)),
    )
    return tree["posterior"].to_dataset(), tree["sample_stats"].to_dataset()


def interpolate(begin: float, end: float, share: float) -> float:
    """Return the progress when a ``share`` of the way from ``begin`` to ``end`` is done."""
    return begin + (end - begin) * share


def _share_done(chains: Any) -> float:
    """Return the share that is done, from nutpie's progress of each chain."""
    return float(sum(chain.finished_draws / max(chain.total_draws, 1) for chain in chains) / max(len(chains), 1))
