"""Simulation-based calibration: whether the inference is right, whatever the data.

Draw parameters from the priors, make sessions from them with the model, fit the model to these, and note the rank of
each true value among the posterior's draws. If prior, likelihood, compression and sampler all mean the same model,
ranks are uniform (Talts et al. 2018, arXiv:1804.06788); any way of being wrong bends them. Effects in the units of
the truth are ranked as well as parameters, since they are what a reader uses.

Each replicate is a file, whole or absent, so that a run may be stopped, go on, or be shared out to processes.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes.audit import Audit
from knowntruth.bayes.design import Design
from knowntruth.bayes.fit import fit_design
from knowntruth.bayes.layout import Codes, Reals
from knowntruth.bayes.models import model as model_called
from knowntruth.bayes.recovery import contrasts
from knowntruth.bayes.results import assemble
from knowntruth.bayes.sampling import Effort
from knowntruth.datasets.errors import InputError
from knowntruth.datasets.files import write_json
from knowntruth.priors.tables import Priors

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

THINNED: Final = 99
"""Draws that a true value is ranked among: few enough to be independent, and 100 possible ranks."""

SIMULATED_BANDS: Final = 4000
"""Sets of uniform ranks from which the simultaneous band is found."""

PROBABILITY: Final = 0.99


@dataclass(frozen=True, slots=True)
class Trial:
    """What is calibrated: a model over sessions whose codes stay, under a table of priors, at some effort."""

    model: str
    design: Design
    priors: Priors
    draws: int = 250
    tune: int = 400
    chains: int = 4


def replicate(trial: Trial, number: int) -> dict[str, int]:
    """Return the rank of every quantity in one replicate, from 0 to `THINNED`; the number is the seed."""
    row = model_called(trial.model)
    rng = np.random.default_rng([number, *b"calibration"])
    truth = row.prior(rng, trial.design, trial.priors, 1)
    made = row.simulate(rng, trial.design, truth)
    data = row.compress(made, Audit())
    effort = Effort(trial.draws, trial.tune, trial.chains, number)
    tree = fit_design(row, made, data, trial.priors, effort)
    true = assemble(row, made, trial.priors, data, truth)
    ranks = {}
    for name, values in quantities(tree).items():
        chosen = np.linspace(0, len(values) - 1, THINNED).round().astype(int)
        ranks[name] = int((values[chosen] < quantities(true)[name][0]).sum())
    return ranks


def quantities(tree: "xr.DataTree") -> dict[str, Reals]:
    """Return all draws of the numbers that are ranked: parameters of one number, and headline effects."""
    found = {}
    for name, values in tree["posterior"].data_vars.items():
        if set(values.dims) == {"chain", "draw"}:
            found[str(name)] = values.transpose("chain", "draw").to_numpy().ravel()
    for outcome in model_called(tree.attrs["model"]).outcomes:
        found[outcome.estimand] = contrasts(tree, outcome)[..., -1].ravel()
    return found


def run(trial: Trial, replicates: int, folder: Path, workers: int = 1) -> "pd.DataFrame":
    """Run the replicates that ``folder`` does not hold yet, and return all ranks, one row a replicate.

    Raises
    ------
    InputError
        When the folder holds replicates of another trial.
    """
    import joblib  # noqa: PLC0415 - heavy: loaded when used

    _check_folder(trial, folder)
    missing = [number for number in range(replicates) if not _file(folder, number).is_file()]
    joblib.Parallel(n_jobs=workers)(joblib.delayed(_write)(trial, number, folder) for number in missing)
    return read(folder, range(replicates))


def read(folder: Path, numbers: Sequence[int]) -> "pd.DataFrame":
    """Return the ranks of the given replicates, one row each."""
    import pandas as pd  # noqa: PLC0415 - heavy: loaded when used

    return pd.DataFrame([json.loads(_file(folder, number).read_text(encoding="utf-8")) for number in numbers])


def verdicts(ranks: "pd.DataFrame", probability: float = PROBABILITY) -> "pd.DataFrame":
    """Return one row a quantity: how far its ranks stray from uniform, the limit, and whether they pass.

    The distance is the largest gap between the ranks' ECDF and the uniform one, in binomial standard deviations
    (Säilynoja, Bürkner and Vehtari 2022, doi:10.1007/s11222-022-10090-6); ``limit`` is what uniform ranks of as many
    quantities together stay under with ``probability``.
    """
    import pandas as pd  # noqa: PLC0415 - heavy: loaded when used

    rng = np.random.default_rng(0)
    uniform = [_distance(rng.integers(0, THINNED + 1, len(ranks))) for _ in range(SIMULATED_BANDS)]
    limit = float(np.quantile(uniform, probability ** (1.0 / ranks.shape[1])))
    rows = [
        (name, len(ranks), distance, limit, "pass" if distance <= limit else "fail")
        for name in ranks
        for distance in [_distance(ranks[name].to_numpy())]
    ]
    return pd.DataFrame(rows, columns=["quantity", "replicates", "distance", "limit", "verdict"])


def _distance(ranks: Codes) -> float:
    """Return the largest standardised gap between the ECDF of ranks and that of uniform ones."""
    at = np.arange(1, THINNED + 1) / (THINNED + 1)
    counts = np.bincount(ranks, minlength=THINNED + 1)
    ecdf = np.cumsum(counts)[:-1] / len(ranks)
    return float(np.max(np.abs(ecdf - at) / np.sqrt(at * (1 - at) / len(ranks))))


def _write(trial: Trial, number: int, folder: Path) -> None:
    write_json(_file(folder, number), replicate(trial, number))


def _file(folder: Path, number: int) -> Path:
    return folder / f"replicate-{number:05d}.json"


def _check_folder(trial: Trial, folder: Path) -> None:
    """Note what a folder's replicates are of, or refuse a folder with replicates of something else."""
    about: dict[str, Any] = {
        "model": trial.model, "data": trial.design.fingerprint, "priors": json.loads(trial.priors.model_dump_json()),
        "effort": [trial.draws, trial.tune, trial.chains],
    }  # fmt: skip
    noted = folder / "trial.json"
    if noted.is_file() and json.loads(noted.read_text(encoding="utf-8")) != about:
        raise InputError(f"{folder} holds replicates of another model, priors, sessions or effort; choose another")
    write_json(noted, about)
