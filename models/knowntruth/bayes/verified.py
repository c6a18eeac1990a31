"""Verified success: a logistic model of whether the evidence says that a session succeeded.

    log odds of verified success = intercept + level + groups

Sessions that share level and groups are one binomial cell (`binomial`). Users enter only through their groups, so
where users differ beyond them the intervals are somewhat too narrow; `binomial` says by how much. The effect is a
difference in probability, averaged over the sessions as they are: `recovery` computes it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes import binomial
from knowntruth.bayes.binomial import BinomialStatistics
from knowntruth.bayes.design import COVARIATES, TREATMENT, Design, design
from knowntruth.bayes.results import Arrays, assemble
from knowntruth.bayes.sampling import Effort, Progress, Sampler, draw
from knowntruth.bayes.structure import coefficients, coordinates, key, matrix, named
from knowntruth.datasets.categories import LEVELS
from knowntruth.priors.tables import Priors

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

NAME: Final = "verified_success"
OUTCOME: Final = "verified_success"


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
    """Return the posterior of the verified success model (see `results`).

    Parameters
    ----------
    observed
        One row per session with ``user_id``, ``clear_goal``, ``verified_success``, treatment and covariates.
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
    statistics = binomial.compress(rows)
    drawn, notes = draw(model(rows, statistics, priors), key(NAME, rows, priors.verified_success), effort, progress)
    posterior = named(drawn, rows, _information(rows))
    return assemble(NAME, rows, priors, effort, posterior, notes, _arrays(rows, statistics))


def model(rows: Design, statistics: BinomialStatistics, priors: Priors) -> Any:
    """Return the PyMC model over compressed sessions."""
    import pymc as pm  # noqa: PLC0415 - heavy: loaded when used

    from knowntruth.bayes.likelihoods import binomial_likelihood  # noqa: PLC0415

    with pm.Model(coords=coordinates(rows)) as built:
        beta = coefficients(rows, priors.verified_success, _information(rows))
        pm.Potential("log_likelihood", binomial_likelihood(beta, matrix(rows, statistics.means), statistics))
    return built


def _information(rows: Design) -> float:
    """Return what a session tells of the log odds: the variance of its outcome."""
    return float(np.var(rows.outcome))


def _arrays(rows: Design, statistics: BinomialStatistics) -> Arrays:
    """Return the statistics under names, for the tree."""
    return {
        "columns": (("cell", "dummy"), statistics.columns),
        "sessions": (("cell",), statistics.sessions),
        "successes": (("cell",), statistics.successes),
        "means": (("column",), statistics.means),
        "dummy": (("dummy",), ["level", *rows.groups]),
        "level": (("level",), list(LEVELS)),
        "column": (("column",), list(rows.coefficients)),
    }


def statistics_of(tree: "xr.DataTree") -> BinomialStatistics:
    """Return the statistics that a fit was made from."""
    data = tree["constant_data"]
    return BinomialStatistics(*(data[name].to_numpy() for name in ("columns", "sessions", "successes", "means")))
