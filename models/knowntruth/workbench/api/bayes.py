"""Bayesian models of what expertise does: priors, fits, effects and diagnostics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowntruth.common.names import look_up
from knowntruth.workbench.api.inputs import Rows, as_checked, as_frame, as_priors
from knowntruth.workbench.api.picture import Picture, picture
from knowntruth.workbench.api.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from knowntruth.common.arrays import Floats
    from knowntruth.priors.tables import Priors
    from knowntruth.workbench.api.worlds import Truth

HEADLINE = "5 vs 1"


def load_priors(priors: "str | Path" = "weak") -> "Priors":
    """Return the table of priors of that name (weak, published, sceptical), or the one in that TOML file.

    Raises
    ------
    InputError
        If there is no such table, or a row is missing or impossible.

    Examples
    --------
    >>> load_priors("sceptical").activity.effect.mean
    0.0
    """
    return as_priors(priors)


@dataclass(frozen=True, repr=False)
class Fit(Shown):
    """A posterior: its draws (``tree``, an ArviZ ``DataTree``), and what follows from them."""

    tree: "xr.DataTree"
    priors: "Priors"

    @property
    def model(self) -> str:
        """Return the model's name."""
        return str(self.tree.attrs["model"])

    def effects(self, *, by: str | None = None, truth: "Truth | pd.DataFrame | None" = None) -> "pd.DataFrame":
        """Return the effect of each level against novice, in the unit of the truth, with 90% intervals.

        Parameters
        ----------
        by
            The covariate within whose groups effects are wanted.
        truth
            True effects, to stand next to each estimate.
        """
        from knowntruth.bayes import effects

        if by is not None:
            return effects.effects_by(self.tree, by)
        found = effects.effects(self.tree)
        if truth is None:
            return found
        return effects.compare_with_truth(found, truth.to_frame() if isinstance(truth, Shown) else truth)

    def level_means(self) -> "pd.DataFrame":
        """Return each outcome's standardised mean with everybody at each level: the dose-response."""
        from knowntruth.bayes.effects import level_means

        return level_means(self.tree)

    def contrasts(self, outcome: str) -> "Floats":
        """Return draws of each level's effect against novice, shape (chains, draws, 4).

        Raises
        ------
        InputError
            If the model has no such outcome.
        """
        from knowntruth.bayes.effects import contrasts
        from knowntruth.bayes.models.registry import MODELS

        outcomes = {each.column: each for each in MODELS[self.model].outcomes}
        return contrasts(self.tree, look_up("no outcome", outcome, outcomes))

    @cached_property
    def diagnostics(self) -> "pd.DataFrame":
        """The diagnostics: quantity, parameter, value, limit, verdict, advice."""
        from knowntruth.bayes.diagnostics import diagnostics

        return diagnostics(self.tree)

    def predictive(self) -> "pd.DataFrame":
        """Return posterior predictive checks, one row each."""
        from knowntruth.bayes.checks.posterior_predictive import predictive

        return predictive(self.tree)

    def prior_sensitivity(self) -> "pd.DataFrame":
        """Return how far each row of the priors moves each headline effect."""
        from knowntruth.bayes.checks.prior_sensitivity import sensitivity

        return sensitivity(self.tree)

    def loo(self, others: "Mapping[str, Fit] | None" = None) -> "pd.DataFrame":
        """Return the expected log density of a user left out; with other fits by name, all compared, the best first.

        Raises
        ------
        InputError
            If the fits are not of the same sessions and outcomes.
        """
        from knowntruth.bayes.checks.loo import compare, loo

        if others is None:
            return loo(self.tree)
        return compare({"this": self.tree, **{name: each.tree for name, each in others.items()}})

    def to_frame(self) -> "pd.DataFrame":
        """Return the effects."""
        return self.effects()

    def facts(self) -> dict[str, Any]:
        """Return model, data, the headline effects and whether the draws may be used."""
        rows = self.effects()
        rows = rows[rows["contrast"].eq(HEADLINE)]
        failed = self.diagnostics[self.diagnostics["verdict"].eq("fail")]
        verdict = "; ".join(f"{row.quantity} of {row.parameter} fails" for row in failed.itertuples())
        shown = {str(r.estimand): f"{r.mean:.3g} ({r.lower:.3g} to {r.upper:.3g}), {HEADLINE}, 90% interval"
                 for r in rows.itertuples()}  # fmt: skip
        return {"model": self.model, **shown, "diagnostics": verdict or "all pass"}

    def plot(self) -> Picture:
        """Return the picture of what the priors alone expect, and what the data left of it."""
        from knowntruth.bayes.fit import sample_prior
        from knowntruth.bayes.inference_data import model_frame_of
        from knowntruth.workbench.plots.bayes import prior_and_posterior

        prior = sample_prior(self.model, model_frame_of(self.tree), self.priors, draws=1000, seed=1)
        return picture(prior_and_posterior.png(prior, self.tree), f"Priors and posterior of the model {self.model}")


