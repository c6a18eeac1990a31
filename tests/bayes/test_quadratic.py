"""A quadratic in place of the likelihood: its parts on cases done by hand, and the joint model both ways."""

import numpy as np
import pytest
import xarray as xr

from knowntruth.bayes import quadratic
from knowntruth.bayes.audit import Audit
from knowntruth.bayes.design import design
from knowntruth.bayes.fit import draw_near, key
from knowntruth.bayes.models import MODELS
from knowntruth.bayes.quadratic import POINT, Exact
from knowntruth.bayes.sampling import Effort, draw
from knowntruth.priors.load import load

CHAINS, DRAWS = 4, 1000


def normal(mean, scale):
    """The log density of independent normals, but for a constant, as an exact likelihood."""

    def slope(x):
        apart = (x - mean) / scale
        return float(-0.5 * np.sum(apart**2)), -apart / scale

    return Exact(np.zeros_like(mean), lambda x: slope(x)[0], slope)


def test_a_quadratic_is_found_as_it_is():
    mean, scale = np.array([0.3, -0.2, 0.1]), np.array([0.01, 0.05, 0.02])
    found = quadratic.expand(normal(mean, scale))
    assert found.curve == pytest.approx(np.diag(scale**-2.0), rel=1e-5, abs=1e-4)
    assert found.middle == pytest.approx(mean, abs=0.01), "a wide normal pulls it to the start a little"
    for point in np.random.default_rng(1).normal(0, 0.1, (5, 3)):
        value, slope = quadratic.value_and_gradient(point, found.middle, found.value, found.slope, found.curve)
        assert value == pytest.approx(normal(mean, scale).value(point), rel=1e-4)
        assert slope == pytest.approx(normal(mean, scale).slope(point)[1], rel=1e-4, abs=1e-2)


def test_draws_are_taken_as_often_as_they_weigh():
    rng = np.random.default_rng(2)
    weights = rng.gamma(1.0, size=(3, 50))
    chosen = quadratic.resampled(rng, weights)
    assert (np.diff(chosen, axis=1) >= 0).all(), "in their order"
    for own, places in zip(weights, chosen, strict=True):
        assert np.abs(np.bincount(places, minlength=50) - 50 * own / own.sum()).max() < 1


def made(rng, exact):
    """Draws from a standard normal that stands for the quadratic posterior."""
    points = rng.normal(size=(CHAINS, DRAWS, 1))
    near = -0.5 * points[..., 0] ** 2
    drawn = xr.Dataset({
        POINT: (("chain", "draw", "part"), points), "x": (("chain", "draw"), points[..., 0]),
        "log_likelihood": (("chain", "draw"), near),
    })  # fmt: skip
    return quadratic.corrected(drawn, exact, seed=3)


@pytest.mark.xfail(strict=True, reason="weights do not yet mend what the quadratic misses; it is switched off")
def test_weights_carry_the_draws_to_the_exact_posterior():
    drawn, tail = made(np.random.default_rng(3), normal(np.array([0.3]), np.array([0.9])))
    assert tail < 0.7
    assert float(drawn["x"].mean()) == pytest.approx(0.3, abs=4 * 0.9 / np.sqrt(CHAINS * DRAWS / 2))
    assert float(drawn["x"].std()) == pytest.approx(0.9, rel=4 / np.sqrt(CHAINS * DRAWS))
    assert POINT not in drawn


@pytest.mark.xfail(strict=True, reason="weights do not yet mend what the quadratic misses; it is switched off")
def test_a_quadratic_too_far_off_shows_in_the_tail():
    _, tail = made(np.random.default_rng(4), normal(np.array([4.0]), np.array([2.0])))
    assert tail > 0.7


@pytest.fixture(scope="module")
def joint(draw, small):
    row = MODELS["joint"]
    rows = design(draw(6000, seed=61, user_odds=1.0).frame, [o.column for o in row.outcomes], **small)
    return row, rows, row.compress(rows, Audit())


@pytest.mark.proof
def test_the_exact_likelihood_has_the_slopes_that_it_says(joint):
    row, rows, data = joint
    exact = row.large.exact(rows, data)
    rng = np.random.default_rng(5)
    point = exact.start + rng.normal(0, 0.1, len(exact.start))
    value, slope = exact.slope(point)
    assert exact.value(point) == pytest.approx(value, rel=1e-10)
    for _ in range(5):
        way = rng.normal(size=len(point))
        numeric = (exact.value(point + 1e-6 * way) - exact.value(point - 1e-6 * way)) / 2e-6
        assert slope @ way == pytest.approx(numeric, rel=1e-5, abs=1e-2)


@pytest.mark.proof
def test_both_ways_lead_to_the_same_posterior(joint):
    row, rows, data = joint
    priors, effort = load("weak"), Effort(400, 400, 4, 1)
    own = key(row, rows, priors)
    near, _, tail = draw_near(row.large, rows, data, priors, (*own, "quadratic"), effort)
    exact, _ = draw(row.build(rows, data, priors), own, effort, None)
    assert tail < 0.7
    for name in ("activity_effect", "verified_success_effect", "verified_success_intercept"):
        one, two = near[name].to_numpy(), exact[name].to_numpy()
        error = np.hypot(one.std(), two.std()) / np.sqrt(200)
        assert one.mean() == pytest.approx(two.mean(), abs=4 * error), name
        assert one.std() == pytest.approx(two.std(), rel=4 / np.sqrt(2 * 200)), name
