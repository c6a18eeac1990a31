"""Weights and what is drawn by them: as often as they say, and a warning where no number of draws will do."""

import numpy as np
import pytest

from knowntruth.bayes.samplers.importance import resample, smooth_weights

DRAWS, CHAINS = 1000, 4


@pytest.fixture
def rng():
    return np.random.default_rng(1)


def test_draws_that_weigh_alike_are_each_taken_once(rng):
    assert (resample(np.full((CHAINS, DRAWS), -7.0), rng) == np.arange(DRAWS)).all()


def test_a_draw_is_taken_as_often_as_it_weighs_and_stays_in_its_place(rng):
    log_weights = rng.normal(size=(CHAINS, DRAWS)) - 500.0
    share = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
    expected = DRAWS * share / share.sum(axis=1, keepdims=True)
    kept = resample(log_weights, rng)
    taken = np.stack([np.bincount(own, minlength=DRAWS) for own in kept])
    assert (np.abs(taken - expected) < 1).all()
    assert (np.diff(kept, axis=1) >= 0).all()


def test_what_is_rounded_is_rounded_without_a_lean(rng):
    log_weights = np.log([[0.1, 0.2, 0.3, 0.4, 1.5]])
    taken = np.mean([np.bincount(resample(log_weights, rng)[0], minlength=5) for _ in range(4000)], axis=0)
    assert taken == pytest.approx([0.2, 0.4, 0.6, 0.8, 3.0], abs=4 * 0.5 / np.sqrt(4000))


def test_draws_of_a_wider_normal_stand_for_a_narrower(rng):
    draws = rng.normal(size=(CHAINS, DRAWS))
    weights, tail = smooth_weights(-0.5 * draws**2 / 0.7**2 + 0.5 * draws**2)
    assert tail < 0.7
    taken = np.take_along_axis(draws, resample(weights, rng), axis=1)
    assert taken.std() == pytest.approx(0.7, abs=4 * 0.7 / np.sqrt(CHAINS * DRAWS))


def test_draws_of_a_narrower_normal_do_not_stand_for_a_wider(rng):
    draws = rng.normal(size=(CHAINS, DRAWS))
    assert smooth_weights(-0.5 * draws**2 / 3.0**2 + 0.5 * draws**2)[1] > 0.7
