"""Agent actions per prompt: a Gaussian model of their logarithm, with a user effect.

    log(actions per prompt) = intercept + levels + groups + user + session,    user ~ N(0, τ²), session ~ N(0, σ²)

The estimand `activity_ratio` is a ratio of geometric means, that is, of means of the logarithm, so the model targets
it directly: even where sessions are not log-normal, it estimates the means of the logarithm. `posterior_predictive`
checks whether they are. Counts of actions vary more than a Poisson's, and a session averages several prompts: both
are in σ, which is learned. Users are integrated out exactly (`gaussian`), so the intervals account for the likeness
of a user's sessions.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes.likelihoods import gaussian
from knowntruth.bayes.likelihoods.gaussian import GaussianStatistics
from knowntruth.bayes.models import linear_predictor
from knowntruth.bayes.models.base import Model
from knowntruth.bayes.priors.distributions import declare, declare_signed
from knowntruth.bayes.rows import cells
from knowntruth.bayes.rows.cells import Cells
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.bayes.rows.outcomes import ACTIVITY
from knowntruth.bayes.rows.predictors import (
    coefficient_vectors,
    draws_as_column,
    predict,
    predict_centred,
    single_draw,
)
from knowntruth.bayes.rows.validation import ValidationSample
from knowntruth.common.arrays import Floats
from knowntruth.priors.tables import Activity, Priors

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, slots=True)
class Data:
    """The sessions' cells, and the statistics of their log actions."""

    cells: Cells
    statistics: GaussianStatistics


def compress(frame: ModelFrame, sample: ValidationSample) -> Data:
    """Return what the likelihood needs."""
    made, _ = cells.compress(frame.columns, frame.layout.size)
    return Data(made, gaussian.compress(frame, ACTIVITY.values(frame)))


def build(frame: ModelFrame, data: Data, priors: Priors) -> Any:
    """Return the PyMC model over compressed sessions."""
    import pymc as pm

    with pm.Model(coords=linear_predictor.dimensions(frame)) as built:
        beta = linear_predictor.declare_coefficients(frame, priors.activity, ACTIVITY.information(frame))
        add_likelihood(frame, data, priors.activity, beta)
    return built


def add_likelihood(frame: ModelFrame, data: Data, priors: Activity, beta: Any, prefix: str = "") -> tuple[Any, Any]:
    """Declare both spreads and add the likelihood of log actions; return the spreads, of sessions and of users."""
    from knowntruth.bayes.likelihoods.ops import gaussian_likelihood

    session, user = declare_scales(priors, prefix)
    centred = linear_predictor.coefficient_matrix(frame, data.cells.means)
    value = gaussian_likelihood(beta, centred, session, user, data.statistics)
    linear_predictor.add_likelihood(f"{prefix}log_likelihood", value)
    return session, user


def declare_scales(priors: Activity, prefix: str = "") -> tuple[Any, Any]:
    """Declare the spreads of a user's sessions and of users, and return them; the second may have either sign."""
    return declare(f"{prefix}session_scale", priors.session_scale), declare_signed(
        f"{prefix}user_scale", priors.user_scale
    )


def name_draws(draws: "xr.Dataset", frame: ModelFrame, prefix: str = "") -> "xr.Dataset":
    """Return the draws under the names of the schema."""
    out = linear_predictor.name_draws(draws, frame, ACTIVITY.information(frame), prefix)
    out[f"{prefix}session_scale"] = draws[f"{prefix}session_scale"]
    out[f"{prefix}user_scale"] = abs(draws[f"{prefix}user_scale"])
    return out


def sample_prior(
    rng: np.random.Generator, frame: ModelFrame, priors: Priors, draws: int, prefix: str = "", users: bool = True
) -> "xr.Dataset":
    """Return named draws from the priors alone; without the spread of users where a model has none."""
    own = priors.activity
    out = linear_predictor.sample_prior(rng, frame, own, draws, prefix)
    out[f"{prefix}session_scale"] = linear_predictor.sample_variable(rng, own.session_scale, draws)
    if users:
        out[f"{prefix}user_scale"] = linear_predictor.sample_variable(rng, own.user_scale, draws)
    return out


def simulate(rng: np.random.Generator, frame: ModelFrame, draw: "xr.Dataset", prefix: str = "") -> ModelFrame:
    """Return the sessions with actions simulated from the model at one draw."""
    users = rng.normal(0.0, single_draw(draw, f"{prefix}user_scale"), frame.users)
    values = simulate_log_actions(rng, frame, draw, users, prefix)
    return replace(frame, outcomes={**frame.outcomes, ACTIVITY.column: np.exp(values)})


def simulate_log_actions(
    rng: np.random.Generator, frame: ModelFrame, draw: "xr.Dataset", users: Any, prefix: str
) -> Any:
    """Return simulated log actions of each session, given each user's effect."""
    expected = predict_centred(draw, frame.layout, frame.columns, prefix)[0] + users[frame.user]
    return rng.normal(expected, single_draw(draw, f"{prefix}session_scale"))


def user_log_likelihood(frame: ModelFrame, draws: "xr.Dataset", means: Floats, prefix: str = "") -> Floats:
    """Return the log likelihood of each user's sessions at each draw, the user effect integrated out.

    With residuals e_s, V = σ² (I + r 11') and r = τ²/σ², it is -½ (n log 2πσ² + log(1 + n r) + e'V⁻¹e), where
    e'V⁻¹e = (Σe² - r / (1 + n r) (Σe)²) / σ² (see `gaussian`).
    """
    surplus = residuals(frame, draws, means, prefix)
    variance = draws_as_column(draws, f"{prefix}session_scale") ** 2
    ratio = draws_as_column(draws, f"{prefix}user_scale") ** 2 / variance
    sessions = np.bincount(frame.user)
    growth = 1.0 + sessions * ratio
    within = frame.over_users(surplus**2) - ratio / growth * frame.over_users(surplus) ** 2
    found: Floats = -0.5 * (sessions * np.log(2 * np.pi * variance) + np.log(growth) + within / variance)
    return found


def residuals(frame: ModelFrame, draws: "xr.Dataset", means: Floats, prefix: str) -> Floats:
    """Return each session's log actions less what its codes predict, shape (draws, n)."""
    return ACTIVITY.values(frame) - predict(coefficient_vectors(draws, frame.layout, prefix), means, frame.columns)


MODEL: Final = Model(
    name="activity",
    description="expertise affects log actions per prompt; users differ",
    outcomes=(ACTIVITY,),
    topics=("activity",),
    compress=compress,
    build=build,
    name_draws=name_draws,
    sample_prior=sample_prior,
    cells=lambda data: data.cells,
    simulate=simulate,
    user_log_likelihood=user_log_likelihood,
)
