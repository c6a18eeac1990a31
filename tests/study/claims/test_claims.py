import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.estimands import CONTRASTS, ESTIMANDS, RECOVERIES, estimand
from knowntruth.study.claims.claims import CLAIMS, COLUMNS, TABLES_READ, claims, published_value
from knowntruth.study.figures import by_key
from knowntruth.study.tables.registry import compute

Sessions = Callable[..., pd.DataFrame]


def make_truth(slope: float, log_actions: float, mcse: float = 0.001) -> pd.DataFrame:
    """Return true effects that are straight lines over the levels."""
    rows = []
    for each in (*ESTIMANDS, *RECOVERIES):
        for step, contrast in enumerate(CONTRASTS, 1):
            value = math.exp(step * log_actions) if each.scale == "ratio" else step * slope
            rows.append((each.name, contrast, value, mcse, 1000))
    return pd.DataFrame(rows, columns=["estimand", "contrast", "value", "mcse", "n"])


@pytest.fixture(scope="module")
def sorted_sessions(sessions_of: Sessions) -> pd.DataFrame:
    return sessions_of(24_000, seed=51, sorting=2.5)


@pytest.fixture(scope="module")
def tables(sorted_sessions: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return compute(sorted_sessions, TABLES_READ)


@pytest.fixture(scope="module")
def answers(sorted_sessions: pd.DataFrame, tables: dict[str, pd.DataFrame], known: Any) -> pd.DataFrame:
    return claims(sorted_sessions, make_truth(known.slope, known.actions_per_level), tables=tables)


def test_readings_name_cells_and_estimands_that_exist() -> None:
    for each in CLAIMS:
        for key in (each.reading.left, each.reading.right):
            assert not key or by_key()[key].kind in TABLES_READ
        assert bool(each.estimand) != bool(each.why_no_truth)
        if each.estimand:
            assert estimand(each.estimand).treatment == "domain_expertise"


def test_published_answers_are_those_of_the_study() -> None:
    values = [published_value(each.reading) for each in CLAIMS]
    expected = [11.7 / 4.9, 9, 34.7 - 13.2, 18.4, 0.0379, 65 - 39, 15 - 4, 7 - 19, 7, 34 - 29]
    assert values == pytest.approx(expected)


def test_shape(answers: pd.DataFrame) -> None:
    assert list(answers.columns) == list(COLUMNS)
    assert len(answers) == len(CLAIMS)
    assert answers["says"].str.endswith(".").all()


def test_the_regression_is_right_and_the_raw_contrast_wrong_where_sorting_confounds(answers: pd.DataFrame) -> None:
    rows = answers[answers["estimand"].isin(["activity_ratio", "verified_difference"])].set_index("claim")
    off = (rows["seen"] - rows["true"]) / np.hypot(rows["seen_error"], rows["true_error"])
    held = rows.index.str.contains("controls held")
    assert off[held].abs().max() < 4 and held.sum() == 3
    assert off[~held].min() > 4 and (~held).sum() == 2
    assert rows.loc[~held, "says"].str.contains("overstates").all()


def test_a_straight_truth_has_its_own_slope(answers: pd.DataFrame, known: Any) -> None:
    per_level = answers[answers["contrast"].eq("per level")].set_index("unit")["true"]
    assert per_level["probability per level"] == pytest.approx(known.slope)
    assert per_level["percent per level"] == pytest.approx(100 * math.expm1(known.actions_per_level))


def test_truth_is_in_the_unit_of_the_claim(answers: pd.DataFrame, known: Any) -> None:
    points = answers[answers["unit"].eq("percentage points") & answers["estimand"].ne("")]
    assert points["true"].to_numpy() == pytest.approx(400 * known.slope)
    assert points["true_error"].to_numpy() == pytest.approx(0.1)


def test_claims_without_a_causal_truth_say_why(answers: pd.DataFrame) -> None:
    without = answers[answers["estimand"].eq("")]
    assert without["true"].isna().all()
    assert without["says"].str.contains("causal truth").all()


def test_no_truth_at_all(sorted_sessions: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> None:
    frame = claims(sorted_sessions, None, tables=tables)
    assert frame["true"].isna().all() and np.isfinite(frame["seen"]).all()


def test_perfect_instruments_are_a_fourth_answer(sessions_of: Sessions, known: Any) -> None:
    seen, clean = sessions_of(1500, seed=1, sorting=2.5), sessions_of(1500, seed=1, sorting=0.0)
    frame = claims(seen, make_truth(known.slope, known.actions_per_level), clean)
    alone = claims(clean, None)
    assert frame["perfect"].to_numpy() == pytest.approx(alone["seen"].to_numpy(), nan_ok=True)
    assert frame.loc[frame["perfect"].notna(), "says"].str.contains("perfect instruments").all()


def test_tables_at_hand_give_the_same_answers(sessions_of: Sessions) -> None:
    observed = sessions_of(2000, seed=2)
    pd.testing.assert_frame_equal(claims(observed, None, tables=compute(observed)), claims(observed, None))


@pytest.mark.parametrize("size", [0, 1, 60])
def test_small_samples(size: int, sessions_of: Sessions) -> None:
    observed = sessions_of(60, seed=4).iloc[:size]
    frame = claims(observed, make_truth(0.05, 0.1), observed)
    assert len(frame) == len(CLAIMS)
    assert frame.loc[frame["seen"].isna(), "says"].str.contains("cannot be computed").all()


def test_a_truth_table_of_another_shape_is_refused(
    sorted_sessions: pd.DataFrame, tables: dict[str, pd.DataFrame]
) -> None:
    with pytest.raises(InputError, match="mcse"):
        claims(sorted_sessions, make_truth(0.05, 0.1).drop(columns="mcse"), tables=tables)


def test_a_missing_contrast_leaves_the_truth_empty(
    sorted_sessions: pd.DataFrame, tables: dict[str, pd.DataFrame]
) -> None:
    truth = make_truth(0.05, 0.1)
    frame = claims(sorted_sessions, truth[truth["contrast"].ne("3 vs 1")], tables=tables)
    per_level = frame["contrast"].eq("per level")
    assert frame.loc[per_level, "true"].isna().all()
    assert frame.loc[frame["contrast"].eq("5 vs 1"), "true"].notna().all()
