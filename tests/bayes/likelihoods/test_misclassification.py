"""Sessions of unknown level: the compressed likelihood is that of the rows, audited ones included."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import norm

from knowntruth.bayes.likelihoods import misclassification, rating_likelihood
from knowntruth.bayes.models import measurement
from knowntruth.bayes.rows.model_frame import model_frame
from knowntruth.bayes.rows.validation import ValidationSample

OUTCOMES = ("actions_per_prompt", "verified_success")


@pytest.fixture(scope="module")
def rows(draw):
    frame = draw(500, seed=15).frame
    known = pd.Series([1, 5, 3] * 20, index=frame["session_id"].iloc[:60])
    return model_frame(frame.assign(code=1 + frame["session_id"] % 5), OUTCOMES, coding="code", known=known)


@pytest.fixture(scope="module")
def data(rows):
    return measurement.compress(rows, ValidationSample())


def kinds(data):
    own = data.kinds
    return data.cells.columns, data.crossed, own.codes, own.sessions, own.activity_means, own.squares


def compressed(rows, data, theta, scale, cuts, confusion, by_success):
    own = np.eye(rows.layout.size)
    arguments = (*theta, scale, cuts, confusion, by_success, own, own, own, *kinds(data))
    return misclassification.value_and_gradient(*arguments)


def row_wise(rows, theta, scale, cuts, confusion, by_success):
    """Each session's five terms from their definition."""
    beta, other, level = theta
    actions, success = np.log(rows.outcomes[OUTCOMES[0]]), rows.outcomes[OUTCOMES[1]].astype(int)
    terms, expected = [], []
    lean = level[0] + level[rows.columns[:, 1:-1]].sum(axis=1)
    above = expit(np.asarray(cuts)[None, :] + lean[:, None])
    edges = np.column_stack([np.ones(rows.sessions), above, np.zeros(rows.sessions)])
    for t in range(5):
        columns = rows.layout.at_level(rows.columns, 0, t)
        odds, mean = (v[0] + v[columns].sum(axis=1) for v in (beta, other))
        chance = np.where(success == 1, expit(odds), expit(-odds))
        rating = np.exp(confusion[success, t, rows.levels[0]])
        term = (edges[:, t] - edges[:, t + 1]) * rating * chance
        terms.append(np.where((rows.known == 0) | (rows.known == t + 1), term, 0.0))
        expected.append(mean + by_success * (success - expit(odds)))
    whole = np.sum(terms, axis=0)
    mean = np.sum(np.multiply(terms, expected), axis=0) / whole
    return (np.log(whole) + norm.logpdf(actions, mean, scale)).sum()


def somewhere(rows, seed):
    """Parameters far from anything special."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(0, 0.3, (3, rows.layout.size))
    theta[1, 0] += 5.0
    theta[2, 1:6] = theta[2, -120:] = 0.0
    rating = rng.dirichlet(np.ones(5), (2, 5))
    return theta, rng.uniform(0.4, 1.0), np.sort(rng.normal(0, 1.5, 4))[::-1].copy(), np.log(rating), rng.normal()


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_compressed_equals_row_wise(rows, data, seed):
    point = somewhere(rows, seed)
    assert compressed(rows, data, *point)[0] == pytest.approx(row_wise(rows, *point), rel=1e-8)


def test_slopes_are_those_of_the_value(rows, data):
    theta, scale, cuts, confusion, own = somewhere(rows, 3)
    slopes = compressed(rows, data, theta, scale, cuts, confusion, own)[1:]
    ours = np.concatenate([np.ravel(slope) for slope in slopes])
    point = np.concatenate([theta.ravel(), [scale], cuts, confusion.ravel(), [own]])

    def value(x):
        size = 3 * rows.layout.size
        parts = x[:size].reshape(3, -1), x[size], x[size + 1 : size + 5], x[size + 5 : -1].reshape(2, 5, 5)
        return compressed(rows, data, *parts, x[-1])[0]

    rng = np.random.default_rng(4)
    for _ in range(5):
        way = rng.normal(size=len(point))
        numeric = (value(point + 1e-6 * way) - value(point - 1e-6 * way)) / 2e-6
        assert ours @ way == pytest.approx(numeric, rel=1e-5, abs=1e-3)


def test_far_out_value_and_slopes_are_still_numbers(rows, data):
    """Where a sampler looks for its step size, chances fall below what a double holds."""
    theta, scale, cuts, confusion, own = somewhere(rows, 7)
    found = compressed(rows, data, 800 * theta, scale, 100 * cuts, 400 * confusion, own)
    assert all(np.isfinite(part).all() for part in found)


def test_an_audit_tells_something(rows, data):
    """A negative control: forgetting what the audit found is another likelihood."""
    from dataclasses import replace

    point = somewhere(rows, 5)
    forgotten = measurement.compress(replace(rows, known=np.zeros_like(rows.known)), ValidationSample())
    assert abs(compressed(rows, data, *point)[0] - compressed(rows, forgotten, *point)[0]) > 1


def test_slopes_of_shares_ratings_halo_and_audit(rows, data):
    """The whole likelihood, along random ways through the parameters, with pairs of every kind beside the data."""
    rng = np.random.default_rng(6)
    own, size = np.eye(rows.layout.size), rows.layout.size
    pairs = rng.integers(0, 9, (3, 5, 5)).astype(float)

    def parts(x):
        theta, shares, chances = x[: 3 * size].reshape(3, -1), x[3 * size : 3 * size + 5], x[3 * size + 5 : -3]
        return (*theta, x[-3], shares, chances.reshape(5, 5), *x[-2:])

    def whole(x):
        arguments = (*parts(x), pairs, own, own, own, *kinds(data))
        return rating_likelihood.value_and_gradient(*arguments)

    point = np.concatenate([rng.normal(0, 0.3, 3 * size + 30), [0.8, 0.4, -0.3]])
    point[size] += 5.0
    slope = np.concatenate([np.ravel(part) for part in whole(point)[1:]])
    slope = np.concatenate([slope[: 3 * size], slope[3 * size + 1 : -2], slope[[3 * size, -2, -1]]])
    for _ in range(3):
        way = rng.normal(size=len(point))
        numeric = (whole(point + 1e-6 * way)[0] - whole(point - 1e-6 * way)[0]) / 2e-6
        assert slope @ way == pytest.approx(numeric, rel=1e-5, abs=1e-3)


def test_an_audit_that_tells_no_success_is_averaged_over_it():
    log_odds = np.array([-1.0, 0.0, 0.5, 1.0, 2.0])
    confusion = rating_likelihood.confusion_with_halo(np.log(np.random.default_rng(7).dirichlet(np.ones(5), 5)), 0.7)
    pairs = np.zeros((3, 5, 5))
    pairs[2, 1, 3] = 2.0
    chance = expit(0.0) * np.exp(confusion[1, 1, 3]) + expit(0.0) * np.exp(confusion[0, 1, 3])
    assert rating_likelihood.validation_log_likelihood(log_odds, confusion, pairs)[0] == pytest.approx(
        2 * np.log(chance)
    )
    assert np.exp(confusion).sum(axis=2) == pytest.approx(np.ones((2, 5)))
