"""The models written out on rows, as one would without compression: what `fit.py` is measured against.

The same priors and the same parameters, but each session a row and each user's traits parameters of their own.
"""

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from knowntruth.bayes.models import linear_predictor
from knowntruth.bayes.priors.distributions import declare
from knowntruth.bayes.rows.cells import dummy_means
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.bayes.rows.outcomes import ACTIVITY, VERIFIED, Outcome
from knowntruth.priors.tables import Priors


def row_model(name: str, design: ModelFrame, priors: Priors) -> Any:
    """Return the PyMC model ``activity``, ``verified_success`` or ``joint``, its parameters named as ours."""
    with pm.Model(coords=linear_predictor.dimensions(design)) as built:
        WRITTEN[name](design, priors)
    return built


def activity(design: ModelFrame, priors: Priors, prefix: str = "") -> Any:
    """Write down log actions; return users' standard normal traits."""
    expected = predicted(design, priors, ACTIVITY, prefix)
    session = declare(f"{prefix}session_scale", priors.activity.session_scale)
    tau = declare(f"{prefix}user_scale", priors.activity.user_scale)
    users = pm.Normal("users", 0.0, 1.0, shape=design.users)
    pm.Normal("actions", expected + tau * users[design.user], session, observed=ACTIVITY.values(design))
    return users


def verified(design: ModelFrame, priors: Priors, prefix: str = "", users: Any = 0.0) -> None:
    """Write down successes, where users add to the log odds."""
    log_odds = predicted(design, priors, VERIFIED, prefix) + users
    pm.Bernoulli("success", logit_p=log_odds, observed=VERIFIED.values(design).astype(int))


def joint(design: ModelFrame, priors: Priors) -> None:
    """Write down both, with traits that are correlated."""
    first = activity(design, priors, "activity_")
    omega = declare("verified_success_user_scale", priors.verified_success.user_scale)
    rho = pm.Deterministic("user_correlation", pt.tanh(declare("user_fisher_z", priors.joint.user_correlation)))
    second = pm.Normal("users_of_success", 0.0, 1.0, shape=design.users)
    other = rho * first + pt.sqrt(1.0 - rho**2) * second
    verified(design, priors, "verified_success_", omega * other[design.user])


def predicted(design: ModelFrame, priors: Priors, outcome: Outcome, prefix: str) -> Any:
    """Return the linear predictor of each session."""
    means = dummy_means(design.columns, np.ones(design.sessions), design.layout.size)
    own, information = getattr(priors, outcome.name), outcome.information(design)
    theta = pt.dot(
        linear_predictor.coefficient_matrix(design, means),
        linear_predictor.declare_coefficients(design, own, information, prefix),
    )
    return theta[0] + theta[design.columns].sum(axis=1)


WRITTEN = {"activity": activity, "verified_success": verified, "joint": joint}
