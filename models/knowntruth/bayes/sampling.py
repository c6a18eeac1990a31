"""Drawing from a posterior: nutpie by default, PyMC's own sampler as the fallback, the same result from either.

nutpie samples in the coordinates of `laplace`, in which the posterior is as wide in one direction as in any other.
Where data abound it is near to a standard normal there, and trajectories may be those of a standard normal, followed
exactly, which gradients only bend to the posterior's own (Shahbaba and others 2014, doi:10.1007/s11222-012-9373-1):
at the study's size two thirds of the steps lead as far. Where a spread may be 0 they diverge; then the usual straight
ones must do.

The third way, ``laplace``, takes that approximation for the posterior: an answer in a fraction of the time, for
studies of many replicates. How far to trust it is said by k̂ of its draws (see `diagnostics`), and by how often its
intervals held in replicates of whole worlds, which was as often as nutpie's (`tests/benchmarks/covered_laplace.csv`).

Compiling costs more than sampling, so it is done once: the data are inputs of the compiled function and not part of
it, so a process that fits the same model to the next data set only exchanges them. PyTensor keeps most of the
compiler's output on disk for other processes too.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np

from knowntruth.bayes.coordinates import CENTRE, FACTOR, LIKELIHOOD, POINT, PRIOR, in_coordinates
from knowntruth.bayes.density import Density, NotFinite
from knowntruth.bayes.laplace import approximate
from knowntruth.bayes.layout import Reals
from knowntruth.datasets.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

Progress = Callable[[str, float], None]
"""Told what is going on, and which share of it is done."""

Sampler = Literal["nutpie", "pymc", "laplace"]
Trajectories = Literal["straight", "normal"]
SAMPLERS: Final = get_args(Sampler)
TRAJECTORIES: Final = get_args(Trajectories)
KEPT: Final = ("diverging", "energy", "n_steps", "pareto_k")
"""What is kept of the sampler's own notes: what `diagnostics` reads. Clock times are not."""

COMPILING_SHARE: Final = 0.5
"""Share of the progress that stands for compiling."""

TARGET_ACCEPT: Final = 0.9
"""Share of proposals to accept. At the usual 0.8, scales that the data let come near 0 cause divergences."""

LEAST_ACCEPT: Final = 0.5
"""Below it nothing is gained, however many the sessions."""

MOST_DOUBLINGS: Final = 4
"""Of a trajectory, to 15 steps: enough to cross a posterior that is as wide as a standard normal in all directions.

More are wanted in the first steps of warming up alone, where they lead nowhere.
"""

LEAST: Final = -1e300
"""Logarithm of a density of 0."""

MOST_COMPILED: Final = 8
"""Compiled models that a process keeps; the one that was not used for longest goes first."""

Key = tuple[str, ...]
_COMPILED: dict[Key, Any] = {}

LARGEST_SEED: Final = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to sample: ``draws`` kept and ``tune`` discarded in each of ``chains`` chains, from ``seed``.

    ``target_accept`` is the share of proposals to accept: higher is slower, with fewer divergences. Along
    ``normal`` trajectories nutpie takes fewer steps where a posterior is nearly normal.
    """

    draws: int
    tune: int
    chains: int
    seed: int
    sampler: Sampler = "nutpie"
    target_accept: float = TARGET_ACCEPT
    trajectories: Trajectories = "straight"

    def __post_init__(self) -> None:
        """Refuse what no sampler can do."""
        for name, least in (("draws", 4), ("tune", 100), ("chains", 2), ("seed", 0)):
            if getattr(self, name) < least:
                raise InputError(f"{name} = {getattr(self, name)}; allowed: whole numbers from {least}.")
        if self.seed > LARGEST_SEED:
            raise InputError(f"seed = {self.seed}; allowed: whole numbers from 0 to {LARGEST_SEED}.")
        if not LEAST_ACCEPT <= self.target_accept < 1.0:
            raise InputError(f"target_accept = {self.target_accept}; allowed: from {LEAST_ACCEPT} to below 1.")
        for name, allowed in (("sampler", SAMPLERS), ("trajectories", TRAJECTORIES)):
            if getattr(self, name) not in allowed:
                raise InputError(f"{name} = {getattr(self, name)!r}; allowed: {', '.join(allowed)}.")


def draw(model: Any, key: Key, effort: Effort, progress: Progress | None) -> "tuple[xr.Dataset, xr.Dataset]":
    """Return the posterior draws of a PyMC model, and the sampler's notes on each draw.

    ``key`` is equal for two models exactly if they differ in nothing but the values of their data.
    """
    tell = progress or (lambda part, share: None)
    tell("compiling", 0.0)
    ways = {"nutpie": _nutpie, "pymc": _pymc, "laplace": _laplace}
    drawn, notes = ways[effort.sampler](model, key, effort, tell)
    tell("sampled", 1.0)
    return drawn, notes[[name for name in KEPT if name in notes]]


def _nutpie(model: Any, key: Key, effort: Effort, tell: Progress) -> "tuple[xr.Dataset, xr.Dataset]":
    """Sample with nutpie on up to as many cores as there are chains."""
    import nutpie  # noqa: PLC0415 - heavy: loaded when used

    compiled = _compiled(model, key)
    tell("sampling", COMPILING_SHARE)
    moved = _moved(compiled)
    tree = nutpie.sample(
        moved,
        draws=effort.draws,
        tune=effort.tune,
        chains=effort.chains,
        seed=effort.seed,
        target_accept=effort.target_accept,
        adaptation="diag",
        exact_normal_trajectory=effort.trajectories == "normal",
        maxdepth=MOST_DOUBLINGS,
        save_warmup=False,
        progress_bar=False,
        progress_callback=lambda chains: tell("sampling", _share(chains)),
    )
    notes = tree["sample_stats"].to_dataset()
    return _told(tree["posterior"].to_dataset(), notes["logp"]), notes


def _told(drawn: "xr.Dataset", density: "xr.DataArray") -> "xr.Dataset":
    """Return draws in a mode's coordinates as those of the model, with the likelihood that their density tells."""
    return drawn.assign({LIKELIHOOD: density - drawn[PRIOR]}).drop_vars([POINT, PRIOR], errors="ignore")


