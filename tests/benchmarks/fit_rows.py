"""The joint model written out on rows, as one would without compression: what `fit.py` is measured against.

The same priors and the same parameters, but each session a row and each user's two traits parameters of their own.
"""

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from knowntruth.bayes import structure
from knowntruth.bayes.cells import centre
from knowntruth.bayes.design import Design
from knowntruth.bayes.distributions import declare
from knowntruth.bayes.outcomes import ACTIVITY, VERIFIED
from knowntruth.priors.tables import Priors


def row_model(design: Design, priors: Priors) -> Any:
    """Return the PyMC model; its headline effects on the model's scale are ``activity_effect`` and so on."""
    means = centre(design.columns, np.ones(design.sessions), design.layout.size)
    change = structure.matrix(design, means)
    with pm.Model(coords=structure.coordinates(design)) as built:
        predicted = {}
        for outcome in (ACTIVITY, VERIFIED):
            own, prefix = getattr(priors, outcome.name), f"{outcome.name}_"
            beta = structure.coefficients(design, own, outcome.information(design), prefix)
            theta = pt.dot(change, beta)
            predicted[outcome] = theta[0] + theta[design.columns].sum(axis=1)
        session = declare("activity_session_scale", priors.activity.session_scale)
        tau = declare("activity_user_scale", priors.activity.user_scale)
        omega = declare("verified_success_user_scale", priors.verified_success.user_scale)
        rho = pt.tanh(declare("user_fisher_z", priors.joint.user_correlation))
        first, second = (pm.Normal(name, 0.0, 1.0, shape=design.users) for name in ("first", "second"))
        other = rho * first + pt.sqrt(1.0 - rho**2) * second
        pm.Normal(
            "actions", predicted[ACTIVITY] + tau * first[design.user], session, observed=ACTIVITY.values(design)
        )
        log_odds = predicted[VERIFIED] + omega * other[design.user]
        pm.Bernoulli("success", logit_p=log_odds, observed=VERIFIED.values(design).astype(int))
    return built
