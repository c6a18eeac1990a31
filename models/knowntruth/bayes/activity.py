"""Agent actions per prompt: a Gaussian model of their logarithm, with a trait of each user.

    log(actions per prompt) = intercept + level + groups + user + session,    user ~ N(0, τ²), session ~ N(0, σ²)

The estimand `activity_ratio` is a ratio of geometric means, that is, of means of the logarithm, so the model aims
at it directly: even where sessions are not log-normal, the means of the logarithm are what it estimates. Whether
they are is asked by `predictive`. Users are integrated out exactly (`gaussian`), so the intervals know that a
user's sessions resemble each other.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes import gaussian
from knowntruth.bayes.design import COVARIATES, TREATMENT, Design, design
from knowntruth.bayes.distributions import declare, declare_signed
from knowntruth.bayes.gaussian import GaussianStatistics
from knowntruth.bayes.results import Arrays, assemble
from knowntruth.bayes.sampling import Effort, Progress, Sampler, draw
from knowntruth.bayes.structure import coefficients, coordinates, key, matrix, named
from knowntruth.datasets.categories import LEVELS
from knowntruth.priors.tables import Priors

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

NAME: Final = "activity"
OUTCOME: Final = "actions_per_prompt"


def fit(
    observed: "pd.DataFrame",
    priors: Priors,
    *,
    covariates: Sequence[str] = COVARIATES,
    treatment: str = TREATMENT,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    seed: int,
    sampler: Sampler = "nutpie",
    progress: Progress | None = None,
) -> "xr.DataTree":
    """Return the posterior of the activity model (see `results`).

    Parameters
    ----------
    observed
        One row per session with ``user_id``, ``clear_goal``, ``actions_per_prompt``, treatment and covariates.
    covariates
        Columns to adjust for, by default those of the study; categories or unbroken levels of the schema.
    treatment
        Column with levels 1-5 or missing.

    Raises
    ------
    InputError
        When the rows or the effort cannot give an answer.
    """
    effort = Effort(draws, tune, chains, seed, sampler)
    rows = design(observed, OUTCOME, covariates, treatment)
    statistics = gaussian.compress(rows, np.log(rows.outcome))
    drawn, notes = draw(model(rows, statistics, priors), key(NAME, rows, priors.activity), effort, progress)
    posterior = named(drawn, rows, _information(rows))
    return assemble(NAME, rows, priors, effort, posterior, notes, _arrays(rows, statistics))


def model(rows: Design, statistics: GaussianStatistics, priors: Priors) -> Any:
    """Return the PyMC model over compressed sessions."""
    import pymc as pm  # noqa: PLC0415 - heavy: loaded when used

    from knowntruth.bayes.likelihoods import gaussian_likelihood  # noqa: PLC0415

    own = priors.activity
    with pm.Model(coords=coordinates(rows)) as built:
        beta = coefficients(rows, own, _information(rows))
        scales = declare("session_scale", own.session_scale), declare_signed("user_scale", own.user_scale)
        centred = matrix(rows, statistics.means[:-1])
        pm.Potential("log_likelihood", gaussian_likelihood(beta, centred, *scales, statistics))
    return built


def _information(rows: Design) -> float:
    """Return what a session tells of the linear predictor: one over the variance of its logarithm."""
    return float(1.0 / np.var(np.log(rows.outcome)))


def _arrays(rows: Design, statistics: GaussianStatistics) -> Arrays:
    """Return the statistics under names, for the tree."""
    return {
        "level_gram": (("level", "column", "column_too"), statistics.level_gram),
        "user_gram": (("repeat", "column", "column_too"), statistics.user_gram),
        "repeats": (("repeat",), statistics.repeats),
        "users": (("repeat",), statistics.users),
        "level": (("level",), list(LEVELS)),
        "column": (("column",), [*rows.coefficients, "log_actions"]),
    }


def statistics_of(tree: "xr.DataTree") -> GaussianStatistics:
    """Return the statistics that a fit was made from."""
    data = tree["constant_data"]
    return GaussianStatistics(*(data[name].to_numpy() for name in ("level_gram", "user_gram", "repeats", "users")))
