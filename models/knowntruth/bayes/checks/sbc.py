"""Simulation-based calibration: whether the inference is right, whatever the data.

Draw parameters from the priors, make sessions from them with the model, fit the model to these, and note the rank of
each true value among the posterior's draws. If prior, likelihood, compression and sampler all mean the same model,
ranks are uniform (Talts et al. 2018, arXiv:1804.06788); any way of being wrong bends them, and `uniformity` says
whether they are bent. Ranked are all parameters, effects in the units of the truth, since they are what a reader
uses, and the log likelihood of all data, which alone tells a posterior from its prior (Modrák et al. 2023,
doi:10.1214/23-BA1404).

A chain's draws resemble their neighbours, and ranks among such draws are not uniform even of a perfect sampler: they
pile up at both ends. So a replicate is drawn at greater length until it has twice as many effective draws of every
quantity as it is ranked among, and then thinned.

Each replicate is a file, whole or absent, so that a run may be stopped, go on, or be shared out to processes.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes.checks.rank_uniformity import THINNED
from knowntruth.bayes.checks.user_log_likelihood import by_user
from knowntruth.bayes.diagnostics import ess_bulk, parameters
from knowntruth.bayes.effects import contrasts
from knowntruth.bayes.fit import fit_model_frame
from knowntruth.bayes.inference_data import assemble
from knowntruth.bayes.models.base import Model
from knowntruth.bayes.models.registry import model as model_called
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.bayes.rows.validation import ValidationSample
from knowntruth.bayes.samplers.settings import SamplerSettings
from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.datasets.storage.files import write_json
from knowntruth.priors.tables import Priors

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

NEEDED: Final = 2 * THINNED
"""Effective draws of each quantity: thinned draws are then two correlation times apart, correlated by 0.02."""

MAX_STEPS: Final = 100_000
"""Steps of the sampler after which a replicate is not drawn at greater length, and ranked as it is.

A prior now and then draws what no data are like (sessions that differ by a thousandth); such a posterior is so hard
to explore that some more draws would not help. `EFFECTIVE` tells those replicates.
"""

EFFECTIVE: Final = "effective_draws"
"""What a replicate notes beside its ranks: effective draws of the quantity that had fewest."""

LOG_LIKELIHOOD: Final = "log_likelihood"


@dataclass(frozen=True, slots=True)
class SbcReplicate:
    """What is calibrated: a model over sessions whose codes stay, under a table of priors, at some effort."""

    model: str
    design: ModelFrame
    priors: Priors
    draws: int = 250
    tune: int = 400
    chains: int = 4


def replicate(trial: SbcReplicate, number: int) -> dict[str, int]:
    """Return the rank of every quantity in one replicate, from 0 to `THINNED`, and its `EFFECTIVE` draws.

    The number is the seed, of another stream for each model.
    """
    row = model_called(trial.model)
    rng = np.random.default_rng([number, *f"calibration of {row.name}".encode()])
    truth = row.prior(rng, trial.design, trial.priors, 1)
    made = row.simulate(rng, trial.design, truth)
    data = row.compress(made, ValidationSample())
    true = quantities(_with_likelihood(assemble(row, made, trial.priors, data, truth)))
    drawn, effective = _drawn(trial, row, made, data, number)
    chosen = np.linspace(0, next(iter(drawn.values())).size - 1, THINNED).round().astype(int)
    ranks = {name: int((values.ravel()[chosen] < true[name].item()).sum()) for name, values in drawn.items()}
    return {**ranks, EFFECTIVE: int(effective)}


def quantities(tree: "xr.DataTree") -> dict[str, Floats]:
    """Return all draws of the numbers that are ranked, shape (chains, draws)."""
    found = dict(parameters(tree))
    for outcome in model_called(tree.attrs["model"]).outcomes:
        effects = contrasts(tree, outcome)
        found |= {f"{outcome.estimand}[{level}]": effects[..., k] for k, level in enumerate(LEVELS[1:])}
    likelihood = tree["log_likelihood"]["sessions"].transpose("chain", "draw")
    return {**found, LOG_LIKELIHOOD: likelihood.to_numpy()}


def run(trial: SbcReplicate, replicates: int, folder: Path, workers: int = 1) -> "pd.DataFrame":
    """Run the replicates that ``folder`` does not hold yet, and return all ranks, one row a replicate.

    Raises
    ------
    InputError
        When the folder holds replicates of another trial.
    """
    import joblib

    _check_folder(trial, folder)
    missing = [number for number in range(replicates) if not _file(folder, number).is_file()]
    joblib.Parallel(n_jobs=workers)(joblib.delayed(_write)(trial, number, folder) for number in missing)
    return read(folder, range(replicates))


def read(folder: Path, numbers: Sequence[int]) -> "pd.DataFrame":
    """Return the ranks of the given replicates, one row each."""
    import pandas as pd

    return pd.DataFrame([json.loads(_file(folder, number).read_text(encoding="utf-8")) for number in numbers])


def _with_likelihood(tree: "xr.DataTree") -> "xr.DataTree":
    """Return a tree of draws that no sampler made, with the log likelihood of all data at each."""
    import xarray as xr

    users = by_user(tree)["log_likelihood"]["users"]
    tree["log_likelihood"] = xr.DataTree(xr.Dataset({"sessions": users.sum("user")}))
    return tree


def _drawn(
    trial: SbcReplicate, row: Model, made: ModelFrame, data: Any, number: int
) -> tuple[dict[str, Floats], float]:
    """Return draws of all quantities, at twice the length until enough, and how many are effective of the worst."""
    times, steps, effective, drawn = 1, 0, 0.0, {}
    while effective < NEEDED and steps < MAX_STEPS:
        tree = fit_model_frame(row, made, data, trial.priors, _effort(trial, times, number))
        drawn = quantities(tree)
        effective = min(ess_bulk(values) for values in drawn.values())
        times, steps = 2 * times, steps + int(tree["sample_stats"]["n_steps"].sum())
    return drawn, effective


def _effort(trial: SbcReplicate, times: int, seed: int) -> SamplerSettings:
    """Return so many times the effort of a trial."""
    return SamplerSettings(times * trial.draws, times * trial.tune, trial.chains, seed)


def _write(trial: SbcReplicate, number: int, folder: Path) -> None:
    write_json(_file(folder, number), replicate(trial, number))


def _file(folder: Path, number: int) -> Path:
    return folder / f"replicate-{number:05d}.json"


def _check_folder(trial: SbcReplicate, folder: Path) -> None:
    """Note what a folder's replicates are of, or refuse a folder with replicates of something else."""
    about: dict[str, Any] = {
        "model": trial.model, "data": trial.design.fingerprint, "priors": json.loads(trial.priors.model_dump_json()),
        "effort": [trial.draws, trial.tune, trial.chains],
    }  # fmt: skip
    noted = folder / "trial.json"
    if noted.is_file() and json.loads(noted.read_text(encoding="utf-8")) != about:
        raise InputError(f"{folder} holds replicates of another model, priors, sessions or effort; choose another")
    write_json(noted, about)
