"""The compressed Gaussian likelihood is the one of the rows, and its derivatives are right."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from scipy.stats import multivariate_normal, norm

from knowntruth.bayes.likelihoods import gaussian
from knowntruth.bayes.models.linear_predictor import coefficient_matrix
from knowntruth.bayes.rows.cells import dummy_means
from knowntruth.bayes.rows.model_frame import model_frame


def row_wise(rows, outcome, theta, session_scale, user_scale):
    """The likelihood from its definition: one multivariate normal a user, covariance spelt out."""
    mean = theta[0] + theta[rows.columns].sum(axis=1)
    total = 0.0
    for user in range(rows.users):
        own = rows.user == user
        n = own.sum()
        covariance = session_scale**2 * np.eye(n) + user_scale**2
        total += multivariate_normal.logpdf(outcome[own], mean[own], covariance)
    return total


def value(statistics, theta, session_scale, user_scale):
    gram, user_gram = statistics.gram, statistics.user_gram
    return gaussian.value_and_gradient(
        theta, session_scale, user_scale, gram, user_gram, statistics.repeats, statistics.users
    )


@pytest.fixture(scope="module")
def rows(draw):
    return model_frame(draw(800, seed=5).frame, ("actions_per_prompt",))


@pytest.fixture(scope="module")
def statistics(rows):
    return gaussian.compress(rows, np.log(rows.outcomes["actions_per_prompt"]))


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6), session_scale=st.floats(0.05, 5), user_scale=st.floats(0.01, 5))
def test_compressed_equals_row_wise(rows, statistics, seed, session_scale, user_scale):
    theta = np.random.default_rng(seed).normal(0, 1, rows.layout.size)
    expected = row_wise(rows, np.log(rows.outcomes["actions_per_prompt"]), theta, session_scale, user_scale)
    assert value(statistics, theta, session_scale, user_scale)[0] == pytest.approx(expected, rel=1e-8)


def test_the_samplers_coefficients_are_a_change_of_coordinates_only(rows, statistics):
    beta = np.random.default_rng(3).normal(0, 1, 1 + 4 + 23 + 8 + 3 + 6 + 23 * 4)
    change = coefficient_matrix(rows, dummy_means(rows.columns, np.ones(rows.sessions), rows.layout.size))
    gram, user_gram = gaussian.transform(statistics, change)
    ours = gaussian.value_and_gradient(beta, 0.7, 0.4, gram, user_gram, statistics.repeats, statistics.users)
    assert ours[0] == pytest.approx(value(statistics, change @ beta, 0.7, 0.4)[0], rel=1e-8)


def test_the_sign_of_the_users_spread_means_nothing(rows, statistics):
    theta = np.zeros(rows.layout.size)
    there, back = (value(statistics, theta, 0.7, sign * 0.4) for sign in (1, -1))
    assert there[0] == back[0] and there[3] == -back[3]


def test_gradient_is_the_slope_of_the_value(rows, statistics):
    rng = np.random.default_rng(4)
    point = np.concatenate([rng.normal(0, 0.3, rows.layout.size), [0.8, 0.3]])
    _, by_theta, by_session, by_user = value(statistics, point[:-2], *point[-2:])
    numeric = approx_fprime(point, lambda x: value(statistics, x[:-2], *x[-2:])[0], 1e-6)
    ours = np.concatenate([by_theta, [by_session, by_user]])
    assert ours == pytest.approx(numeric, rel=1e-3, abs=1e-3 * np.abs(numeric).max())


def test_no_spread_of_users_is_ordinary_regression(rows, statistics):
    theta = np.random.default_rng(6).normal(0, 1, rows.layout.size)
    mean = theta[0] + theta[rows.columns].sum(axis=1)
    ordinary = norm.logpdf(np.log(rows.outcomes["actions_per_prompt"]), mean, 0.7).sum()
    assert value(statistics, theta, 0.7, 0.0)[0] == pytest.approx(ordinary, rel=1e-8)


def test_users_matter(statistics, rows):
    """A negative control: forgetting who the sessions belong to is another likelihood."""
    theta = np.zeros(rows.layout.size)
    assert abs(value(statistics, theta, 0.7, 0.3)[0] - value(statistics, theta, 0.7, 0.0)[0]) > 1


def test_sessions_and_users_are_all_counted(statistics, rows):
    assert statistics.sessions == rows.sessions == np.sum(statistics.repeats * statistics.users)
    assert np.sum(statistics.users) == rows.users
    by_users = np.einsum("nij->ij", statistics.user_gram)
    assert np.all(np.diag(by_users)[1:-1] >= np.diag(statistics.gram)[1:-1])
