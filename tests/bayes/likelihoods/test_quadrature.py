"""A user's integral, whichever way it is taken: the same value and slopes from products, quotients and logarithms."""

import numpy as np
import pytest

from knowntruth.bayes.likelihoods.fast_exp import SMALL_FACTOR, log_of_product
from knowntruth.bayes.likelihoods.quadrature import MAX_LOG_ODDS, gauss_hermite, integrate, integrate_in_logs
from knowntruth.bayes.likelihoods.single_session import MAX_LOG_ODDS_SINGLE

SPREAD = 0.8


def log_odds(users: int, repeats: int, width: float) -> tuple[np.ndarray, np.ndarray]:
    """What users' sessions showed is this likely, and is a success with this sign."""
    rng = np.random.default_rng([users, repeats])
    return rng.normal(0.5, width, users * repeats), rng.choice([-1.0, 1.0], users * repeats)


@pytest.mark.parametrize("nodes", [6, 7, 14])
@pytest.mark.parametrize(("repeats", "width"), [(1, 2.0), (3, 2.0), (1, MAX_LOG_ODDS_SINGLE), (2, MAX_LOG_ODDS)])
def test_every_way_gives_the_same_integral(repeats, width, nodes):
    toward, signs = log_odds(37, repeats, width)
    given = toward, signs, SPREAD, *gauss_hermite(nodes), 37
    for found, direct in zip(integrate(*given), integrate_in_logs(*given), strict=True):
        assert found == pytest.approx(direct, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("repeats", [1, 2])
def test_slopes_are_those_of_the_value(repeats):
    toward, signs = log_odds(5, repeats, 1.0)
    _, slopes, by_spread = integrate(toward, signs, SPREAD, *gauss_hermite(7), 5)
    step = 1e-6

    def moved(place, by):
        shifted = toward.copy()
        shifted[place] += signs[place] * by
        return integrate(shifted, signs, SPREAD, *gauss_hermite(7), 5)[0]

    differences = [(moved(place, step) - moved(place, -step)) / (2 * step) for place in range(len(toward))]
    assert slopes == pytest.approx(differences, rel=1e-6, abs=1e-8)
    wider, narrower = (integrate(toward, signs, SPREAD + by, *gauss_hermite(7), 5)[0] for by in (step, -step))
    assert by_spread == pytest.approx((wider - narrower) / (2 * step), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("least", [0.1, SMALL_FACTOR / 10, 1e-290])
def test_a_product_has_the_logarithm_of_its_factors(least):
    factors = np.exp(np.random.default_rng(1).uniform(np.log(least), 0.0, 1201))
    assert log_of_product(factors) == pytest.approx(np.sum(np.log(factors)), rel=1e-12)
