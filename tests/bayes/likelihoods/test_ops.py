"""The PyMC models are what they say: prior times likelihood of the rows, with the right gradient."""

import numpy as np
import pandas as pd
import pytest
from pytensor.compile.mode import Mode
from scipy import stats

from knowntruth.bayes.density.reparametrize import CENTRE, FACTOR, LIKELIHOOD, POINT, PRIOR, reparametrize
from knowntruth.bayes.likelihoods import binomial, gaussian
from knowntruth.bayes.models.linear_predictor import coefficient_matrix
from knowntruth.bayes.models.registry import MODELS
from knowntruth.bayes.rows.model_frame import model_frame
from knowntruth.bayes.rows.validation import ValidationSample
from knowntruth.priors.load import load

PLAIN = Mode(linker="py", optimizer=None)
"""Evaluates a graph step by step; the sampler's compiled form is tested by what it samples."""


OWNER = np.repeat(np.arange(4), [23, 8, 3, 6])
AUDITED = pd.Series(3, index=range(0, 600, 7))
"""True levels of some sessions, which the measurement model heeds and the others ignore."""


@pytest.fixture(scope="module")
def built(draw):
    """Each model with its rows and what they were compressed to."""
    frame = draw(600, seed=8).frame
    found = {}
    for name, row in MODELS.items():
        rows = model_frame(frame, [outcome.column for outcome in row.outcomes], known=AUDITED)
        data = row.compress(rows, ValidationSample())
        found[name] = (row.build(rows, data, load("weak")), rows, data)
    return found


def values(model, seed):
    """A point of the sampler's space, far from anything special."""
    rng = np.random.default_rng(seed)
    return {name: value + rng.normal(0, 0.3, np.shape(value)) for name, value in model.initial_point(0).items()}


def contrasts(point, model, name, scale):
    """Contrasts at a point, as far as they are informed."""
    return point[name] * scale / np.sqrt(1 + model[f"{name}_information"].get_value() * scale**2)


def spread(point, name, prior):
    """A spread at a point: as far up its prior as the standard normal is up its own."""
    return stats.halfnorm.ppf(stats.norm.cdf(point[f"{name}_standard"]), scale=prior.sd)


def beta_of(point, model, priors):
    """The sampler's coefficients at a point: shares out of gammas, contrasts, slopes times shares."""
    parts = np.exp(point["parts_log__"])
    shares = parts / parts.sum()
    groups = contrasts(point, model, "raw", spread(point, "group_scale", priors.group_scale)[OWNER])
    slopes = contrasts(point, model, "slope_raw", spread(point, "slope_scale", priors.slope_scale))
    crossed = np.outer(slopes, shares).ravel()
    return np.concatenate([[point["intercept"]], point["effect"] * shares, groups, crossed])


def prior_density(priors, point, model):
    """Log density of the parameters that both models share, transformed as the sampler has them."""
    scale, slope = (spread(point, name, getattr(priors, name)) for name in ("group_scale", "slope_scale"))
    stretch = np.sqrt(1 + model["raw_information"].get_value() * scale[OWNER] ** 2)
    slope_stretch = np.sqrt(1 + model["slope_raw_information"].get_value() * slope**2)
    parts = np.exp(point["parts_log__"])
    return (
        stats.norm.logpdf(point["intercept"], priors.intercept.mean, priors.intercept.sd)
        + stats.norm.logpdf(point["effect"], priors.effect.mean, priors.effect.sd)
        + (stats.gamma.logpdf(parts, priors.increments.concentration) + np.log(parts)).sum()
        + stats.norm.logpdf(point["group_scale_standard"]).sum()
        + stats.norm.logpdf(point["slope_scale_standard"])
        + stats.norm.logpdf(point["raw"], 0, stretch).sum()
        + stats.norm.logpdf(point["slope_raw"], 0, slope_stretch).sum()
    )


def test_activity_is_prior_times_likelihood(built):
    model, rows, data = built["activity"]
    statistics = data.statistics
    point = values(model, 1)
    priors = load("weak").activity
    session, user = np.exp(point["session_scale_log__"]), abs(point["user_scale"])
    theta = coefficient_matrix(rows, data.cells.means) @ beta_of(point, model, priors)
    moments = (statistics.gram, statistics.user_gram, statistics.repeats, statistics.users)
    likelihood = gaussian.value_and_gradient(theta, session, user, *moments)[0]
    scales = stats.halfnorm.logpdf(session, scale=priors.session_scale.sd) + np.log(session)
    scales += stats.norm.logpdf(user, scale=priors.user_scale.sd)
    expected = likelihood + scales + prior_density(priors, point, model)
    assert model.compile_logp(mode=PLAIN)(point) == pytest.approx(expected, rel=1e-8)


def test_verified_is_prior_times_likelihood(built):
    model, rows, data = built["verified_success"]
    point, priors = values(model, 2), load("weak").verified_success
    cells = (data.cells.columns, data.cells.sessions, data.successes)
    change = coefficient_matrix(rows, data.cells.means)
    likelihood = binomial.value_and_gradient(beta_of(point, model, priors), change, *cells)[0]
    expected = likelihood + prior_density(priors, point, model)
    assert model.compile_logp(mode=PLAIN)(point) == pytest.approx(expected, rel=1e-8)


def test_other_coordinates_are_the_same_density_at_another_point(built):
    model = built["activity"][0]
    point = values(model, 5)
    flat = np.concatenate([np.ravel(point[model.rvs_to_values[v].name]) for v in model.free_RVs])
    moved = reparametrize(model)
    expected = model.compile_logp(mode=PLAIN)(point)
    assert moved.compile_logp(mode=PLAIN)({POINT: flat}) == pytest.approx(expected, rel=1e-10)
    rng = np.random.default_rng(6)
    centre, factor = rng.normal(size=len(flat)), np.eye(len(flat)) + 0.05 * rng.normal(size=(len(flat), len(flat)))
    moved[CENTRE].set_value(centre)
    moved[FACTOR].set_value(factor)
    there = np.linalg.solve(factor, flat - centre)
    assert moved.compile_logp(mode=PLAIN)({POINT: there}) == pytest.approx(expected, rel=1e-8)
    prior, likelihood = (
        of.compile_fn(of.replace_rvs_by_values([of[name]])[0], mode=PLAIN, on_unused_input="ignore")
        for of, name in ((moved, PRIOR), (model, LIKELIHOOD))
    )
    assert expected - prior({POINT: there}) == pytest.approx(float(likelihood(point)), rel=1e-8)


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[] if n == "activity" else pytest.mark.proof) for n in MODELS]
)
def test_gradient_of_the_whole_model(built, name):
    """Along random ways through the parameters."""
    model = built[name][0]
    function = model.logp_dlogp_function(ravel_inputs=True, mode=PLAIN)
    function.set_extra_values({})
    point = np.concatenate([np.ravel(value) for value in values(model, 3).values()])
    rng = np.random.default_rng(4)
    slope = function(point)[1]
    for _ in range(5):
        way = rng.normal(size=len(point))
        numeric = (float(function(point + 1e-6 * way)[0]) - float(function(point - 1e-6 * way)[0])) / 2e-6
        assert slope @ way == pytest.approx(numeric, rel=1e-5, abs=1e-2)