def _compiled(model: Any, key: Key) -> Any:
    """Return the model compiled for nutpie, with its own data; compiles only what this process has not yet met."""
    import nutpie  # noqa: PLC0415 - heavy: loaded when used

    if key not in _COMPILED:
        while len(_COMPILED) >= MOST_COMPILED:
            _COMPILED.pop(next(iter(_COMPILED)))
        _COMPILED[key] = nutpie.compile_pymc_model(in_coordinates(model))
    _COMPILED[key] = _COMPILED.pop(key)
    return _COMPILED[key].with_data(**{data.name: data.get_value() for data in model.data_vars})


def _share(chains: Any) -> float:
    """Return the share done of the whole, from nutpie's notes on each chain."""
    done = sum(chain.finished_draws / max(chain.total_draws, 1) for chain in chains) / max(len(chains), 1)
    return COMPILING_SHARE + (1 - COMPILING_SHARE) * float(done)


def _laplace(model: Any, key: Key, effort: Effort, tell: Progress) -> "tuple[xr.Dataset, xr.Dataset]":
    """Draw from the normal approximation; what is noted besides is k̂ of the draws' importance weights."""
    import xarray as xr  # noqa: PLC0415 - heavy: loaded when used
    from arviz_stats.base import array_stats  # noqa: PLC0415

    compiled = _compiled(model, key)
    tell("sampling", COMPILING_SHARE)
    moved = _moved(compiled)
    density, rng = Density(moved), np.random.default_rng([effort.seed, *b"laplace"])
    points = rng.normal(size=(effort.chains, effort.draws, density.size))
    found, energies = _found(density, points), 0.5 * np.square(points).sum(axis=2)
    _, tail = array_stats.psislw(-(found + energies).ravel())  # of one over the draws' weights
    named = {name: values for name, values in density.named(points).items() if name != POINT}
    every = ("chain", "draw")
    drawn = {name: ((*every, *_dims(moved, name, values.ndim - 2)), values) for name, values in named.items()}
    coords: dict[str, Any] = {name: list(at) for name, at in moved.coords.items() if name != f"{POINT}_dim_0"}
    coords |= {name: range(size) for name, size in zip(every, points.shape[:2], strict=True)}
    none = np.zeros(points.shape[:2])
    notes = {"diverging": (every, none > 0), "energy": (every, energies), "n_steps": (every, none)}
    told = _told(xr.Dataset(drawn, coords), xr.DataArray(found, dims=every))
    return told, xr.Dataset({**notes, "pareto_k": float(tail)})


def _moved(compiled: Any) -> Any:
    """Return the compiled model in the coordinates of its mode."""
    found = approximate(Density(compiled))
    return compiled.with_data(**{CENTRE: found.centre, FACTOR: found.factor})


def _found(density: Density, points: Reals) -> Reals:
    """Return the log density at ``points``, shape (chains, draws, size); where it is no number, next to none."""
    evaluate, found = density.evaluate(), np.full(points.shape[:2], LEAST)
    for place in np.ndindex(found.shape):
        with suppress(NotFinite):
            found[place] = evaluate(points[place])[0]
    return found


def _dims(compiled: Any, name: str, count: int) -> tuple[str, ...]:
    """Return the names of a variable's dimensions."""
    return tuple(compiled.dims.get(name) or (f"{name}_dim_{place}" for place in range(count)))


def _pymc(model: Any, key: Key, effort: Effort, tell: Progress) -> "tuple[xr.Dataset, xr.Dataset]":
    """Sample with PyMC's own sampler, in this process, leaving the global random state as it was."""
    import pymc as pm  # noqa: PLC0415 - heavy: loaded when used

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
