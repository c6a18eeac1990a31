"""Each row of a prior table becomes the distribution that it names: the draws agree with SciPy's."""

import numpy as np
import pymc as pm
import pytest
from scipy import stats

from knowntruth.bayes.priors.distributions import ARGUMENTS, UNFOLDED, declare, declare_shares, declare_signed
from knowntruth.priors import distributions as rows

WORDS = {"unit": "u", "source": "s", "why": "w"}
CASES = {
    "normal": (rows.Normal(distribution="normal", mean=1.0, sd=2.0, **WORDS), stats.norm(1, 2)),
    "student_t": (
        rows.StudentT(distribution="student_t", mean=1.0, scale=2.0, degrees_of_freedom=4.0, **WORDS),
        stats.t(4, 1, 2),
    ),
    "half_normal": (rows.HalfNormal(distribution="half_normal", sd=0.5, **WORDS), stats.halfnorm(0, 0.5)),
    "exponential": (rows.Exponential(distribution="exponential", mean=0.5, **WORDS), stats.expon(0, 0.5)),
    "gamma": (rows.Gamma(distribution="gamma", mean=2.0, sd=1.0, **WORDS), stats.gamma(4, scale=0.5)),
}
DRAWS = 4000
UNLIKELY = 1e-4


def drawn(variable):
    return np.asarray(pm.draw(variable, DRAWS, random_seed=3))


@pytest.mark.parametrize("name", CASES)
def test_a_row_is_the_distribution_it_names(name):
    row, expected = CASES[name]
    with pm.Model():
        draws = drawn(declare("x", row))
    assert stats.kstest(draws, expected.cdf).pvalue > UNLIKELY


@pytest.mark.parametrize("kind", UNFOLDED)
def test_unfolding_changes_no_prior(kind):
    values = {"sd": 0.5, "scale": 0.5, "mean": 0.5, "degrees_of_freedom": 4.0}
    name = {rows.HalfNormal: "half_normal", rows.HalfStudentT: "half_student_t", rows.Exponential: "exponential"}[
        kind
    ]
    row = kind(distribution=name, **{key: values[key] for key in kind.model_fields if key in values}, **WORDS)
    with pm.Model():
        plain, signed = drawn(declare("x", row)), drawn(declare_signed("y", row))
    assert 0.4 < np.mean(signed > 0) < 0.6
    assert stats.ks_2samp(plain, abs(signed)).pvalue > UNLIKELY


def test_a_spread_that_cannot_be_zero_is_not_unfolded():
    with pm.Model() as model:
        declare_signed("x", CASES["gamma"][0])
    assert [variable.name for variable in model.free_RVs] == ["x"]


def test_normalised_gammas_are_a_dirichlet():
    row = rows.Dirichlet(distribution="dirichlet", concentration=2.0, **WORDS)
    with pm.Model(coords={"step": range(4)}):
        shares = drawn(declare_shares("parts", row, dims="step"))
    assert np.allclose(shares.sum(axis=1), 1)
    for share in shares.T:
        assert stats.kstest(share, stats.beta(2, 6).cdf).pvalue > UNLIKELY


def test_every_distribution_of_one_number_is_known_here():
    assert set(ARGUMENTS) == {kind for kind in rows.Prior.__args__ if kind is not rows.Dirichlet}
