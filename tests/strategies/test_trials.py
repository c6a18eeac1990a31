"""Each strategy covers the truth where its assumptions hold, and misses where they do not."""

import numpy as np
import pytest
from scipy.stats import binom, norm

from knowntruth.strategies import estimate_one
from knowntruth.strategies.registry import STRATEGIES

ERRORS = 4.0
WIDE = 1.0 - 2.0 * norm.sf(ERRORS)
"""Confidence of an interval that reaches four standard errors to either side."""

REPLICATES, SMALL = 20, 4000

NAMED = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.proof) if one.slow else name for name, one in STRATEGIES.items()]
)
"""Every strategy; one that compiles for a minute is among the proofs."""


def within(found, truth, error):
    """Whether the truth, itself four errors wide, meets an interval of four errors."""
    return found.lower <= truth + ERRORS * error and truth - ERRORS * error <= found.upper


@NAMED
@pytest.mark.parametrize("holds", [True, False], ids=["holds", "fails"])
def test_near_the_truth_where_assumptions_hold_and_far_where_they_fail(trials, name, holds):
    trial = trials[name]
    observed, asked = trial.draw(trial.sessions, seed=7, holds=holds)
    truth, error = trial.truth(trial.sessions, seed=7, holds=holds)
    found = estimate_one(name, observed, trial.estimand, confidence=WIDE, **asked)
    assert within(found, truth, error) is holds, f"{found}, true {truth:.4f} ± {error:.4f}"


@pytest.mark.slow
@NAMED
def test_covers_as_often_as_it_says(trials, name):
    """In a two-sided band of one in a thousand."""
    trial = trials[name]
    truth, _ = trial.truth(100_000, seed=1)
    covered = sum(covers(name, trial, truth, seed) for seed in range(REPLICATES))
    low, high = binom.ppf([0.0005, 0.9995], REPLICATES, 0.95)
    assert low <= covered <= high, f"{covered} of {REPLICATES} intervals cover {truth:.4f}"


@pytest.mark.proof
def test_what_is_taken_for_normal_misses_where_assumptions_fail(trials):
    """The negative control of a coverage that could come of intervals too wide."""
    name = "bayesian_measurement"
    truth, _ = trials[name].truth(100_000, seed=1, holds=False)
    covered = sum(covers(name, trials[name], truth, seed, holds=False) for seed in range(REPLICATES))
    assert covered < binom.ppf(0.0005, REPLICATES, 0.95), f"{covered} of {REPLICATES} intervals cover {truth:.4f}"


def covers(name, trial, truth, seed, holds=True):
    observed, asked = trial.draw(SMALL, seed=1000 + seed, holds=holds)
    return estimate_one(name, observed, trial.estimand, **asked).covers(truth)


def test_naive_bias_is_what_hidden_ability_leaves(trials):
    """Where ability is hidden, holding what is seen helps little, whichever way it is held."""
    trial = trials["weighting"]
    observed, asked = trial.draw(20_000, seed=3, holds=False)
    truth, _ = trial.truth(20_000, seed=3, holds=False)
    bias = {n: np.log(estimate_one(n, observed, **asked).value / truth) for n in ("naive", "weighting", "matching")}
    assert min(bias.values()) > 0.5 * bias["naive"] > 0
