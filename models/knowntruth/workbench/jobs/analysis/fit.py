"""Fitting a model to anyone's sessions, and the folder that comes of it.

==================== =======================================================================================
posterior.nc         the draws, the priors, the sessions as codes, their hash (ArviZ: ``xarray.open_datatree``)
effects.csv          each effect in the units of the truth, beside it where one is given
effects_by_….csv     the same within each group that the effect varies by
level_means.csv      the dose-response: each outcome's mean with everybody at each level
diagnostics.csv      may the draws be trusted?
predictive.csv       does the model make sessions like these?
sensitivity.csv      which row of the priors moves the answer?
prior_predictive.png what the priors alone expect of these sessions, and what is left of it
manifest.json        what was asked for, versions, and the hash of each file
==================== =======================================================================================
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from knowntruth.datasets.storage import files, readers
from knowntruth.workbench.report.write_folder import write_posterior
from knowntruth.workbench.results import manifest
from knowntruth.workbench.results.study_results import steady
from knowntruth.workbench.terminal.progress import Steps

if TYPE_CHECKING:
    import pandas as pd

    from knowntruth.bayes.samplers.settings import SamplerAsked

WEIGHTS: Final = {"read": 1, "fit": 20, "tell": 6}
NEEDED: Final = ("user_id", "clear_goal")
"""Columns that every model needs; the others are asked for where they are used."""

PRIOR_DRAWS: Final = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """What to fit to what: paths, and names of columns."""

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
    sampler: "SamplerAsked"
    target_accept: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """What came of it; ``tables`` by the name of their file."""

    tree: Any
    prior: Any
    tables: "dict[str, pd.DataFrame]"

    @property
    def failed(self) -> "pd.DataFrame":
        """The diagnostics that failed; none where the draws may be used."""
        rows = self.tables["diagnostics"]
        return rows[rows["verdict"].eq("fail")]


def fitted(asked: Asked, out: Path) -> Fitted:
    """Fit a model and write its folder.

    Raises
    ------
    InputError
        When the data, the priors, or the folder will not do.
    """
    head = {"asked": _words(asked), "versions": manifest.versions()}
    with files.output_folder(out, "fit", head) as folder, Steps(WEIGHTS) as steps:
        result = run(asked, steps)
        write(result, folder)
    return result


def run(asked: Asked, steps: Steps) -> Fitted:
    """Read, fit, and tell."""
    from knowntruth.bayes.fit import fit, sample_prior
    from knowntruth.bayes.inference_data import model_frame_of
    from knowntruth.priors.load import load

    with steps.step("read", f"Reading {asked.data}"):
        priors = load(asked.priors)
        observed = readers.read(asked.data, NEEDED)
        validation = None if asked.validation is None else readers.read_any(asked.validation)
        truth = (
            None if asked.truth is None else readers.read_any(asked.truth, ("estimand", "contrast", "value", "mcse"))
        )
    with steps.step("fit", f"Fitting the model {asked.model} to {len(observed):,} sessions") as advance:
        tree = fit(
            asked.model, observed, priors, covariates=asked.covariates, treatment=asked.treatment,
            coding=asked.coding, validation=validation, draws=asked.draws, sampler=asked.sampler,
            target_accept=asked.target_accept, seed=asked.seed, unsound="keep", progress=advance,
        )  # fmt: skip
    with steps.step("tell", "Effects, checks, and what the priors did"):
        prior = sample_prior(asked.model, model_frame_of(tree), priors, draws=PRIOR_DRAWS, seed=asked.seed)
        return Fitted(tree, prior, _tables(tree, truth))


def write(result: Fitted, folder: Path) -> None:
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
    return {name: steady(frame) for name, frame in found.items()}


def _words(asked: Asked) -> dict[str, Any]:
    """Return what was asked for as JSON can hold it."""
    return {
        "data": asked.data.name, "model": asked.model, "priors": asked.priors, "covariates": list(asked.covariates),
        "treatment": asked.treatment, "coding": asked.coding, "seed": asked.seed, "draws": asked.draws,
        "sampler": asked.sampler, "target_accept": asked.target_accept,
        "validation": asked.validation.name if asked.validation else None,
    }  # fmt: skip
