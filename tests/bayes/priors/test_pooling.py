"""The basis and its information steer the sampler; what they say of the model must be right all the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from knowntruth.bayes.priors.pooling import helmert_basis

sizes = st.lists(st.integers(0, 10**6), min_size=2, max_size=25).map(np.array)


@given(sizes)
def test_contrasts_are_orthonormal_and_sum_to_zero(counts):
    basis, _ = helmert_basis(counts)
    assert np.allclose(basis.T @ basis, np.eye(len(counts) - 1))
    assert np.allclose(basis.sum(axis=0), 0)


@given(sizes)
def test_an_empty_group_leaves_its_contrast_to_the_prior(counts):
    basis, information = helmert_basis(counts)
    touched = (basis[counts == 0] != 0).any(axis=0)
    assert (information[touched] == 0).all() and (information[~touched] > 0).all()


def test_information_is_what_group_means_tell():
    counts = np.array([50, 400, 20])
    basis, information = helmert_basis(counts)
    rng = np.random.default_rng(1)
    means = rng.normal(0, 1 / np.sqrt(counts), (20_000, 3))
    found = (means @ basis).var(axis=0)
    assert found == pytest.approx(1 / information, rel=5 * np.sqrt(2 / 20_000))


@pytest.mark.parametrize("information", [0.0, 3.0, 1e4])
def test_whatever_the_information_the_prior_is_the_same(information):
    rng = np.random.default_rng(5)
    spread = 0.7
    stretch = np.sqrt(1 + information * spread**2)
    contrasts = rng.normal(0, stretch, 4000) * spread / stretch
    assert stats.kstest(contrasts, stats.norm(0, spread).cdf).pvalue > 1e-4
