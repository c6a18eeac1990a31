"""Both outcomes at once, with correlated user effects.

    log(actions per prompt) = intercept + levels + groups + u + session,      session ~ N(0, σ²)
    log odds of success     = intercept + levels + groups + v,    (u, v) ~ N(0, spreads τ, ω; correlation ρ)

Users who get more done at a prompt may also be those who succeed: ρ is that correlation, and users with several
sessions inform it. Actions enter in closed form, successes given the actions by quadrature over each user's effect
(`user_effects`), whose error is kept with the result. Effects on success are averaged over users as well as over the
covariates, so they are differences in probability for the users at hand, not for an average user.

The sampler may give a spread either sign, so that 0 is no boundary; the correlation then changes sign with it, and is
reported for positive spreads.

An association of the two outcomes *within* a session, beyond its codes, has no parameter of its own, so some of it
would be taken for a user effect.
"""

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes.likelihoods import user_effects
from knowntruth.bayes.likelihoods.quadrature import gauss_hermite
from knowntruth.bayes.models import activity, linear_predictor, verified_success
from knowntruth.bayes.models.base import Model
from knowntruth.bayes.priors.distributions import declare, declare_signed
from knowntruth.bayes.rows.cells import Cells
from knowntruth.bayes.rows.cells import compress as compress_cells
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.bayes.rows.outcomes import ACTIVITY, VERIFIED
from knowntruth.bayes.rows.predictors import (
    coefficient_vectors,
    draws_as_column,
    predict,
    predict_centred,
    single_draw,
)
from knowntruth.bayes.rows.validation import ValidationSample
from knowntruth.common.arrays import Floats
from knowntruth.priors.tables import Priors

if TYPE_CHECKING:
    import xarray as xr

CORRELATION: Final = "user_correlation"


@dataclass(frozen=True, slots=True)
class Data:
    """The sessions' cells, and the sessions of each user."""

    cells: Cells
    sessions: user_effects.Sessions


def compress(frame: ModelFrame, sample: ValidationSample) -> Data:
    """Return what the likelihood needs."""
    made, cell = compress_cells(frame.columns, frame.layout.size)
    return Data(made, user_effects.batch_sessions(frame.user, cell, ACTIVITY.values(frame), VERIFIED.values(frame)))


def build(frame: ModelFrame, data: Data, priors: Priors) -> Any:
    """Return the PyMC model over compressed sessions."""
    import pymc as pm
    import pytensor.tensor as pt

    from knowntruth.bayes.likelihoods.ops import user_effects_likelihood

    own = priors.verified_success
    with pm.Model(coords=linear_predictor.dimensions(frame)) as built:
        other = linear_predictor.declare_coefficients(
            frame, priors.activity, ACTIVITY.information(frame), "activity_"
        )
        beta = linear_predictor.declare_coefficients(frame, own, VERIFIED.information(frame), "verified_success_")
        spreads = activity.declare_scales(priors.activity, "activity_")
        user = declare_signed("verified_success_user_scale", own.user_scale)
        # 0 where both spreads have one sign, -2 where not: shifts the prior's mean m to -m, so that the reported
        # correlation has the prior of the table whatever the signs
        turned = pt.sign(spreads[1] * user) - 1.0
        row = priors.joint.user_correlation
        correlation = pm.math.tanh(declare("user_fisher_z", row, shift=row.mean * turned if row.mean else None))
        centred = linear_predictor.coefficient_matrix(frame, data.cells.means)
        scales = (*spreads, user, correlation)
        value = user_effects_likelihood((beta, other), scales, centred, data.cells, data.sessions)
        linear_predictor.add_likelihood("log_likelihood", value)
    return built


def name_draws(draws: "xr.Dataset", frame: ModelFrame) -> "xr.Dataset":
    """Return the draws under the names of the schema."""
    out = activity.name_draws(draws, frame, "activity_")
    out = out.merge(linear_predictor.name_draws(draws, frame, VERIFIED.information(frame), "verified_success_"))
    out["verified_success_user_scale"] = abs(draws["verified_success_user_scale"])
    z = draws["user_fisher_z"] * np.sign(draws["activity_user_scale"] * draws["verified_success_user_scale"])
    return out.assign({CORRELATION: np.tanh(z), "user_fisher_z": z})


def sample_prior(rng: np.random.Generator, frame: ModelFrame, priors: Priors, draws: int) -> "xr.Dataset":
    """Return named draws from the priors alone."""
    out = activity.sample_prior(rng, frame, priors, draws, "activity_")
    out = out.merge(verified_success.sample_prior(rng, frame, priors, draws, "verified_success_"))
    out["verified_success_user_scale"] = linear_predictor.sample_variable(
        rng, priors.verified_success.user_scale, draws
    )
    out["user_fisher_z"] = linear_predictor.sample_variable(rng, priors.joint.user_correlation, draws)
    return out.assign({CORRELATION: np.tanh(out["user_fisher_z"])})


