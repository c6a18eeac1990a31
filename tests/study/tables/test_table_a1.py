from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from knowntruth.study.figures import figure
from knowntruth.study.tables.table_a1 import SPECIFICATIONS, table_a1

Sessions = Callable[..., pd.DataFrame]


def _slopes(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["unit"].eq("probability per level")].reset_index(drop=True)


def _off(frame: pd.DataFrame, truth: float) -> "pd.Series[float]":
    """Distance of each column's slope from the truth, in its standard errors."""
    slopes = _slopes(frame)
    return (slopes["value"] - truth) / slopes["standard_error"]


def test_columns_that_hold_the_mode_find_the_slope_and_column_1_does_not(sessions_of: Sessions, known: Any) -> None:
    off = _off(table_a1(sessions_of(24_000, seed=21, sorting=2.5)), known.slope)
    assert len(off) == len(SPECIFICATIONS)
    assert off[1:].abs().max() < 4
    assert off[0] > 4


def test_without_sorting_into_modes_every_column_finds_the_slope(sessions_of: Sessions, known: Any) -> None:
    assert _off(table_a1(sessions_of(24_000, seed=22, sorting=0.0)), known.slope).abs().max() < 4


def test_shuffled_ratings_have_no_slope(observed: pd.DataFrame) -> None:
    shuffled = observed["rated_expertise"].sample(frac=1, random_state=3).to_numpy()
    assert _off(table_a1(observed.assign(rated_expertise=shuffled)), 0.0).abs().max() < 4


def test_unclear_ratings_and_unclear_goals_are_left_out(observed: pd.DataFrame) -> None:
    used = observed["rated_expertise"].notna() & observed["clear_goal"]
    nonsense = observed.assign(verified_success=observed["verified_success"].where(used, True))
    pd.testing.assert_frame_equal(table_a1(nonsense), table_a1(observed))
    whole = table_a1(observed).set_index("key")
    assert whole.loc["a1_coef_col1", "n"] == used.sum()


def test_sessions_are_counted_at_the_published_size(observed: pd.DataFrame) -> None:
    value = table_a1(observed).set_index("key").loc["a1_sessions_col1", "value"]
    used = observed["rated_expertise"].notna() & observed["clear_goal"]
    assert value == pytest.approx(used.mean() * figure("n_sessions_exact").value)


def test_controls_only_add_cells_and_take_sessions_away(observed: pd.DataFrame) -> None:
    frame = table_a1(observed)
    cells = frame.loc[frame["unit"].eq("cells"), "value"].to_numpy()
    sessions = frame.loc[frame["unit"].eq("sessions"), "value"].to_numpy()
    assert cells[0] == 1 and (np.diff(cells) > 0).all()
    assert (np.diff(sessions) <= 0).all()
