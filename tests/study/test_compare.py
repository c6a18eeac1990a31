import math

import numpy as np
import pandas as pd
import pytest

from knowntruth.study.compare import COLUMNS, compare
from knowntruth.study.estimation.estimates import Estimate
from knowntruth.study.estimation.tidy_rows import Row, published_row, table, unpublished_row
from knowntruth.study.figures import figure, load
from knowntruth.study.tables.registry import compute


def _compared(*rows: Row) -> pd.DataFrame:
    return compare({"one": table(rows)}).set_index("key")


def test_the_gap_is_in_published_errors_where_there_are_any() -> None:
    row = _compared(published_row("a1_coef_col5", Estimate(0.0397, 0.001, 10))).loc["a1_coef_col5"]
    assert row["gap"] == pytest.approx(0.0018)
    assert row["gap_in_errors"] == pytest.approx(2.0)  # standard error 0.0009
    assert row["z"] == pytest.approx(0.0018 / math.hypot(0.0009, 0.001))


def test_the_gap_is_in_rounding_otherwise() -> None:
    row = _compared(published_row("mode_share_fix", Estimate(27.0, 0.3, 10))).loc["mode_share_fix"]
    assert math.isnan(figure("mode_share_fix").standard_error)
    assert row["gap_in_errors"] == pytest.approx(2.0)  # printed as a whole percent


@pytest.mark.parametrize(("simulated", "gap"), [(4.0, -1.0), (5.0, 0.0), (6.3, 0.0), (9.5, 2.5)])
def test_a_published_range_has_no_gap_inside(simulated: float, gap: float) -> None:
    key = "abandoned_trouble_everyone_else"
    assert _compared(published_row(key, Estimate(simulated, 1.0, 10))).loc[key, "gap"] == pytest.approx(gap)


def test_holes_stay_holes() -> None:
    for key in ("a1_coef_col5", "abandoned_trouble_everyone_else"):
        assert math.isnan(_compared(published_row(key, Estimate(math.nan, math.nan, 0))).loc[key, "gap"])


def test_rows_without_a_twin_are_left_out() -> None:
    assert compare({"one": table([unpublished_row("a", "b", "c", Estimate(1.0, 1.0, 1))])}).empty


def test_all_usable_figures_are_compared_in_their_order(observed: pd.DataFrame) -> None:
    frame = compare(compute(observed))
    assert list(frame.columns) == list(COLUMNS)
    order = [each.key for each in load() if each.key in set(frame["key"])]
    assert list(frame["key"]) == order
    assert {each.key for each in load() if each.usable} <= set(order)
    filled = frame[np.isfinite(frame["simulated"]) & np.isfinite(frame["published"])]
    assert (filled["gap"] == filled["simulated"] - filled["published"]).all()
