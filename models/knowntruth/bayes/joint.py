"""Both outcomes at once, joined by what a user brings to every session.

    log(actions per prompt) = intercept + levels + groups + u + session,      session ~ N(0, σ²)
    log odds of success     = intercept + levels + groups + v,    (u, v) ~ N(0, spreads τ, ω; correlation ρ)

Users who get more done at a prompt may also be those who succeed: ρ says so, and a user's several sessions tell of
their trait. Actions enter in closed form (`gaussian`), successes given the actions by quadrature over each user's
trait (`traits`), with its error kept beside the result. Effects on success are averaged over users as well as over
the covariates, so they are differences in probability for the people at hand, not for an average user.

What ties the two outcomes *within* a session beyond its codes has no parameter of its own, so some of it would be
taken for a user's trait.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes import activity, gaussian, structure, traits, verified
from knowntruth.bayes.audit import Audit
from knowntruth.bayes.cells import Cells
from knowntruth.bayes.design import Design
from knowntruth.bayes.distributions import declare, declare_signed
from knowntruth.bayes.layout import Reals
from knowntruth.bayes.model import Large, Model
from knowntruth.bayes.outcomes import ACTIVITY, VERIFIED
from knowntruth.bayes.predictors import one_draw, predictors
from knowntruth.bayes.quadratic import POINT, Exact, Quadratic
from knowntruth.priors.tables import Priors

if TYPE_CHECKING:
    import xarray as xr

CORRELATION: Final = "user_correlation"


@dataclass(frozen=True, slots=True)
class Data:
    """What each outcome's own model needs, and the sessions of each user."""

    activity: activity.Data
    verified: verified.Data
    sessions: traits.Sessions


def compress(design: Design, audit: Audit) -> Data:
    """Return what the likelihood needs."""
    own = verified.compress(design, audit)
    starts = np.searchsorted(design.user, np.arange(design.users + 1))
    sessions = traits.Sessions(starts, own.cell, ACTIVITY.values(design), VERIFIED.values(design))
    return Data(activity.compress(design, audit), own, sessions)


def build(design: Design, data: Data, priors: Priors) -> Any:
    """Return the PyMC model over compressed sessions."""
    import pymc as pm  # noqa: PLC0415 - heavy: loaded when used

    from knowntruth.bayes.likelihoods import traits_likelihood  # noqa: PLC0415

    own = priors.verified_success
    with pm.Model(coords=structure.coordinates(design)) as built:
        other = structure.coefficients(design, priors.activity, ACTIVITY.information(design), "activity_")
        beta = structure.coefficients(design, own, VERIFIED.information(design), "verified_success_")
        spreads = activity.add_likelihood(design, data.activity, priors.activity, other, "activity_")
        user = declare_signed("verified_success_user_scale", own.user_scale)
        correlation = pm.math.tanh(declare("user_fisher_z", priors.joint.user_correlation))
        centred = structure.matrix(design, data.verified.cells.means)
        scales = (*spreads, user, correlation)
        value = traits_likelihood((beta, other), scales, centred, data.verified.cells, data.sessions)
        structure.add_likelihood("verified_success_log_likelihood", value)
    return built


def near(design: Design, quadratic: Quadratic, priors: Priors) -> Any:
    """Return the PyMC model with a quadratic in place of the likelihood (see `quadratic`)."""
    import pymc as pm  # noqa: PLC0415 - heavy: loaded when used
    import pytensor.tensor as pt  # noqa: PLC0415

    from knowntruth.bayes.likelihoods import quadratic_likelihood  # noqa: PLC0415

    own = priors.verified_success
    with pm.Model(coords=structure.coordinates(design)) as built:
        other = structure.coefficients(design, priors.activity, ACTIVITY.information(design), "activity_")
        beta = structure.coefficients(design, own, VERIFIED.information(design), "verified_success_")
        session, tau = activity.spreads(priors.activity, "activity_")
        omega = declare_signed("verified_success_user_scale", own.user_scale)
        fisher_z = declare("user_fisher_z", priors.joint.user_correlation)
        scales = pt.stack([pt.log(session), abs(tau), abs(omega), fisher_z])
        point = pm.Deterministic(POINT, pt.concatenate([beta, other, scales]))
        structure.add_likelihood("log_likelihood", quadratic_likelihood(point, quadratic))
    return built


def exact(design: Design, data: Data) -> Exact:
    """Return the likelihood as a function of both β, log σ, τ, ω and the correlation's Fisher z."""
    from knowntruth.bayes.likelihoods import gaussian_in_threads, traits_in_threads, traits_value  # noqa: PLC0415

    change = structure.matrix(design, data.verified.cells.means)
    statistics, sessions = data.activity.statistics, data.sessions
    moments = (*gaussian.moved(statistics, change), statistics.repeats, statistics.users)
    cells = (change, change, data.verified.cells.columns, sessions.starts, sessions.cell, sessions.activity)
    rest = (*cells, sessions.success, *traits.hermite(traits.NODES))
    width = change.shape[1]

    def parts(point: Reals) -> tuple[Any, ...]:
        log_session, tau, omega, fisher_z = (float(number) for number in point[2 * width :])
        beta, other = point[:width].copy(), point[width : 2 * width].copy()
        return beta, other, math.exp(log_session), tau, omega, math.tanh(fisher_z)

    def value(point: Reals) -> float:
        beta, other, session, tau, omega, rho = parts(point)
        alone = gaussian_in_threads(other, session, tau, *moments)[0]
        return float(alone + traits_value(beta, other, session, tau, omega, rho, *rest))

    def slope(point: Reals) -> tuple[float, Reals]:
        beta, other, session, tau, omega, rho = parts(point)
        alone, by_other, by_session, by_tau = gaussian_in_threads(other, session, tau, *moments)
        given, by_beta, more, session_too, tau_too, by_omega, by_rho = traits_in_threads(
            beta, other, session, tau, omega, rho, *rest
        )
        scales = [(by_session + session_too) * session, by_tau + tau_too, by_omega, by_rho * (1.0 - rho**2)]
        return float(alone + given), np.concatenate([by_beta, by_other + more, scales])

    return Exact(_start(design, width), value, slope)


