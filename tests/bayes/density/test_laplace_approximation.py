"""The normal that fits a posterior best: exact where the posterior is normal, and no traceback where it is not."""

from dataclasses import dataclass

import numpy as np
import pytest

from knowntruth.bayes.density.compiled_density import NotFinite
from knowntruth.bayes.density.laplace_approximation import approximate_at_mode

MEAN = np.array([2.0, -60.0, 300.0, 0.01])
"""Further off than the first search may go."""


@dataclass
class Normal:
    """A log density that is known, with a wall at ``wall`` in the first coordinate beyond which there is none."""

    precision: np.ndarray
    wall: float = np.inf
    size: int = 4

    def evaluate(self):
        def evaluated(point):
            if point[0] > self.wall:
                raise NotFinite
            apart = point - MEAN
            return float(-0.5 * apart @ self.precision @ apart), -self.precision @ apart

        return evaluated


@pytest.fixture
def precision():
    """Scales far apart; correlations whose eigenvalues, 0.6 to 2.2, lie well above `MIN_CURVATURE`."""
    scales = np.array([1e3, 5.0, 1.0, 0.3])
    return np.outer(scales, scales) * (0.6 * np.eye(4) + 0.4)


def test_a_normal_posterior_is_found(precision):
    found = approximate_at_mode(Normal(precision))
    assert found.factor @ found.factor.T == pytest.approx(np.linalg.inv(precision), rel=1e-4, abs=1e-6)
    away = found.centre - MEAN
    assert away @ precision @ away < 1e-4


def test_coordinates_make_it_round(precision):
    found = approximate_at_mode(Normal(precision))
    value, slope = found.whitened(Normal(precision).evaluate())(np.array([1.0, 0.0, -2.0, 0.0]))
    assert value == pytest.approx(-2.5, rel=1e-3)
    assert slope == pytest.approx([-1.0, 0.0, 2.0, 0.0], abs=1e-2)


def test_where_the_density_ends_the_search_ends_without_an_error(precision):
    found = approximate_at_mode(Normal(precision, wall=0.10001))
    assert np.isfinite(found.centre).all() and np.isfinite(found.factor).all()
