"""Simulation-based calibration: whether the inference is right, whatever the data.

Draw parameters from the priors, simulate sessions from them with the model, fit the model to these, and record the
rank of each true value among the posterior's draws. If prior, likelihood, compression and sampler all implement the
same model, ranks are uniform (Talts et al. 2018, arXiv:1804.06788); an error in any of them bends their distribution,
which `rank_uniformity` tests. Ranked are all parameters; effects in the units of the truth, since readers use them;
and the log likelihood of all data, which alone distinguishes a posterior from its prior (Modrák et al. 2023,
doi:10.1214/23-BA1404).

A chain's draws are autocorrelated, and ranks among such draws are not uniform even for a perfect sampler: they pile
up at both ends. So a replicate is sampled at greater length until it has twice as many effective draws of every
quantity as it is ranked among, and then thinned.

Each replicate is a file, complete or absent, so that a run can be stopped, resumed, or shared out to processes.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes.checks.rank_uniformity import THINNED
from knowntruth.bayes.checks.user_log_likelihood import user_log_likelihood
from knowntruth.bayes.diagnostics import ess_bulk, parameters
from knowntruth.bayes.effects import contrasts
from knowntruth.bayes.fit import fit_model_frame
from knowntruth.bayes.inference_data import assemble, model_of
from knowntruth.bayes.models.base import Model
from knowntruth.bayes.models.registry import model as find_model
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

MIN_EFFECTIVE_DRAWS: Final = 2 * THINNED
"""Effective draws of each quantity: thinned draws are then two correlation times apart, correlated by 0.02."""

MAX_STEPS: Final = 100_000
"""Steps of the sampler after which a replicate is ranked as it is.

A prior now and then draws values unlike any data (sessions that differ by a thousandth); such a posterior is so hard
to explore that more draws would not help. `EFFECTIVE` identifies those replicates.
"""

EFFECTIVE: Final = "effective_draws"
"""Recorded with a replicate's ranks: effective draws of the quantity that has fewest."""

OLD_RECORD: Final = "trial.json"
"""The record of folders before version 0.2, whose replicates cannot be compared with what is asked."""

LOG_LIKELIHOOD: Final = "log_likelihood"


@dataclass(frozen=True, slots=True)
class SbcStudy:
    """What is calibrated: a model over sessions with fixed codes, under a table of priors, with sampler settings."""

    model: str
    frame: ModelFrame
    priors: Priors
    draws: int = 250
    tune: int = 400
    chains: int = 4


def rank_replicate(study: SbcStudy, number: int) -> dict[str, int]:
    """Return the rank of every quantity in one replicate, from 0 to `THINNED`, and its `EFFECTIVE` draws.

    The number is the seed; each model has a random stream of its own.
    """
    row = find_model(study.model)
    rng = np.random.default_rng([number, *f"calibration of {row.stream_key}".encode()])
    truth = row.sample_prior(rng, study.frame, study.priors, 1)
    simulated = row.simulate(rng, study.frame, truth)
    data = row.compress(simulated, ValidationSample())
    true = ranked_quantities(_add_log_likelihood(assemble(row, simulated, study.priors, data, truth)))
    drawn, effective = _draw_until_effective(study, row, simulated, data, number)
    chosen = np.linspace(0, next(iter(drawn.values())).size - 1, THINNED).round().astype(int)
    ranks = {name: int((values.ravel()[chosen] < true[name].item()).sum()) for name, values in drawn.items()}
    return {**ranks, EFFECTIVE: int(effective)}


def ranked_quantities(tree: "xr.DataTree") -> dict[str, Floats]:
    """Return all draws of the numbers that are ranked, shape (chains, draws)."""
    found = dict(parameters(tree))
    for outcome in model_of(tree).outcomes:
        effects = contrasts(tree, outcome)
        found |= {f"{outcome.estimand}[{level}]": effects[..., k] for k, level in enumerate(LEVELS[1:])}
    likelihood = tree["log_likelihood"]["sessions"].transpose("chain", "draw")
    return {**found, LOG_LIKELIHOOD: likelihood.to_numpy()}


def run_replicates(study: SbcStudy, replicates: int, folder: Path, workers: int = 1) -> "pd.DataFrame":
    """Run the replicates that ``folder`` does not hold yet, and return all ranks, one row per replicate.

    Raises
    ------
    InputError
        When the folder holds replicates of another study.
    """
    import joblib

    _check_folder(study, folder)
    missing = [number for number in range(replicates) if not _file(folder, number).is_file()]
    joblib.Parallel(n_jobs=workers)(joblib.delayed(_write)(study, number, folder) for number in missing)
    return read_ranks(folder, range(replicates))


def read_ranks(folder: Path, numbers: Sequence[int]) -> "pd.DataFrame":
    """Return the ranks of the given replicates, one row each."""
    import pandas as pd

    return pd.DataFrame([json.loads(_file(folder, number).read_text(encoding="utf-8")) for number in numbers])


def _add_log_likelihood(tree: "xr.DataTree") -> "xr.DataTree":
    """Return a tree of draws from the prior with the log likelihood of all data at each."""
    import xarray as xr

    users = user_log_likelihood(tree)["log_likelihood"]["users"]
    tree["log_likelihood"] = xr.DataTree(xr.Dataset({"sessions": users.sum("user")}))
    return tree


def _draw_until_effective(
    study: SbcStudy, row: Model, simulated: ModelFrame, data: Any, number: int
) -> tuple[dict[str, Floats], float]:
    """Return draws of all quantities, doubled in length until enough, and the effective draws of the worst."""
    times, steps, effective, drawn = 1, 0, 0.0, {}
    while effective < MIN_EFFECTIVE_DRAWS and steps < MAX_STEPS:
        tree = fit_model_frame(row, simulated, data, study.priors, _settings(study, times, number))
        drawn = ranked_quantities(tree)
        effective = min(ess_bulk(values) for values in drawn.values())
        times, steps = 2 * times, steps + int(tree["sample_stats"]["n_steps"].sum())
    return drawn, effective


def _settings(study: SbcStudy, times: int, seed: int) -> SamplerSettings:
    """Return the sampler settings of a study at ``times`` its length."""
    return SamplerSettings(times * study.draws, times * study.tune, study.chains, seed)


def _write(study: SbcStudy, number: int, folder: Path) -> None:
    write_json(_file(folder, number), rank_replicate(study, number))


def _file(folder: Path, number: int) -> Path:
    return folder / f"replicate-{number:05d}.json"


def _check_folder(study: SbcStudy, folder: Path) -> None:
    """Record what a folder's replicates are of; raise an error if it holds replicates of something else."""
    about: dict[str, Any] = {
        "model": study.model, "data": study.frame.fingerprint, "priors": json.loads(study.priors.model_dump_json()),
        "settings": [study.draws, study.tune, study.chains],
    }  # fmt: skip
    if (folder / OLD_RECORD).is_file():
        raise InputError(f"{folder} was written by an earlier version; choose another folder")
    record = folder / "study.json"
    if record.is_file() and json.loads(record.read_text(encoding="utf-8")) != about:
        raise InputError(
            f"{folder} holds replicates of another model, priors, sessions or settings; choose another folder"
        )
    write_json(record, about)
