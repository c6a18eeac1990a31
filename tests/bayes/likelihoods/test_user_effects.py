"""Both outcomes, users integrated out: equal to the rows', with the right slopes and quadrature error."""

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logsumexp
from scipy.stats import multivariate_normal, norm

from knowntruth.bayes.likelihoods import fast_exp, gaussian, user_effects
from knowntruth.bayes.likelihoods.quadrature import gauss_hermite
from knowntruth.bayes.models import joint
from knowntruth.bayes.models.linear_predictor import coefficient_matrix
from knowntruth.bayes.rows.model_frame import model_frame
from knowntruth.bayes.rows.validation import ValidationSample

OUTCOMES = ("actions_per_prompt", "verified_success")
SCALES = (0.8, 0.4, 0.9, 0.5)
MANY = 41
"""Nodes that leave no error in double precision for users with so few sessions."""


@pytest.fixture(scope="module")
def rows(draw):
    return model_frame(draw(400, seed=5).frame, OUTCOMES)


@pytest.fixture(scope="module")
def data(rows):
    return joint.compress(rows, ValidationSample())


def both(data, theta, own, nodes):
    beta, other, scales = theta
    sessions = data.sessions
    rest = astuple(sessions)
    arguments = (beta, other, *scales, own, own, data.cells.columns, *rest, *gauss_hermite(nodes))
    return user_effects.value_and_gradient(*arguments)


def activities(rows, other, session_scale, activity_scale):
    """The activities alone, by the model of activity."""
    statistics = gaussian.compress(rows, np.log(rows.outcomes[OUTCOMES[0]]))
    moments = (statistics.gram, statistics.user_gram, statistics.repeats, statistics.users)
    return gaussian.value_and_gradient(other, session_scale, activity_scale, *moments)[0]


def row_wise(rows, beta, other, scales):
    """Both outcomes of each user from their definition: density times chances, integrated over v on a fine grid.

    The activities, given v, are a multivariate normal with the covariance spelt out; the trapezoidal rule is exact
    to double precision for integrands as smooth as these that vanish at both ends (Trefethen and Weideman 2014).
    """
    sigma, tau, omega, rho = scales
    log_odds, expected = (theta[0] + theta[rows.columns].sum(axis=1) for theta in (beta, other))
    actions, success = np.log(rows.outcomes[OUTCOMES[0]]), rows.outcomes[OUTCOMES[1]]
    grid = np.linspace(-10 * omega, 10 * omega, 401)
    total = 0.0
    for user in range(rows.users):
        own = rows.user == user
        n = own.sum()
        covariance = sigma**2 * np.eye(n) + tau**2 * (1 - rho**2)
        apart = (actions[own] - expected[own])[None, :] - (rho * tau / omega * grid)[:, None]
        logs = multivariate_normal.logpdf(apart.reshape(-1, n), np.zeros(n), covariance) + norm.logpdf(grid, 0, omega)
        odds = log_odds[own][None, :] + grid[:, None]
        logs = logs - np.logaddexp(0, np.where(success[own] > 0, -odds, odds)).sum(axis=1)
        total += logsumexp(logs) + np.log(grid[1] - grid[0])
    return total


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10**6), correlation=st.floats(-0.95, 0.95))
def test_compressed_equals_row_wise(rows, data, seed, correlation):
    rng = np.random.default_rng(seed)
    beta, other = rng.normal(0, 0.3, (2, rows.layout.size))
    other[0] += 4.5
    scales = (0.8, 0.4, 0.9, correlation)
    found = both(data, (beta, other, scales), np.eye(rows.layout.size), MANY)[0]
    assert found == pytest.approx(row_wise(rows, beta, other, scales), rel=1e-8)


def test_slopes_are_those_of_the_value(rows, data):
    change = coefficient_matrix(rows, data.cells.means)
    width = change.shape[1]
    rng = np.random.default_rng(2)
    point = np.concatenate([rng.normal(0, 0.3, 2 * width), SCALES])

    def split(x):
        return x[:width], x[width : 2 * width], x[2 * width :]

    slopes = both(data, split(point), change, user_effects.NODES)[1:]
    ours = np.concatenate([np.ravel(slope) for slope in slopes])
    for _ in range(5):
        way = rng.normal(size=len(point))
        there, back = (
            both(data, split(x), change, user_effects.NODES)[0] for x in (point + 1e-6 * way, point - 1e-6 * way)
        )
        assert ours @ way == pytest.approx((there - back) / 2e-6, rel=1e-5, abs=1e-3)


def test_chances_too_small_to_multiply_are_added_as_logarithms(rows, data):
    """At log odds of -600 each success costs 600, and two of one user are too small a chance for double precision."""
    beta, other = np.zeros((2, rows.layout.size))
    beta[0] = -600.0
    value, slope, *_ = both(data, (beta, other, (0.8, 0.4, 0.0, 0.0)), np.eye(rows.layout.size), 9)
    successes = rows.outcomes["verified_success"].sum()
    assert value == pytest.approx(activities(rows, other, 0.8, 0.4) - 600 * successes, rel=1e-12)
    assert slope[0] == pytest.approx(successes)


def test_chances_several_at_a_time_are_exact():
    exponents = np.concatenate([np.linspace(-40, 40, 5001), [-699.0, 699.0, 1e9, -1e9]])
    found = exponents.copy()
    fast_exp.logistic(exponents.copy(), found)
    assert found == pytest.approx(expit(-np.clip(exponents, -700, 700)), rel=1e-14)


def test_without_traits_it_is_the_model_of_success_alone(rows, data):
    beta, other = np.random.default_rng(3).normal(0, 0.3, (2, rows.layout.size))
    log_odds = beta[0] + beta[rows.columns].sum(axis=1)
    success = rows.outcomes["verified_success"]
    alone = np.sum(success * log_odds - np.logaddexp(0, log_odds))
    found = both(data, (beta, other, (0.8, 0.4, 0.0, 0.3)), np.eye(rows.layout.size), 9)
    assert found[0] == pytest.approx(activities(rows, other, 0.8, 0.4) + alone, rel=1e-10)


@pytest.mark.proof
def test_compiled_it_is_the_same(rows, data):
    from knowntruth.bayes.likelihoods.ops import UserEffectsLikelihood

    beta, other = np.random.default_rng(6).normal(0, 0.3, (2, rows.layout.size))
    own, sessions, cells = np.eye(rows.layout.size), data.sessions, data.cells.columns
    rest = (own, own, cells, *astuple(sessions), *gauss_hermite(9))
    plain = user_effects.value_and_gradient(beta, other, *SCALES, *rest)
    compiled = UserEffectsLikelihood.compiled(beta, other, *SCALES, *rest)
    for one, two in zip(plain, compiled, strict=True):
        assert two == pytest.approx(one, rel=1e-10, abs=1e-10)


@pytest.mark.proof
def test_the_quadrature_error_falls_with_its_nodes_and_is_small(rows, data):
    from knowntruth.priors.load import load

    one = joint.sample_prior(np.random.default_rng(4), rows, load("weak"), 1)
    errors = [
        abs(joint.quadrature_error(rows, data, one, nodes))
        for nodes in (3, user_effects.NODES, 2 * user_effects.NODES)
    ]
    assert errors[0] > errors[1] > errors[2]
    assert errors[1] < 1e-2
