"""The special functions against those of SciPy and of plain Python, in their tails too."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from knowntruth.engine.special_functions import (
    exponential,
    interval_probabilities,
    normal_distribution,
    normal_quantile,
    uniform_to_normal,
)

UNIFORM = np.random.default_rng(3).random(10_000)
"""Long enough for several chunks, and not a whole number of them."""


@settings(deadline=None)  # the first call compiles
@given(st.floats(min_value=1e-300, max_value=1 - 1e-16))
def test_normal_quantile_is_scipys(p):
    assert normal_quantile(p) == pytest.approx(float(ndtri(p)), rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("n", [0, 1, 511, 512, 513, 10_000])
def test_a_column_of_quantiles_is_every_single_one(n):
    draws = UNIFORM[:n].copy()
    uniform_to_normal(draws)
    assert np.array_equal(draws, [normal_quantile(p) for p in UNIFORM[:n]])


def test_far_and_near_quantiles_alike():
    draws = np.array([2.0**-53, 1e-12, 0.075, 0.0750001, 0.5, 0.925, 1 - 2.0**-53])
    expected = ndtri(draws)
    uniform_to_normal(draws)
    assert draws == pytest.approx(expected, rel=1e-13, abs=1e-15)


@settings(deadline=None)
@given(st.floats(min_value=-708.0, max_value=709.0))
def test_exponential_is_within_a_unit_in_the_last_place(x):
    assert abs(exponential(x) - math.exp(x)) <= math.ulp(math.exp(x))


@pytest.mark.parametrize(
    ("x", "expected"), [(-np.inf, 0.0), (-1e9, 0.0), (0.0, 1.0), (711.0, np.inf), (np.inf, np.inf)]
)
def test_exponential_at_its_ends(x, expected):
    assert exponential(x) == expected


def test_a_missing_number_stays_missing():
    assert math.isnan(exponential(math.nan))
    assert math.isnan(normal_distribution(np.array([math.nan]))[0])


def test_normal_distribution_is_scipys():
    z = np.linspace(-11, 11, 10_001)
    assert normal_distribution(z) == pytest.approx(ndtr(z), rel=1e-13, abs=0)
    far = np.array([-np.inf, -50.0, -15.0, 15.0, np.inf])
    assert normal_distribution(far) == pytest.approx([0.0, 0.0, 0.0, 1.0, 1.0], abs=1e-29)


def test_chances_between_cuts_are_differences_and_add_up():
    middle, cuts = ndtri(UNIFORM), np.array([-1.5, -0.5, 0.25, 2.0])
    chances = interval_probabilities(middle, 0.7, cuts)
    edges = ndtr((cuts[:, None] - middle) / 0.7)
    expected = np.diff(edges, axis=0, prepend=0.0, append=1.0)
    assert chances == pytest.approx(expected, abs=4e-16)
    assert chances.sum(axis=0) == pytest.approx(np.ones(len(middle)), abs=1e-15)
