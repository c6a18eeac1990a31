"""Agent actions per prompt: a Gaussian model of their logarithm, with a trait of each user.

    log(actions per prompt) = intercept + levels + groups + user + session,    user ~ N(0, τ²), session ~ N(0, σ²)

The estimand `activity_ratio` is a ratio of geometric means, that is, of means of the logarithm, so the model aims
at it directly: even where sessions are not log-normal, the means of the logarithm are what it estimates. Whether
they are is asked by `predictive`. Counts of actions vary more than a Poisson's, and a session averages several
prompts: both are in σ, which is learned. Users are integrated out exactly (`gaussian`), so the intervals know that
a user's sessions resemble each other.
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
from knowntruth.bayes.rows.predictors import at, of_draws, one_draw, predictors, vectors
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


def compress(design: ModelFrame, audit: ValidationSample) -> Data:
    """Return what the likelihood needs."""
    made, _ = cells.compress(design.columns, design.layout.size)
    return Data(made, gaussian.compress(design, ACTIVITY.values(design)))


def build(design: ModelFrame, data: Data, priors: Priors) -> Any:
    """Return the PyMC model over compressed sessions."""
    import pymc as pm

    with pm.Model(coords=linear_predictor.coordinates(design)) as built:
        beta = linear_predictor.coefficients(design, priors.activity, ACTIVITY.information(design))
        add_likelihood(design, data, priors.activity, beta)
    return built


def add_likelihood(design: ModelFrame, data: Data, priors: Activity, beta: Any, prefix: str = "") -> tuple[Any, Any]:
    """Declare both spreads and add the likelihood of log actions; return the spreads, of sessions and of users."""
    from knowntruth.bayes.likelihoods.ops import gaussian_likelihood

    session, user = spreads(priors, prefix)
    centred = linear_predictor.matrix(design, data.cells.means)
    value = gaussian_likelihood(beta, centred, session, user, data.statistics)
    linear_predictor.add_likelihood(f"{prefix}log_likelihood", value)
    return session, user


def spreads(priors: Activity, prefix: str = "") -> tuple[Any, Any]:
    """Declare the spread of a user's sessions and that of users, and return them; the second has either sign."""
    return declare(f"{prefix}session_scale", priors.session_scale), declare_signed(
        f"{prefix}user_scale", priors.user_scale
    )


def named(draws: "xr.Dataset", design: ModelFrame, prefix: str = "") -> "xr.Dataset":
    """Return the draws under the names of the schema."""
    out = linear_predictor.named(draws, design, ACTIVITY.information(design), prefix)
    out[f"{prefix}session_scale"] = draws[f"{prefix}session_scale"]
    out[f"{prefix}user_scale"] = abs(draws[f"{prefix}user_scale"])
    return out


def prior(
    rng: np.random.Generator, design: ModelFrame, priors: Priors, draws: int, prefix: str = "", users: bool = True
) -> "xr.Dataset":
    """Return named draws from the priors alone; without the spread of users where a model has none."""
    own = priors.activity
    out = linear_predictor.prior_named(rng, design, own, draws, prefix)
    out[f"{prefix}session_scale"] = linear_predictor.prior_variable(rng, own.session_scale, draws)
    if users:
        out[f"{prefix}user_scale"] = linear_predictor.prior_variable(rng, own.user_scale, draws)
    return out


def simulate(rng: np.random.Generator, design: ModelFrame, draw: "xr.Dataset", prefix: str = "") -> ModelFrame:
    """Return the sessions with actions made by the model at one draw."""
    users = rng.normal(0.0, one_draw(draw, f"{prefix}user_scale"), design.users)
    values = acted(rng, design, draw, users, prefix)
    return replace(design, outcomes={**design.outcomes, ACTIVITY.column: np.exp(values)})


def acted(rng: np.random.Generator, design: ModelFrame, draw: "xr.Dataset", users: Any, prefix: str) -> Any:
    """Return log actions of each session, given each user's trait."""
    expected = predictors(draw, design.layout, design.columns, prefix)[0] + users[design.user]
    return rng.normal(expected, one_draw(draw, f"{prefix}session_scale"))


def by_user(design: ModelFrame, draws: "xr.Dataset", means: Floats, prefix: str = "") -> Floats:
    """Return the log likelihood of each user's sessions at each draw, the user's trait integrated out."""
    surplus = surpluses(design, draws, means, prefix)
    variance = of_draws(draws, f"{prefix}session_scale") ** 2
    ratio = of_draws(draws, f"{prefix}user_scale") ** 2 / variance
    sessions = np.bincount(design.user)
    growth = 1.0 + sessions * ratio
    within = design.over_users(surplus**2) - ratio / growth * design.over_users(surplus) ** 2
    found: Floats = -0.5 * (sessions * np.log(2 * np.pi * variance) + np.log(growth) + within / variance)
    return found


def surpluses(design: ModelFrame, draws: "xr.Dataset", means: Floats, prefix: str) -> Floats:
    """Return by how much each session's log actions lie above what its codes predict, shape (draws, n)."""
    return ACTIVITY.values(design) - at(vectors(draws, design.layout, prefix), means, design.columns)


MODEL: Final = Model(
    name="activity",
    says="expertise moves log actions per prompt; users differ",
    outcomes=(ACTIVITY,),
    topics=("activity",),
    compress=compress,
    build=build,
    named=named,
    prior=prior,
    cells=lambda data: data.cells,
    simulate=simulate,
    by_user=by_user,
)
