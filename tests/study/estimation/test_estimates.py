import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from knowntruth.study.estimation import estimates
from knowntruth.study.estimation.estimates import EMPTY, Estimate


def test_error_of_a_share_is_binomial_when_every_user_comes_once() -> None:
    flags = pd.Series(np.arange(1000) < 300)
    got = estimates.percent(flags, pd.Series(np.arange(1000)))
    assert got.value == pytest.approx(30)
    assert got.standard_error == pytest.approx(100 * math.sqrt(0.3 * 0.7 / 999))


def test_repeating_a_users_sessions_does_not_shrink_the_error() -> None:
    flags, users = pd.Series(np.arange(200) < 60), pd.Series(np.arange(200))
    once = estimates.mean(flags, users)
    tenfold = estimates.mean(pd.concat([flags] * 10), pd.concat([users] * 10))
    assert tenfold.standard_error == pytest.approx(once.standard_error)


def test_clustered_interval_covers_the_mean_and_the_naive_one_does_not() -> None:
    rng, replicates, hits, naive_hits = np.random.default_rng(5), 400, 0, 0
    users = pd.Series(np.repeat(np.arange(80), 5))
    for _ in range(replicates):
        x = pd.Series(np.repeat(rng.normal(size=80), 5) + rng.normal(size=400))
        got = estimates.mean(x, users)
        hits += abs(got.value) < 1.96 * got.standard_error
        naive_hits += abs(got.value) < 1.96 * float(x.std()) / math.sqrt(400)
    low, high = stats.binom.interval(0.999, replicates, 0.945)
    assert low <= hits <= high
    assert naive_hits < low


def test_geometric_mean_is_the_mean_of_logs_and_leaves_zeros_out() -> None:
    got = estimates.geometric_mean(pd.Series([0.0, 1.0, 4.0]), pd.Series([1, 2, 3]))
    assert got.value == pytest.approx(2.0)
    assert got.n == 2


def test_median_error_matches_the_normal_theory() -> None:
    x = pd.Series(np.random.default_rng(2).normal(size=40_000))
    theory = math.sqrt(math.pi / 2) / math.sqrt(len(x))
    got = estimates.median(x)
    assert abs(got.value) < 5 * theory
    assert got.standard_error == pytest.approx(theory, rel=0.35)  # an order statistic's own noise


def test_ratio_by_the_delta_method() -> None:
    got = estimates.ratio(Estimate(6.0, 0.3, 10), Estimate(3.0, 0.3, 10))
    assert got.value == pytest.approx(2.0)
    assert got.standard_error / got.value == pytest.approx(math.hypot(0.05, 0.1))


def test_nothing_in_nothing_out() -> None:
    empty = pd.Series(dtype="float64")
    for got in (estimates.mean(empty, empty), estimates.median(empty), estimates.geometric_mean(empty, empty)):
        assert math.isnan(got.value) and got.n == 0
    assert math.isnan(estimates.ratio(Estimate(1, 1, 1), Estimate(0, 1, 1)).value)
    assert math.isnan(estimates.difference(EMPTY, Estimate(1, 1, 1)).value)


def test_a_single_user_has_no_error() -> None:
    got = estimates.mean(pd.Series([0.0, 1.0]), pd.Series([3, 3]))
    assert got.value == 0.5 and math.isnan(got.standard_error)
