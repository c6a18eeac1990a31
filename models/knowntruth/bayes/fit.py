"""Fitting: any model to any observed rows, under any table of priors.

    tree = fit("joint", observed, load("weak"), seed=1)

A fit whose diagnostics fail is an error, unless the caller asks to keep it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from knowntruth.bayes.density.compile_cache import Key
from knowntruth.bayes.diagnostics import assess, require_sound
from knowntruth.bayes.inference_data import add_sampling, assemble
from knowntruth.bayes.models.base import Model
from knowntruth.bayes.models.registry import MODELS
from knowntruth.bayes.models.registry import model as find_model
from knowntruth.bayes.rows.model_frame import BY, COVARIATES, TREATMENT, ModelFrame, model_frame
from knowntruth.bayes.rows.validation import ValidationSample, validation_sample
from knowntruth.bayes.samplers.registry import sample_posterior
from knowntruth.bayes.samplers.settings import TARGET_ACCEPT, SamplerChoice, SamplerSettings
from knowntruth.bayes.samplers.threads import single_threaded
from knowntruth.common.errors import InputError
from knowntruth.common.progress import Progress
from knowntruth.priors.tables import Priors

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

OnUnsound = Literal["error", "keep"]
"""What to do with a posterior whose diagnostics fail."""

MIN_SESSIONS_SURROGATE: Final = 50_000
"""Sessions from which on the surrogate sampler is tried first: with fewer, its k̂ often forbids the draws.

