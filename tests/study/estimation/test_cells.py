import numpy as np
import pandas as pd

from knowntruth.study.estimation import cells
from knowntruth.study.figures import figure


def test_published_cell_counts_are_products(observed: pd.DataFrame) -> None:
    assert len(set(cells.cell_codes(observed, cells.MODE_VALUE))) == figure("a1_fe_cells_col2").value
    assert len(set(cells.cell_codes(observed, cells.MONTHLY))) == figure("a1_fe_cells_col3").value


def test_codes_are_those_of_a_group_by(observed: pd.DataFrame) -> None:
    code = cells.cell_codes(observed, ("mode", "month", "model_generation"))
    expected = observed.groupby(["mode", "month", "model_generation"], observed=True).ngroup()
    pairs = pd.DataFrame({"a": code, "b": expected.to_numpy()}).drop_duplicates()
    assert len(pairs) == pairs["a"].nunique() == pairs["b"].nunique()


def test_cells_count_users_not_sessions() -> None:
    frame = pd.DataFrame({"mode": ["fix"] * 5 + ["plan"] * 2, "user_id": [1, 1, 1, 1, 1, 2, 3]})
    assert set(cells.suppress_small_cells(frame, ("mode",), 2)["mode"]) == {"plan"}
    assert len(cells.suppress_small_cells(frame, (), 2)) == 7


def test_threshold_is_full_at_the_published_size_and_never_under_two() -> None:
    full = int(figure("a1_sessions_col1").value)
    assert cells.min_users_per_cell(full) == cells.min_users_per_cell(10 * full) == cells.MIN_USERS
    assert cells.min_users_per_cell(0) == 2
    assert cells.min_users_per_cell(full // 2) == cells.MIN_USERS // 2


def test_bands_and_groups() -> None:
    frame = pd.DataFrame({"user_occupation": ["software_math", "legal", "unclear"], "prompts": [2, 3, 10]})
    banded = cells.add_derived_controls(frame)
    assert list(banded["user_group"]) == [0, 1, 2]
    assert list(banded["length_band"]) == [0, 1, 2]


def test_missing_categories_are_a_cell_of_their_own() -> None:
    frame = pd.DataFrame({"mode": pd.Categorical(["fix", None, None])})
    assert len(np.unique(cells.cell_codes(frame, ("mode",)))) == 2
