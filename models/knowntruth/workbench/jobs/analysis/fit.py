"""The job of ``knowntruth fit``: fit a Bayesian model to sessions, and write the results.

==================== =======================================================================================
posterior.nc         the draws, the priors, the sessions as codes, their hash (ArviZ: ``xarray.open_datatree``)
effects.csv          each effect in the unit of the truth, with the true value where it is given
effects_by_….csv     the same within each group that the effect varies by
level_means.csv      the dose-response: each outcome's mean with everybody at each level
diagnostics.csv      convergence of the sampler
predictive.csv       posterior predictive checks: are simulated sessions like these?
sensitivity.csv      which prior influences the estimate?
prior_predictive.png prior and posterior predictions of these sessions
manifest.json        the request, versions, and the hash of each file
==================== =======================================================================================
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from knowntruth.datasets.storage import files, readers
from knowntruth.workbench.report.write_folder import write_posterior
from knowntruth.workbench.results import manifest
from knowntruth.workbench.results.study_results import round_numbers
from knowntruth.workbench.terminal.progress import Steps

if TYPE_CHECKING:
    import pandas as pd

    from knowntruth.bayes.samplers.settings import SamplerChoice

WEIGHTS: Final = {"read": 1, "fit": 20, "summarise": 6}
NEEDED: Final = ("user_id", "clear_goal")
"""Columns that every model needs; further columns are checked where they are used."""

PRIOR_DRAWS: Final = 1000


@dataclass(frozen=True, slots=True)
class FitRequest:
    """The data, the model and its settings: paths, and names of columns."""

    data: Path
    model: str
    priors: str
    covariates: tuple[str, ...]
    treatment: str
    coding: str | None
    validation: Path | None
    truth: Path | None
    seed: int
    draws: int
    sampler: "SamplerChoice"
    target_accept: float


@dataclass(frozen=True, slots=True)
class FitResults:
    """The posterior, draws from the priors, and ``tables`` by the name of their file."""

    tree: Any
    prior: Any
    tables: "dict[str, pd.DataFrame]"

    @property
    def failed(self) -> "pd.DataFrame":
        """The diagnostics that failed; no rows if the draws may be used."""
        rows = self.tables["diagnostics"]
        return rows[rows["verdict"].eq("fail")]


def fit(request: FitRequest, out: Path) -> FitResults:
    """Fit a model and write its folder.

    Raises
    ------
    InputError
        If the data, the priors or the folder cannot be used.
    """
    head = {"asked": _as_json(request), "versions": manifest.versions()}
    with files.output_folder(out, "fit", head) as folder, Steps(WEIGHTS) as steps:
        result = run(request, steps)
        write(result, folder)
    return result


def run(request: FitRequest, steps: Steps) -> FitResults:
    """Read the data, fit the model, and summarise."""
    from knowntruth.bayes.fit import fit as fit_model
    from knowntruth.bayes.fit import sample_prior
    from knowntruth.bayes.inference_data import model_frame_of
    from knowntruth.priors.load import load

    with steps.step("read", f"Reading {request.data}"):
        priors = load(request.priors)
        observed = readers.read(request.data, NEEDED)
        validation = None if request.validation is None else readers.read_any(request.validation)
        truth = (
            None
            if request.truth is None
            else readers.read_any(request.truth, ("estimand", "contrast", "value", "mcse"))
        )
    with steps.step("fit", f"Fitting the model {request.model} to {len(observed):,} sessions") as advance:
        tree = fit_model(
            request.model, observed, priors, covariates=request.covariates, treatment=request.treatment,
            coding=request.coding, validation=validation, draws=request.draws, sampler=request.sampler,
            target_accept=request.target_accept, seed=request.seed, unsound="keep", progress=advance,
        )  # fmt: skip
    with steps.step("summarise", "Computing effects, checks, and the influence of the priors"):
        prior = sample_prior(request.model, model_frame_of(tree), priors, draws=PRIOR_DRAWS, seed=request.seed)
        return FitResults(tree, prior, _tables(tree, truth))


def write(result: FitResults, folder: Path) -> None:
    """Write every result into ``folder``."""
    from knowntruth.workbench.plots.bayes import prior_and_posterior

    write_posterior(folder / "posterior.nc", result.tree)
    for name, frame in result.tables.items():
        files.write_csv(folder / f"{name}.csv", frame)
    files.write_bytes(folder / "prior_predictive.png", prior_and_posterior.png(result.prior, result.tree))


def _tables(tree: Any, truth: "pd.DataFrame | None") -> "dict[str, pd.DataFrame]":
    """Return every table of the folder."""
    from knowntruth.bayes import diagnostics
    from knowntruth.bayes import effects as recovery
    from knowntruth.bayes.checks import posterior_predictive, prior_sensitivity

    effects = recovery.effects(tree)
    found = {
        "effects": effects if truth is None else recovery.compare_with_truth(effects, truth),
        "level_means": recovery.level_means(tree),
        "diagnostics": diagnostics.diagnostics(tree),
        "predictive": posterior_predictive.predictive(tree),
        "sensitivity": prior_sensitivity.sensitivity(tree),
    }
    if tree.attrs["by"]:
        found[f"effects_by_{tree.attrs['by']}"] = recovery.effects_by(tree, tree.attrs["by"])
    return {name: round_numbers(frame) for name, frame in found.items()}


def _as_json(request: FitRequest) -> dict[str, Any]:
    """Return the request for the manifest."""
    names = ("model", "priors", "treatment", "coding", "seed", "draws", "sampler", "target_accept")
    return {
        "data": request.data.name,
        "covariates": list(request.covariates),
        "validation": request.validation.name if request.validation else None,
        **{name: getattr(request, name) for name in names},
    }