For the model of both outcomes, k̂ was 0.9 at 20,000 sessions, 0.5 at 50,000 and 0.3 at 100,000.
"""

DRAWS: Final = 1000
TUNE: Final = 200
"""Enough for nutpie, which only has to find a step size; pymc needs more."""
CHAINS: Final = 4


@single_threaded
def fit(
    model: str,
    observed: "pd.DataFrame",
    priors: Priors,
    *,
    covariates: Sequence[str] = COVARIATES,
    treatment: str = TREATMENT,
    coding: str | None = None,
    by: str | None = BY,
    validation: "pd.DataFrame | None" = None,
    draws: int = DRAWS,
    tune: int = TUNE,
    chains: int = CHAINS,
    seed: int,
    sampler: SamplerChoice = "auto",
    target_accept: float = TARGET_ACCEPT,
    unsound: OnUnsound = "error",
    progress: Progress | None = None,
) -> "xr.DataTree":
    """Return the posterior of a model as an ArviZ tree (see `inference_data`).

    Parameters
    ----------
    model
        Its name (see `registry`).
    observed
        One row per session with ``user_id``, ``clear_goal``, the model's outcomes, treatments and covariates.
    covariates
        Columns to adjust for, by default those of the study; categories or unbroken levels of the schema.
    treatment, coding
        Columns with levels 1-5 or missing; the second, if given, is coding expertise, next to domain expertise.
    by
        Covariate over whose groups the effect of ``treatment`` varies; ignored if it is not among ``covariates``.
    validation
        Sessions or texts with a known true level (see `validation`), for the model measurement.
    draws, tune
        Steps of each chain that are kept, and before those. At the defaults and above, a posterior whose diagnostics
        fail is sampled again at twice the length.
    sampler
        One of `samplers`. By default nutpie; from 50,000 sessions on surrogate, which is several times faster there,
        and nutpie if the diagnostics forbid its draws. ``laplace`` is only an approximation.
    target_accept
        Share of proposals to accept, from 0.5 to below 1: raise it where trajectories diverge.
    unsound
        ``keep`` also returns a posterior whose diagnostics fail; its diagnostics report so.

    Raises
    ------
    InputError
        When the rows or the settings cannot give an answer.
    UnsoundPosterior
        When divergences, R-hat, effective sample sizes or energies forbid the use of the draws (`diagnostics`).

    Examples
    --------
    >>> rows = kt.simulate("published", 300).to_frame()
    >>> fit("joint", rows, kt.load_priors("weak"), validation=rows, seed=1)
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: the model joint has no use for a validation sample; ...
    """
    settings = SamplerSettings(draws, tune, chains, seed, "nutpie" if sampler == "auto" else sampler, target_accept)
    row = find_model(model)
    if validation is not None and not row.has_latent_level:
        using = " or ".join(name for name, other in MODELS.items() if other.has_latent_level)
        raise InputError(f"the model {model} has no use for a validation sample; give it to the model {using}")
    sample = validation_sample(validation)
    outcomes = [outcome.column for outcome in row.outcomes]
    frame = model_frame(observed, outcomes, covariates, treatment, coding, by, sample.known)
    data = row.compress(frame, sample)
    quick = sampler == "auto" and row.smooth and frame.sessions >= MIN_SESSIONS_SURROGATE
    for attempt in _attempts(settings, quick=quick):
        tree = fit_model_frame(row, frame, data, priors, attempt, progress)
        if assess(tree):
            return tree
    if unsound == "error":
        require_sound(tree)
    return tree


def _attempts(settings: SamplerSettings, *, quick: bool) -> Iterator[SamplerSettings]:
    """Yield the settings to try until the diagnostics pass: the quick sampler first, and longer chains last."""
    if quick:
        yield replace(settings, sampler="surrogate")
    yield settings
    if settings.draws >= DRAWS and settings.tune >= TUNE and settings.sampler != "laplace":
        yield replace(settings, draws=2 * settings.draws, tune=2 * settings.tune)


def sample_prior(model: str, frame: ModelFrame, priors: Priors, *, draws: int, seed: int) -> "xr.DataTree":
    """Return what a table of priors alone implies for these sessions, as a tree like that of a fit.

    Examples
    --------
    >>> from knowntruth.bayes.rows.model_frame import model_frame
    >>> rows = kt.simulate("published", 300).to_frame()
    >>> frame = model_frame(rows, ["verified_success"], ("mode",), by=None)
    >>> tree = sample_prior("verified_success", frame, kt.load_priors("weak"), draws=20, seed=1)
    >>> tree.attrs["model"], tree["posterior"].sizes["draw"]
    ('verified_success', 20)
    """
    row = find_model(model)
    rng = np.random.default_rng([seed, *b"prior"])
    drawn = row.sample_prior(rng, frame, priors, draws)
    tree = assemble(row, frame, priors, row.compress(frame, ValidationSample()), drawn)
    tree.attrs["seed"] = seed
    return tree


@single_threaded
def fit_model_frame(
    row: Model,
    frame: ModelFrame,
    data: Any,
    priors: Priors,
    settings: SamplerSettings,
    progress: Progress | None = None,
) -> "xr.DataTree":
    """Return the posterior of a model over sessions that are coded and compressed, whatever its diagnostics."""
    model = row.build(frame, data, priors)
    drawn, statistics = sample_posterior(model, compile_key(row, frame, priors), settings, progress)
    named = row.name_draws(drawn, frame)
    tree = assemble(row, frame, priors, data, named)
    add_sampling(tree, _total_log_likelihood(drawn), statistics, settings)
    mean = named.mean(("chain", "draw")).expand_dims({"chain": 1, "draw": 1})
    tree.attrs |= row.facts(frame, data, mean)
    return tree


def _total_log_likelihood(drawn: "xr.Dataset") -> "xr.DataArray":
    """Return the log likelihood of all data at each draw."""
    terms = [values for name, values in drawn.data_vars.items() if str(name).endswith("log_likelihood")]
    return sum(terms[1:], start=terms[0]).transpose("chain", "draw")


def compile_key(row: Model, frame: ModelFrame, priors: Priors) -> Key:
    """Return what distinguishes compiled models, apart from the values of their data."""
    own = "".join(getattr(priors, topic).model_dump_json() for topic in row.topics)
    return (row.name, own, repr(frame.layout))
