"""Both outcomes at once, joined by what a user brings to every session.

    log(actions per prompt) = intercept + levels + groups + u + session,      session ~ N(0, σ²)
    log odds of success     = intercept + levels + groups + v,    (u, v) ~ N(0, spreads τ, ω; correlation ρ)

Users who get more done at a prompt may also be those who succeed: ρ says so, and a user's several sessions tell of
their trait. Actions enter in closed form, successes given the actions by quadrature over each user's trait
(`traits`), with its error kept beside the result. Effects on success are averaged over users as well as over
the covariates, so they are differences in probability for the people at hand, not for an average user.

The sampler may give a spread either sign, so that 0 is no wall to it; the correlation then turns with it, and what is
reported is turned back.

What ties the two outcomes *within* a session beyond its codes has no parameter of its own, so some of it would be
taken for a user's trait.
"""

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes.likelihoods import user_effects
from knowntruth.bayes.likelihoods.quadrature import hermite
from knowntruth.bayes.models import activity, linear_predictor, verified_success
from knowntruth.bayes.models.base import Model
from knowntruth.bayes.priors.distributions import declare, declare_signed
from knowntruth.bayes.rows.cells import Cells
from knowntruth.bayes.rows.cells import compress as compress_cells
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.bayes.rows.outcomes import ACTIVITY, VERIFIED
from knowntruth.bayes.rows.predictors import at, of_draws, one_draw, predictors, vectors
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


def compress(design: ModelFrame, audit: ValidationSample) -> Data:
    """Return what the likelihood needs."""
    made, cell = compress_cells(design.columns, design.layout.size)
    return Data(made, user_effects.batches(design.user, cell, ACTIVITY.values(design), VERIFIED.values(design)))


def build(design: ModelFrame, data: Data, priors: Priors) -> Any:
    """Return the PyMC model over compressed sessions."""
    import pymc as pm
    import pytensor.tensor as pt

    from knowntruth.bayes.likelihoods.ops import user_effects_likelihood

    own = priors.verified_success
    with pm.Model(coords=linear_predictor.coordinates(design)) as built:
        other = linear_predictor.coefficients(design, priors.activity, ACTIVITY.information(design), "activity_")
        beta = linear_predictor.coefficients(design, own, VERIFIED.information(design), "verified_success_")
        spreads = activity.spreads(priors.activity, "activity_")
        user = declare_signed("verified_success_user_scale", own.user_scale)
        turned = pt.sign(spreads[1] * user) - 1.0
        row = priors.joint.user_correlation
        correlation = pm.math.tanh(declare("user_fisher_z", row, shift=row.mean * turned if row.mean else None))
        centred = linear_predictor.matrix(design, data.cells.means)
        scales = (*spreads, user, correlation)
        value = user_effects_likelihood((beta, other), scales, centred, data.cells, data.sessions)
        linear_predictor.add_likelihood("log_likelihood", value)
    return built


def named(draws: "xr.Dataset", design: ModelFrame) -> "xr.Dataset":
    """Return the draws under the names of the schema."""
    out = activity.named(draws, design, "activity_")
    out = out.merge(linear_predictor.named(draws, design, VERIFIED.information(design), "verified_success_"))
    out["verified_success_user_scale"] = abs(draws["verified_success_user_scale"])
    z = draws["user_fisher_z"] * np.sign(draws["activity_user_scale"] * draws["verified_success_user_scale"])
    return out.assign({CORRELATION: np.tanh(z), "user_fisher_z": z})


def prior(rng: np.random.Generator, design: ModelFrame, priors: Priors, draws: int) -> "xr.Dataset":
    """Return named draws from the priors alone."""
    out = activity.prior(rng, design, priors, draws, "activity_")
    out = out.merge(verified_success.prior(rng, design, priors, draws, "verified_success_"))
    out["verified_success_user_scale"] = linear_predictor.prior_variable(
        rng, priors.verified_success.user_scale, draws
    )
    out["user_fisher_z"] = linear_predictor.prior_variable(rng, priors.joint.user_correlation, draws)
    return out.assign({CORRELATION: np.tanh(out["user_fisher_z"])})


def quadrature_error(design: ModelFrame, data: Data, draw: "xr.Dataset", nodes: int = user_effects.NODES) -> float:
    """Return by how much the log likelihood at one named draw moves when the quadrature's nodes are doubled."""
    from knowntruth.bayes.likelihoods.ops import UserEffectsLikelihood

    cells, sessions = data.cells, data.sessions
    betas = [_centred(draw, design, cells, f"{outcome.name}_") for outcome in (VERIFIED, ACTIVITY)]
    names = ("activity_session_scale", "activity_user_scale", "verified_success_user_scale", CORRELATION)
    scales = [one_draw(draw, name) for name in names]
    own = np.eye(design.layout.size)
    rest = (own, own, cells.columns, *astuple(sessions))
    values = [
        UserEffectsLikelihood.compiled(*betas, *scales, *rest, *hermite(count))[0] for count in (nodes, 2 * nodes)
    ]
    return float(values[1] - values[0])


def _centred(draw: "xr.Dataset", design: ModelFrame, cells: Cells, prefix: str) -> Floats:
    """Return the coefficients of one draw, the intercept as it stands after centring."""
    theta = vectors(draw, design.layout, prefix)[0]
    theta[0] -= theta @ cells.means
    return theta


def simulate(rng: np.random.Generator, design: ModelFrame, draw: "xr.Dataset") -> ModelFrame:
    """Return the sessions with both outcomes made by the model at one draw."""
    first, second = rng.normal(size=(2, design.users))
    correlation = one_draw(draw, CORRELATION)
    other = correlation * first + np.sqrt(1.0 - correlation**2) * second
    users = one_draw(draw, "activity_user_scale") * first
    acted = np.exp(activity.acted(rng, design, draw, users, "activity_"))
    log_odds = predictors(draw, design.layout, design.columns, "verified_success_")[0]
    log_odds = log_odds + one_draw(draw, "verified_success_user_scale") * other[design.user]
    made = verified_success.succeeded(rng, design, log_odds)
    made.outcomes[ACTIVITY.column] = acted
    return made


def by_user(design: ModelFrame, draws: "xr.Dataset", means: Floats) -> Floats:
    """Return the log likelihood of each user's sessions at each draw, both traits integrated out (see `traits`)."""
    sessions = np.bincount(design.user)
    sigma, tau = (of_draws(draws, f"activity_{name}_scale") for name in ("session", "user"))
    omega, rho = of_draws(draws, "verified_success_user_scale"), of_draws(draws, CORRELATION)
    total = sigma**2 + sessions * tau**2
    above = design.over_users(activity.surpluses(design, draws, means, "activity_"))
    middle = rho * tau * omega / total * above
    spread = omega * np.sqrt(1.0 - rho**2 * sessions * tau**2 / total)
    log_odds = at(vectors(draws, design.layout, "verified_success_"), means, design.columns)
    found = np.full(middle.shape, -np.inf)
    for node, weight in zip(*hermite(user_effects.NODES), strict=True):
        chances = verified_success.log_chances(design, log_odds + (middle + spread * node)[:, design.user])
        found = np.logaddexp(found, np.log(weight) + design.over_users(chances))
    return activity.by_user(design, draws, means, "activity_") + found


MODEL: Final = Model(
    name="joint",
    says="expertise moves both outcomes; what users bring to each is correlated",
    outcomes=(ACTIVITY, VERIFIED),
    topics=("activity", "verified_success", "joint"),
    compress=compress,
    build=build,
    named=named,
    prior=prior,
    cells=lambda data: data.cells,
    simulate=simulate,
    by_user=by_user,
)
