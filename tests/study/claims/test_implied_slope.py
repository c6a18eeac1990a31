import numpy as np
import pandas as pd
import pytest

from knowntruth.study.claims.implied_slope import implied_slope, level_weights
from knowntruth.study.estimation import cells, regression
from knowntruth.study.estimation.estimates import Estimate
from knowntruth.study.tables.table_a1 import regression_sample, without_small_cells

CURVE = {2: 0.08, 3: 0.15, 4: 0.16, 5: 0.2}


@pytest.fixture(scope="module")
def sample(observed: pd.DataFrame) -> pd.DataFrame:
    return without_small_cells(regression_sample(observed), cells.PREFERRED)


def _effects(curve: dict[int, float], error: float = 0.0) -> dict[int, Estimate]:
    return {level: Estimate(value, error, 100) for level, value in curve.items()}


def test_it_is_the_regression_of_the_true_curve(sample: pd.DataFrame) -> None:
    curve = sample["rated_expertise"].map({1: 0.0, **CURVE})
    noise = np.random.default_rng(3).normal(0, 1e-9, len(sample))
    fitted = regression.fit(sample.assign(curve=curve + noise), "curve", ("rated_expertise",))
    assert implied_slope(_effects(CURVE), sample).value == pytest.approx(fitted.coefficients[0], abs=1e-6)


def test_weights_of_a_line(sample: pd.DataFrame) -> None:
    by_level = level_weights(sample)
    assert by_level.sum() == pytest.approx(0, abs=1e-12)
    assert by_level @ np.arange(1, 6) == pytest.approx(1)


def test_errors_add_in_squares(sample: pd.DataFrame) -> None:
    got = implied_slope(_effects(CURVE, 0.01), sample)
    assert got.standard_error == pytest.approx(0.01 * np.linalg.norm(level_weights(sample)[1:]))


def test_no_spread_no_slope(sample: pd.DataFrame) -> None:
    same = sample.assign(rated_expertise=3.0)
    assert np.isnan(implied_slope(_effects(CURVE), same).value)
    assert np.isnan(implied_slope(_effects(CURVE), sample.iloc[:0]).value)
    assert np.isnan(implied_slope(_effects({2: 0.1}), sample).value)
