"""Verified success: a logistic model of whether the evidence says that a session succeeded.

    log odds of verified success = intercept + levels + groups

Sessions that share levels and groups are one binomial cell (`binomial`). Users enter only through their groups, so
where users differ beyond them the intervals are somewhat too narrow; `binomial` says by how much, `joint` mends it.
The effect is a difference in probability, averaged over the sessions as they are: `recovery` computes it.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes.models import linear_predictor
from knowntruth.bayes.models.base import Model
from knowntruth.bayes.rows import cells
from knowntruth.bayes.rows.cells import Cells
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.bayes.rows.outcomes import VERIFIED
from knowntruth.bayes.rows.predictors import at, predictors, vectors
from knowntruth.bayes.rows.validation import ValidationSample
from knowntruth.common.arrays import Floats
from knowntruth.priors.tables import Priors

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, slots=True)
class Data:
    """The sessions' cells, and how many of each succeeded."""

    cells: Cells
    successes: Floats


def compress(design: ModelFrame, audit: ValidationSample) -> Data:
    """Return what the likelihood needs."""
    made, cell = cells.compress(design.columns, design.layout.size)
    successes = np.bincount(cell, weights=VERIFIED.values(design), minlength=len(made.sessions))
    return Data(made, successes)


def build(design: ModelFrame, data: Data, priors: Priors) -> Any:
    """Return the PyMC model over compressed sessions."""
    import pymc as pm

    from knowntruth.bayes.likelihoods.ops import binomial_likelihood

    with pm.Model(coords=linear_predictor.coordinates(design)) as built:
        beta = linear_predictor.coefficients(design, priors.verified_success, VERIFIED.information(design))
        centred = linear_predictor.matrix(design, data.cells.means)
        linear_predictor.add_likelihood(
            "log_likelihood", binomial_likelihood(beta, centred, data.cells, data.successes)
        )
    return built


def named(draws: "xr.Dataset", design: ModelFrame) -> "xr.Dataset":
    """Return the draws under the names of the schema."""
    return linear_predictor.named(draws, design, VERIFIED.information(design))


def prior(rng: np.random.Generator, design: ModelFrame, priors: Priors, draws: int, prefix: str = "") -> "xr.Dataset":
    """Return named draws from the priors alone."""
    return linear_predictor.prior_named(rng, design, priors.verified_success, draws, prefix)


def simulate(rng: np.random.Generator, design: ModelFrame, draw: "xr.Dataset") -> ModelFrame:
    """Return the sessions with success made by the model at one draw."""
    log_odds = predictors(draw, design.layout, design.columns)[0]
    return succeeded(rng, design, log_odds)


def succeeded(rng: np.random.Generator, design: ModelFrame, log_odds: Floats) -> ModelFrame:
    """Return the sessions with success drawn at the given log odds."""
    from scipy.special import expit

    success = (rng.random(design.sessions) < expit(log_odds)).astype(np.float64)
    return replace(design, outcomes={**design.outcomes, VERIFIED.column: success})


def by_user(design: ModelFrame, draws: "xr.Dataset", means: Floats, prefix: str = "") -> Floats:
    """Return the log likelihood of each user's sessions at each draw."""
    log_odds = at(vectors(draws, design.layout, prefix), means, design.columns)
    return design.over_users(log_chances(design, log_odds))


def log_chances(design: ModelFrame, log_odds: Floats) -> Floats:
    """Return the log chance of what each session showed, shape (…, n), at the given log odds of success."""
    found: Floats = -np.logaddexp(0.0, np.where(VERIFIED.values(design) > 0, -log_odds, log_odds))
    return found


MODEL: Final = Model(
    name="verified_success",
    says="expertise moves the log odds of verified success",
    outcomes=(VERIFIED,),
    topics=("verified_success",),
    compress=compress,
    build=build,
    named=named,
    prior=prior,
    cells=lambda data: data.cells,
    simulate=simulate,
    by_user=by_user,
)
