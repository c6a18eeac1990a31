"""The cells carry the whole likelihood of the rows, and the derivative is right."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from knowntruth.bayes.likelihoods import binomial
from knowntruth.bayes.models import verified_success
from knowntruth.bayes.models.linear_predictor import coefficient_matrix
from knowntruth.bayes.rows import cells
from knowntruth.bayes.rows.model_frame import model_frame
from knowntruth.bayes.rows.validation import ValidationSample


@pytest.fixture(scope="module")
def rows(draw):
    return model_frame(draw(1500, seed=6).frame, ("verified_success",))


@pytest.fixture(scope="module")
def statistics(rows):
    return verified_success.compress(rows, ValidationSample())


def value(statistics, change, beta):
    made = statistics.cells
    return binomial.value_and_gradient(beta, change, made.columns, made.sessions, statistics.successes)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6), scale=st.floats(0.01, 5))
def test_compressed_equals_row_wise(rows, statistics, seed, scale):
    theta = np.random.default_rng(seed).normal(0, scale, rows.layout.size)
    log_odds = theta[0] + theta[rows.columns].sum(axis=1)
    expected = np.sum(rows.outcomes["verified_success"] * log_odds - np.logaddexp(0, log_odds))
    assert value(statistics, np.eye(len(theta)), theta)[0] == pytest.approx(expected, rel=1e-8)


def test_the_intercept_is_that_of_an_average_session(rows, statistics):
    beta = np.random.default_rng(2).normal(0, 1, 1 + 4 + 23 + 8 + 3 + 6 + 23 * 4)
    theta = coefficient_matrix(rows, statistics.cells.means) @ beta
    log_odds = theta[0] + theta[rows.columns].sum(axis=1)
    assert log_odds.mean() == pytest.approx(beta[0], rel=1e-9)


def test_gradient_is_the_slope_of_the_value(rows, statistics):
    change = coefficient_matrix(rows, statistics.cells.means)
    point = np.random.default_rng(4).normal(0, 0.3, change.shape[1])
    numeric = approx_fprime(point, lambda x: value(statistics, change, x)[0], 1e-6)
    assert value(statistics, change, point)[1] == pytest.approx(numeric, rel=1e-3, abs=1e-3 * np.abs(numeric).max())


def test_far_out_log_odds_stay_finite(rows, statistics):
    theta = np.zeros(rows.layout.size)
    for far in (-1e4, 1e4):
        theta[0] = far
        found, gradient = value(statistics, np.eye(len(theta)), theta)
        assert np.isfinite(found) and np.isfinite(gradient).all()


def test_cells_hold_every_session_once(rows, statistics):
    made = statistics.cells
    assert made.sessions.sum() == rows.sessions
    assert statistics.successes.sum() == rows.outcomes["verified_success"].sum()
    assert len(np.unique(made.columns, axis=0)) == len(made.columns) < rows.sessions
    assert (made.columns[cells.compress(rows.columns, rows.layout.size)[1]] == rows.columns).all()


def test_means_are_those_of_the_dummies(rows, statistics):
    dummies = np.zeros((rows.sessions, rows.layout.size))
    np.put_along_axis(dummies, rows.columns, 1.0, axis=1)
    assert cells.dummy_means(rows.columns, np.ones(rows.sessions), rows.layout.size) == pytest.approx(
        dummies.mean(axis=0)
    )
    assert statistics.cells.means == pytest.approx(dummies.mean(axis=0))
