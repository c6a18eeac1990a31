"""Fitting: any model to any observed rows, under any table of priors.

    tree = fit("joint", observed, load("weak"), seed=1)

A fit that the diagnostics do not let pass is an error, unless the caller asks for it as it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from knowntruth.bayes.density.compile_cache import Key
from knowntruth.bayes.diagnostics import assess, require
from knowntruth.bayes.inference_data import add_sampling, assemble
from knowntruth.bayes.models import joint
from knowntruth.bayes.models.base import Model
from knowntruth.bayes.models.registry import model as model_called
from knowntruth.bayes.rows.model_frame import BY, COVARIATES, TREATMENT, ModelFrame, model_frame
from knowntruth.bayes.rows.validation import ValidationSample, validation_sample
from knowntruth.bayes.samplers.registry import draw
from knowntruth.bayes.samplers.settings import TARGET_ACCEPT, SamplerAsked, SamplerSettings
from knowntruth.bayes.samplers.threads import single_threaded
from knowntruth.common.errors import InputError
from knowntruth.common.progress import Progress
from knowntruth.priors.tables import Priors

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Unsound = Literal["error", "keep"]
"""What to do with a posterior whose diagnostics fail."""

MANY: Final = 50_000
"""Sessions from which on the surrogate sampler is tried first: with fewer, its k̂ often forbids the draws.

Of the joint model it was 0.9 at 20,000 sessions, 0.5 at 50,000 and 0.3 at 100,000.
"""

DRAWS: Final = 1000
TUNE: Final = 200
"""Enough for nutpie, which has but a step size to find; pymc wants more."""
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
    sampler: SamplerAsked = "auto",
    target_accept: float = TARGET_ACCEPT,
    unsound: Unsound = "error",
    progress: Progress | None = None,
) -> "xr.DataTree":
    """Return the posterior of a model (see `results`).

    Parameters
    ----------
    model
        Its name (see `models`).
    observed
        One row per session with ``user_id``, ``clear_goal``, the model's outcomes, treatments and covariates.
    covariates
        Columns to adjust for, by default those of the study; categories or unbroken levels of the schema.
    treatment, coding
        Columns with levels 1-5 or missing; the second, if given, is coding expertise beside domain expertise.
    by
        Covariate over whose groups the effect of ``treatment`` varies; none where it is not among ``covariates``.
    validation
        An audit of the ratings (see `audit`), for the model ``measurement``.
    draws, tune
        Steps of each chain that are kept, and before those. At the defaults and above, a posterior whose diagnostics
        fail is drawn once more at twice the length.
    sampler
        One of `samplers`. By default nutpie, and from 50,000 sessions on surrogate, which is several times faster
        there, with nutpie where the diagnostics forbid its draws. ``laplace`` is no more than an approximation.
    target_accept
        Share of proposals to accept, from 0.5 to below 1: raise it where trajectories diverge.
    unsound
        ``keep`` returns a posterior whose diagnostics fail as well; its diagnostics then say so.

    Raises
    ------
    InputError
        When the rows or the effort cannot give an answer.
    Unsound
        When divergences, R-hat, effective sample sizes or energies forbid the use of the draws (`diagnostics`).

    Examples
    --------
    >>> import pandas as pd
    >>> from knowntruth.priors.load import load
    >>> fit("joint", pd.DataFrame(), load("weak"), validation=pd.DataFrame(), seed=1)
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: the model joint has no use for a validation sample; ...
    """
    effort = SamplerSettings(draws, tune, chains, seed, "nutpie" if sampler == "auto" else sampler, target_accept)
    row = model_called(model)
    if validation is not None and "measurement" not in row.topics:
        raise InputError(f"the model {model} has no use for a validation sample; give it to the model measurement")
    audited = validation_sample(validation)
    outcomes = [outcome.column for outcome in row.outcomes]
    rows = model_frame(observed, outcomes, covariates, treatment, coding, by, audited.known)
    data = row.compress(rows, audited)
    for way in _ways(effort, quick=sampler == "auto" and row.smooth and rows.sessions >= MANY):
        tree = fit_model_frame(row, rows, data, priors, way, progress)
        if assess(tree):
            return tree
    if unsound == "error":
        require(tree)
    return tree


def _ways(effort: SamplerSettings, *, quick: bool) -> Iterator[SamplerSettings]:
    """Yield what is tried until the diagnostics pass: the quick way first, and a long one at last."""
    if quick:
        yield replace(effort, sampler="surrogate")
    yield effort
    if effort.draws >= DRAWS and effort.tune >= TUNE and effort.sampler != "laplace":
        yield replace(effort, draws=2 * effort.draws, tune=2 * effort.tune)


def sample_prior(model: str, rows: ModelFrame, priors: Priors, *, draws: int, seed: int) -> "xr.DataTree":
    """Return what a table of priors alone says of these sessions, as a tree like that of a fit.

    Examples
    --------
    >>> from knowntruth.bayes.rows.model_frame import model_frame
    >>> from knowntruth.priors.load import load
    >>> from knowntruth.world.simulate import simulate
    >>> from knowntruth.world.definition.world import load as load_world
    >>> rows = simulate(load_world("published"), 300, seed=1).observed.to_pandas()
    >>> coded = model_frame(rows, ["verified_success"], ("mode",), by=None)
    >>> tree = sample_prior("verified_success", coded, load("weak"), draws=20, seed=1)
    >>> tree.attrs["model"], tree["posterior"].sizes["draw"]
    ('verified_success', 20)
    """
    row = model_called(model)
    rng = np.random.default_rng([seed, *b"prior"])
    tree = assemble(row, rows, priors, row.compress(rows, ValidationSample()), row.prior(rng, rows, priors, draws))
    tree.attrs["seed"] = seed
    return tree


@single_threaded
def fit_model_frame(
    row: Model, rows: ModelFrame, data: Any, priors: Priors, effort: SamplerSettings, progress: Progress | None = None
) -> "xr.DataTree":
    """Return the posterior of a model over sessions that are codes already, whatever its diagnostics."""
    drawn, notes = draw(row.build(rows, data, priors), key(row, rows, priors), effort, progress)
    named = row.named(drawn, rows)
    tree = assemble(row, rows, priors, data, named)
    add_sampling(tree, _likelihood(drawn), notes, effort)
    if row.name == joint.MODEL.name:
        middle = named.mean(("chain", "draw")).expand_dims({"chain": 1, "draw": 1})
        tree.attrs["quadrature_error"] = joint.quadrature_error(rows, data, middle)
    return tree


def _likelihood(drawn: "xr.Dataset") -> "xr.DataArray":
    """Return the log likelihood of all data at each draw."""
    terms = [values for name, values in drawn.data_vars.items() if str(name).endswith("log_likelihood")]
    return sum(terms[1:], start=terms[0]).transpose("chain", "draw")


def key(row: Model, rows: ModelFrame, priors: Priors) -> Key:
    """Return what tells a model from others, the values of its data apart."""
    own = "".join(getattr(priors, topic).model_dump_json() for topic in row.topics)
    return (row.name, own, repr(rows.layout))