def _start(design: Design, width: int) -> Reals:
    """Return a point from which the likelihood's peak can be found: no effects, usual spreads."""
    actions, rate = ACTIVITY.values(design), float(VERIFIED.values(design).mean())
    found = np.zeros(2 * width + 4)
    found[0], found[width] = math.log(rate / (1.0 - rate)), actions.mean()
    spread = float(actions.std())
    found[-4:-1] = math.log(0.8 * spread), 0.6 * spread, 0.5
    return found


def named(draws: "xr.Dataset", design: Design) -> "xr.Dataset":
    """Return the draws under the names of the schema."""
    out = activity.named(draws, design, "activity_")
    out = out.merge(structure.named(draws, design, VERIFIED.information(design), "verified_success_"))
    out["verified_success_user_scale"] = abs(draws["verified_success_user_scale"])
    return out.assign({CORRELATION: np.tanh(draws["user_fisher_z"]), "user_fisher_z": draws["user_fisher_z"]})


def prior(rng: np.random.Generator, design: Design, priors: Priors, draws: int) -> "xr.Dataset":
    """Return named draws from the priors alone."""
    out = activity.prior(rng, design, priors, draws, "activity_")
    out = out.merge(verified.prior(rng, design, priors, draws, "verified_success_"))
    out["verified_success_user_scale"] = structure.prior_variable(rng, priors.verified_success.user_scale, draws)
    out["user_fisher_z"] = structure.prior_variable(rng, priors.joint.user_correlation, draws)
    return out.assign({CORRELATION: np.tanh(out["user_fisher_z"])})


def quadrature_error(design: Design, data: Data, draw: "xr.Dataset", nodes: int = traits.NODES) -> float:
    """Return by how much the log likelihood at one named draw moves when the quadrature's nodes are doubled."""
    from knowntruth.bayes.likelihoods import TraitsLikelihood  # noqa: PLC0415 - heavy: loaded when used

    cells, sessions = data.verified.cells, data.sessions
    betas = [_centred(draw, design, cells, f"{outcome.name}_") for outcome in (VERIFIED, ACTIVITY)]
    names = ("activity_session_scale", "activity_user_scale", "verified_success_user_scale", CORRELATION)
    scales = [one_draw(draw, name) for name in names]
    own = np.eye(design.layout.size)
    rest = (own, own, cells.columns, sessions.starts, sessions.cell, sessions.activity, sessions.success)
    values = [
        TraitsLikelihood.compiled(*betas, *scales, *rest, *traits.hermite(count))[0] for count in (nodes, 2 * nodes)
    ]
    return float(values[1] - values[0])


def _centred(draw: "xr.Dataset", design: Design, cells: Cells, prefix: str) -> Reals:
    """Return the coefficients of one draw, the intercept as it stands after centring."""
    theta = structure.vectors(draw, design.layout, prefix)[0]
    theta[0] -= theta @ cells.means
    return theta


def simulate(rng: np.random.Generator, design: Design, draw: "xr.Dataset") -> Design:
    """Return the sessions with both outcomes made by the model at one draw."""
    first, second = rng.normal(size=(2, design.users))
    correlation = one_draw(draw, CORRELATION)
    other = correlation * first + np.sqrt(1.0 - correlation**2) * second
    users = one_draw(draw, "activity_user_scale") * first
    acted = np.exp(activity.acted(rng, design, draw, users, "activity_"))
    log_odds = predictors(draw, design.layout, design.columns, "verified_success_")[0]
    log_odds = log_odds + one_draw(draw, "verified_success_user_scale") * other[design.user]
    made = verified.succeeded(rng, design, log_odds)
    made.outcomes[ACTIVITY.column] = acted
    return made


def by_user(design: Design, draw: "xr.Dataset") -> Reals:
    """Return the log likelihood of each user's sessions at one draw, both traits integrated out (see `traits`)."""
    sessions, whole, _ = activity.surpluses(design, draw, "activity_")
    sigma, tau = (one_draw(draw, f"activity_{name}_scale") for name in ("session", "user"))
    omega, rho = one_draw(draw, "verified_success_user_scale"), one_draw(draw, CORRELATION)
    total = sigma**2 + sessions * tau**2
    middle = rho * tau * omega / total * whole
    spread = omega * np.sqrt(1.0 - rho**2 * sessions * tau**2 / total)
    log_odds = predictors(draw, design.layout, design.columns, "verified_success_")[0]
    terms = []
    for node, weight in zip(*traits.hermite(traits.NODES), strict=True):
        moved = log_odds + (middle + spread * node)[design.user]
        terms.append(np.log(weight) + np.bincount(design.user, weights=verified.log_chances(design, moved)))
    return activity.by_user(design, draw, "activity_") + np.logaddexp.reduce(terms, axis=0)


MODEL: Final = Model(
    name="joint",
    says="expertise moves both outcomes; what users bring to each is correlated",
    outcomes=(ACTIVITY, VERIFIED),
    topics=("activity", "verified_success", "joint"),
    compress=compress,
    build=build,
    named=named,
    prior=prior,
    cells=lambda data: data.verified.cells,
    simulate=simulate,
    by_user=by_user,
    large=Large(near, exact),
)
