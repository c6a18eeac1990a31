"""The PyMC models are what they say: prior times likelihood of the rows, with the right gradient."""

import numpy as np
import pytest
from pytensor.compile.mode import Mode
from scipy import stats
from scipy.optimize import approx_fprime

from knowntruth.bayes import activity, binomial, gaussian, verified
from knowntruth.bayes.design import COVARIATES, TREATMENT, design
from knowntruth.bayes.structure import matrix
from knowntruth.priors.load import load

PLAIN = Mode(linker="py", optimizer=None)
"""Evaluates a graph step by step; the sampler's compiled form is tested by what it samples."""


OWNER = np.repeat(np.arange(4), [23, 8, 3, 6])


@pytest.fixture(scope="module")
def built(draw):
    """Each model with its rows and their statistics."""
    frame = draw(600, seed=8).frame
    rows = design(frame, "actions_per_prompt", COVARIATES, TREATMENT)
    actions = gaussian.compress(rows, np.log(rows.outcome))
    yes_no = design(frame, "verified_success", COVARIATES, TREATMENT)
    cells = binomial.compress(yes_no)
    return {
        "activity": (activity.model(rows, actions, load("weak")), rows, actions),
        "verified_success": (verified.model(yes_no, cells, load("weak")), yes_no, cells),
    }


def values(model, seed):
    """A point of the sampler's space, far from anything special."""
    rng = np.random.default_rng(seed)
    return {name: value + rng.normal(0, 0.3, np.shape(value)) for name, value in model.initial_point(0).items()}


def beta_of(point, model):
    """The sampler's coefficients at a point: shares out of gammas, contrasts as far as they are informed."""
    parts = np.exp(point["parts_log__"])
    scale = np.exp(point["group_scale_log__"])[OWNER]
    stretch = np.sqrt(1 + model["information"].get_value() * scale**2)
    return np.concatenate(
        [[point["intercept"]], point["effect"] * parts / parts.sum(), point["raw"] * scale / stretch]
    )


def prior_density(priors, point, model):
    """Log density of the parameters that both models share, transformed as PyMC does (by logarithms)."""
    scale = np.exp(point["group_scale_log__"])
    stretch = np.sqrt(1 + model["information"].get_value() * scale[OWNER] ** 2)
    parts = np.exp(point["parts_log__"])
    return (
        stats.norm.logpdf(point["intercept"], priors.intercept.mean, priors.intercept.sd)
        + stats.norm.logpdf(point["effect"], priors.effect.mean, priors.effect.sd)
        + (stats.gamma.logpdf(parts, priors.increments.concentration) + np.log(parts)).sum()
        + (stats.halfnorm.logpdf(scale, scale=priors.group_scale.sd) + np.log(scale)).sum()
        + stats.norm.logpdf(point["raw"], 0, stretch).sum()
    )


def test_activity_is_prior_times_likelihood(built):
    model, rows, statistics = built["activity"]
    point = values(model, 1)
    priors = load("weak").activity
    session, user = np.exp(point["session_scale_log__"]), abs(point["user_scale"])
    theta = matrix(rows, statistics.means[:-1]) @ beta_of(point, model)
    data = (statistics.gram, statistics.user_gram, statistics.repeats, statistics.users)
    likelihood = gaussian.value_and_gradient(theta, session, user, *data)[0]
    scales = stats.halfnorm.logpdf(session, scale=priors.session_scale.sd) + np.log(session)
    scales += stats.norm.logpdf(user, scale=priors.user_scale.sd)
    expected = likelihood + scales + prior_density(priors, point, model)
    assert model.compile_logp(mode=PLAIN)(point) == pytest.approx(expected, rel=1e-8)


def test_verified_is_prior_times_likelihood(built):
    model, rows, cells = built["verified_success"]
    point = values(model, 2)
    data = (cells.columns, cells.sessions, cells.successes)
    change = matrix(rows, cells.means)
    likelihood = binomial.value_and_gradient(beta_of(point, model), change, *data)[0]
    expected = likelihood + prior_density(load("weak").verified_success, point, model)
    assert model.compile_logp(mode=PLAIN)(point) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("name", ["activity", "verified_success"])
def test_gradient_of_the_whole_model(built, name):
    model = built[name][0]
    function = model.logp_dlogp_function(ravel_inputs=True, mode=PLAIN)
    function.set_extra_values({})
    point = np.concatenate([np.ravel(value) for value in values(model, 3).values()])
    numeric = approx_fprime(point, lambda x: float(function(x)[0]), 1e-6)
    assert function(point)[1] == pytest.approx(numeric, rel=1e-3, abs=1e-3 * np.abs(numeric).max())
