"""The cells carry the whole likelihood of the rows, and the derivative is right."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from knowntruth.bayes import binomial
from knowntruth.bayes.design import COVARIATES, TREATMENT, design
from knowntruth.bayes.structure import matrix


@pytest.fixture(scope="module")
def rows(draw):
    return design(draw(1500, seed=6).frame, "verified_success", COVARIATES, TREATMENT)


@pytest.fixture(scope="module")
def statistics(rows):
    return binomial.compress(rows)


def value(statistics, change, beta):
    cells = (statistics.columns, statistics.sessions, statistics.successes)
    return binomial.value_and_gradient(beta, change, *cells)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6), scale=st.floats(0.01, 5))
def test_compressed_equals_row_wise(rows, statistics, seed, scale):
    theta = np.random.default_rng(seed).normal(0, scale, len(rows.coefficients))
    log_odds = theta[0] + theta[np.stack(rows.columns)].sum(axis=0)
    expected = np.sum(rows.outcome * log_odds - np.logaddexp(0, log_odds))
    assert value(statistics, np.eye(len(theta)), theta)[0] == pytest.approx(expected, rel=1e-8)


def test_the_intercept_is_that_of_an_average_session(rows, statistics):
    beta = np.random.default_rng(2).normal(0, 1, 1 + 4 + 23 + 8 + 3 + 6)
    theta = matrix(rows, statistics.means) @ beta
    log_odds = theta[0] + theta[np.stack(rows.columns)].sum(axis=0)
    assert log_odds.mean() == pytest.approx(beta[0], rel=1e-9)


def test_gradient_is_the_slope_of_the_value(rows, statistics):
    change = matrix(rows, statistics.means)
    point = np.random.default_rng(4).normal(0, 0.3, change.shape[1])
    numeric = approx_fprime(point, lambda x: value(statistics, change, x)[0], 1e-6)
    assert value(statistics, change, point)[1] == pytest.approx(numeric, rel=1e-3, abs=1e-3 * np.abs(numeric).max())


def test_far_out_log_odds_stay_finite(rows, statistics):
    theta = np.zeros(len(rows.coefficients))
    for far in (-1e4, 1e4):
        theta[0] = far
        found, gradient = value(statistics, np.eye(len(theta)), theta)
        assert np.isfinite(found) and np.isfinite(gradient).all()


def test_cells_hold_every_session_once(rows, statistics):
    assert statistics.sessions.sum() == rows.sessions
    assert statistics.successes.sum() == rows.outcome.sum()
    assert len(np.unique(statistics.columns, axis=0)) == len(statistics.columns) < rows.sessions
