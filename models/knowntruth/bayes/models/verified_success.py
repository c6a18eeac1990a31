"""Verified success: a logistic model of whether the evidence shows that a session succeeded.

    log odds of verified success = intercept + levels + groups

Sessions that share levels and groups are one binomial cell (`binomial`). Users enter only through their groups, so
where users differ beyond them the intervals are somewhat too narrow; `binomial` states by how much, and `joint` has
user effects. The effect is a difference in probability, averaged over the sessions as they are: `effects` computes
it.
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
from knowntruth.bayes.rows.predictors import coefficient_vectors, predict, predict_centred
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


def compress(frame: ModelFrame, sample: ValidationSample) -> Data:
    """Return what the likelihood needs."""
    made, cell = cells.compress(frame.columns, frame.layout.size)
    successes = np.bincount(cell, weights=VERIFIED.values(frame), minlength=len(made.sessions))
    return Data(made, successes)


def build(frame: ModelFrame, data: Data, priors: Priors) -> Any:
    """Return the PyMC model over compressed sessions."""
    import pymc as pm

    from knowntruth.bayes.likelihoods.ops import binomial_likelihood

    with pm.Model(coords=linear_predictor.dimensions(frame)) as built:
        beta = linear_predictor.declare_coefficients(frame, priors.verified_success, VERIFIED.information(frame))
        centred = linear_predictor.coefficient_matrix(frame, data.cells.means)
        linear_predictor.add_likelihood(
            "log_likelihood", binomial_likelihood(beta, centred, data.cells, data.successes)
        )
    return built


def name_draws(draws: "xr.Dataset", frame: ModelFrame) -> "xr.Dataset":
    """Return the draws under the names of the schema."""
    return linear_predictor.name_draws(draws, frame, VERIFIED.information(frame))


def sample_prior(
    rng: np.random.Generator, frame: ModelFrame, priors: Priors, draws: int, prefix: str = ""
) -> "xr.Dataset":
    """Return named draws from the priors alone."""
    return linear_predictor.sample_prior(rng, frame, priors.verified_success, draws, prefix)


def simulate(rng: np.random.Generator, frame: ModelFrame, draw: "xr.Dataset") -> ModelFrame:
    """Return the sessions with success simulated from the model at one draw."""
    log_odds = predict_centred(draw, frame.layout, frame.columns)[0]
    return simulate_success(rng, frame, log_odds)


def simulate_success(rng: np.random.Generator, frame: ModelFrame, log_odds: Floats) -> ModelFrame:
    """Return the sessions with success drawn at the given log odds."""
    from scipy.special import expit

    success = (rng.random(frame.sessions) < expit(log_odds)).astype(np.float64)
    return replace(frame, outcomes={**frame.outcomes, VERIFIED.column: success})


def user_log_likelihood(frame: ModelFrame, draws: "xr.Dataset", means: Floats, prefix: str = "") -> Floats:
    """Return the log likelihood of each user's sessions at each draw."""
    log_odds = predict(coefficient_vectors(draws, frame.layout, prefix), means, frame.columns)
    return frame.over_users(log_probabilities(frame, log_odds))


def log_probabilities(frame: ModelFrame, log_odds: Floats) -> Floats:
    """Return the log probability of what each session showed, shape (…, n), at the given log odds of success."""
    found: Floats = -np.logaddexp(0.0, np.where(VERIFIED.values(frame) > 0, -log_odds, log_odds))
    return found


MODEL: Final = Model(
    name="verified_success",
    description="expertise affects the log odds of verified success",
    outcomes=(VERIFIED,),
    topics=("verified_success",),
    compress=compress,
    build=build,
    name_draws=name_draws,
    sample_prior=sample_prior,
    cells=lambda data: data.cells,
    simulate=simulate,
    user_log_likelihood=user_log_likelihood,
)