def quadrature_error(frame: ModelFrame, data: Data, draw: "xr.Dataset", nodes: int = user_effects.NODES) -> float:
    """Return the change of the log likelihood at one named draw when the number of nodes is doubled."""
    from knowntruth.bayes.likelihoods.ops import UserEffectsLikelihood

    cells, sessions = data.cells, data.sessions
    betas = [_centred_coefficients(draw, frame, cells, f"{outcome.name}_") for outcome in (VERIFIED, ACTIVITY)]
    names = ("activity_session_scale", "activity_user_scale", "verified_success_user_scale", CORRELATION)
    scales = [single_draw(draw, name) for name in names]
    own = np.eye(frame.layout.size)
    rest = (own, own, cells.columns, *astuple(sessions))
    values = [
        UserEffectsLikelihood.compiled(*betas, *scales, *rest, *gauss_hermite(count))[0]
        for count in (nodes, 2 * nodes)
    ]
    return float(values[1] - values[0])


def _centred_coefficients(draw: "xr.Dataset", frame: ModelFrame, cells: Cells, prefix: str) -> Floats:
    """Return the coefficients of one draw, with the intercept after centring."""
    theta = coefficient_vectors(draw, frame.layout, prefix)[0]
    theta[0] -= theta @ cells.means
    return theta


def simulate(rng: np.random.Generator, frame: ModelFrame, draw: "xr.Dataset") -> ModelFrame:
    """Return the sessions with both outcomes simulated from the model at one draw."""
    first, second = rng.normal(size=(2, frame.users))
    correlation = single_draw(draw, CORRELATION)
    other = correlation * first + np.sqrt(1.0 - correlation**2) * second
    users = single_draw(draw, "activity_user_scale") * first
    acted = np.exp(activity.simulate_log_actions(rng, frame, draw, users, "activity_"))
    log_odds = predict_centred(draw, frame.layout, frame.columns, "verified_success_")[0]
    log_odds = log_odds + single_draw(draw, "verified_success_user_scale") * other[frame.user]
    made = verified_success.simulate_success(rng, frame, log_odds)
    made.outcomes[ACTIVITY.column] = acted
    return made


def user_log_likelihood(frame: ModelFrame, draws: "xr.Dataset", means: Floats) -> Floats:
    """Return the log likelihood of each user's sessions at each draw, both user effects integrated out.

    Given the activities, the effect on log odds is N(κR, s²) (see `user_effects`): ``middle`` is κR, ``spread`` is s.
    """
    sessions = np.bincount(frame.user)
    sigma, tau = (draws_as_column(draws, f"activity_{name}_scale") for name in ("session", "user"))
    omega, rho = draws_as_column(draws, "verified_success_user_scale"), draws_as_column(draws, CORRELATION)
    total = sigma**2 + sessions * tau**2
    above = frame.over_users(activity.residuals(frame, draws, means, "activity_"))
    middle = rho * tau * omega / total * above
    spread = omega * np.sqrt(1.0 - rho**2 * sessions * tau**2 / total)
    log_odds = predict(coefficient_vectors(draws, frame.layout, "verified_success_"), means, frame.columns)
    found = np.full(middle.shape, -np.inf)
    for node, weight in zip(*gauss_hermite(user_effects.NODES), strict=True):
        chances = verified_success.log_probabilities(frame, log_odds + (middle + spread * node)[:, frame.user])
        found = np.logaddexp(found, np.log(weight) + frame.over_users(chances))
    return activity.user_log_likelihood(frame, draws, means, "activity_") + found


def facts(frame: ModelFrame, data: Data, draw: "xr.Dataset") -> dict[str, float]:
    """Return the quadrature's error at one draw."""
    return {"quadrature_error": quadrature_error(frame, data, draw)}


MODEL: Final = Model(
    name="joint",
    description="expertise affects both outcomes; user effects on the two are correlated",
    outcomes=(ACTIVITY, VERIFIED),
    topics=("activity", "verified_success", "joint"),
    compress=compress,
    build=build,
    name_draws=name_draws,
    sample_prior=sample_prior,
    cells=lambda data: data.cells,
    simulate=simulate,
    user_log_likelihood=user_log_likelihood,
    prior_names={"joint.user_correlation": "user_fisher_z"},
    facts=facts,
)