def fit(
    rows: Rows,
    model: str = "joint",
    priors: "Priors | str | Path" = "weak",
    *,
    covariates: Sequence[str] | None = None,
    treatment: str = "rated_expertise",
    coding: str | None = None,
    validation: "pd.DataFrame | str | Path | None" = None,
    seed: int = 1,
    **settings: Any,
) -> Fit:
    """Fit a Bayesian model to sessions.

    Parameters
    ----------
    rows
        Sessions with ``user_id``, ``clear_goal``, the model's outcomes, the treatment and the covariates.
    model
        activity, verified_success, joint, measurement or hidden_confounder.
    covariates
        Columns to adjust for; by default occupation, mode, value band and month.
    treatment, coding
        Columns with levels 1 to 5; ``coding`` adds coding expertise as a second treatment.
    validation
        Sessions whose true level is known, for the model measurement.
    settings
        ``draws``, ``tune``, ``chains``, ``sampler``, ``target_accept``, ``by``, ``unsound``, ``progress``.

    Raises
    ------
    InputError
        If the rows or the settings cannot give an answer.
    UnsoundPosterior
        If the diagnostics forbid the use of the draws; ``unsound="keep"`` returns them all the same.

    Examples
    --------
    >>> fit(kt.simulate("null", 300), "joint", validation=pd.DataFrame())
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: the model joint ...
    """
    from knowntruth.bayes.fit import fit as fitted

    chosen = as_priors(priors)
    given: dict[str, Any] = {} if covariates is None else {"covariates": tuple(covariates)}
    sample = None if validation is None else _validation(validation)
    tree = fitted(model, as_checked(rows), chosen, treatment=treatment, coding=coding, validation=sample, seed=seed,
                  **given, **settings)  # fmt: skip
    return Fit(tree, chosen)


def _validation(sample: Any) -> "pd.DataFrame":
    if isinstance(sample, str | Path):
        from knowntruth.datasets.storage.readers import read_any

        return read_any(sample)
    return as_frame(sample)


def effects(posterior: "Fit | xr.DataTree", **wanted: Any) -> "pd.DataFrame":
    """Return the effects of a fit, or of a stored posterior opened by ArviZ; keywords as of `Fit.effects`.

    Examples
    --------
    >>> effects(fit(kt.simulate("null", 300), "joint", covariates=["shoe_size"]))
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: ...
    """
    return _fit(posterior).effects(**wanted)


def diagnostics(posterior: "Fit | xr.DataTree") -> "pd.DataFrame":
    """Return the diagnostics of a fit or of a stored posterior: they say whether the draws may be used.

    Examples
    --------
    >>> diagnostics("posterior.nc")
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: expected a fit or an ArviZ DataTree, got str; ...
    """
    return _fit(posterior).diagnostics


def _fit(posterior: Any) -> Fit:
    if isinstance(posterior, Fit):
        return posterior
    if not hasattr(posterior, "attrs"):
        from knowntruth.common.errors import InputError

        raise InputError(
            f"expected a fit or an ArviZ DataTree, got {type(posterior).__name__}; open a file by arviz.from_netcdf"
        )
    return Fit(posterior, as_priors("weak"))
