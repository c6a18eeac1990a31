"""What every table must do, whatever it computes."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from knowntruth.common.errors import InputError
from knowntruth.study.estimation.tidy_rows import COLUMNS
from knowntruth.study.figures import by_key, load
from knowntruth.study.tables.registry import TABLES, compute

Sessions = Callable[..., pd.DataFrame]


@pytest.fixture(scope="module")
def tables(observed: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return compute(observed)


def _text(frames: dict[str, pd.DataFrame]) -> str:
    buffer = io.StringIO()
    for frame in frames.values():
        frame.to_csv(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("name", TABLES)
def test_columns_and_units(name: str, tables: dict[str, pd.DataFrame]) -> None:
    frame = tables[name]
    assert list(frame.columns) == list(COLUMNS)
    assert frame["unit"].ne("").all() and frame["quantity"].ne("").all()
    assert frame["n"].ge(0).all()
    twins = frame[frame["key"].ne("")]
    assert twins["key"].is_unique
    assert all(by_key()[row.key].unit == row.unit for row in twins.itertuples())


def test_every_usable_figure_has_a_twin_in_the_table_of_its_kind(tables: dict[str, pd.DataFrame]) -> None:
    missing = [f.key for f in load() if f.usable and f.key not in set(tables[f.kind]["key"])]
    assert not missing


def test_a_key_stands_in_one_table_and_that_is_its_kind(tables: dict[str, pd.DataFrame]) -> None:
    places = [(key, name) for name, frame in tables.items() for key in frame["key"] if key]
    assert len(places) == len({key for key, _ in places})
    assert [(key, name) for key, name in places if by_key()[key].kind != name] == []


@pytest.mark.parametrize("size", [0, 1, 30, 500])
@pytest.mark.parametrize("name", TABLES)
def test_small_samples_give_holes_and_no_warning(name: str, size: int, sessions_of: Sessions) -> None:
    frame = TABLES[name](sessions_of(size, seed=3) if size else sessions_of(5, seed=3).iloc[:0])
    assert list(frame.columns) == list(COLUMNS)
    assert frame.loc[frame["n"].eq(0), "value"].isna().all()


@pytest.mark.parametrize("name", TABLES)
def test_missing_levels_groups_and_months(name: str, observed: pd.DataFrame) -> None:
    some = observed[
        observed["rated_expertise"].isin([3, 4]) & observed["month"].ne("2026-04") & observed["mode"].ne("fix")
    ].head(3000)
    frame = TABLES[name](some.assign(trouble=False, user_occupation="unclear"))
    assert frame.loc[frame["n"].eq(0), "value"].isna().all()


@pytest.mark.parametrize("name", TABLES)
def test_a_missing_column_is_named(name: str, observed: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="user_id"):
        TABLES[name](observed.drop(columns="user_id"))


def test_an_unknown_table_lists_the_allowed(observed: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="table_a1"):
        compute(observed, ["table_9"])


def test_order_of_sessions_and_names_of_users_do_not_matter(
    observed: pd.DataFrame, tables: dict[str, pd.DataFrame]
) -> None:
    moved = observed.sample(frac=1, random_state=4).assign(user_id=lambda f: 7 * f["user_id"] + 1_000_000_007)
    for name, frame in compute(moved).items():
        pd.testing.assert_frame_equal(frame, tables[name], rtol=1e-8, atol=1e-10)


def test_storage_types_do_not_matter(observed: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> None:
    stored = observed.assign(
        rated_expertise=observed["rated_expertise"].astype("Int8"), mode=observed["mode"].astype(str)
    )
    for name, frame in compute(stored).items():
        pd.testing.assert_frame_equal(frame, tables[name], rtol=1e-8, atol=1e-10)


def test_input_is_left_as_it_was(sessions_of: Sessions) -> None:
    frame = sessions_of(500, seed=9)
    before, state = frame.copy(deep=True), np.random.get_state()[1].copy()  # noqa: NPY002
    compute(frame)
    pd.testing.assert_frame_equal(frame, before)
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002


def test_same_rows_same_bytes_in_another_process(sessions_of: Sessions, tmp_path: Path) -> None:
    frame = sessions_of(3000, seed=1)
    frame.to_parquet(tmp_path / "rows.parquet")
    script = (
        "import sys, pandas as pd; from knowntruth.study.tables.registry import compute\n"
        "frames = compute(pd.read_parquet(sys.argv[1]))\n"
        "[frame.to_csv(sys.stdout) for frame in frames.values()]"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "rows.parquet")]
    environment = os.environ | {"PYTHONHASHSEED": "77"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == _text(compute(pd.read_parquet(tmp_path / "rows.parquet")))


def test_importing_the_study_loads_nothing_heavy() -> None:
    script = (
        "import sys, importlib, pkgutil, knowntruth.study as s\n"
        "[importlib.import_module(m.name) for m in pkgutil.iter_modules(s.__path__, 'knowntruth.study.')]\n"
        "heavy = {'pyfixest', 'pymc', 'dowhy', 'arviz', 'nutpie', 'matplotlib'} & set(sys.modules)\n"
        "ours = [m for m in sys.modules if m.startswith(('knowntruth.world', 'knowntruth.instruments'))]\n"
        "sys.exit(', '.join([*heavy, *ours]) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
