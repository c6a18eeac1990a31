"""What is wrong with a table is said with the column, what came, and what is allowed."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import feather

from knowntruth.common.errors import InputError
from knowntruth.datasets.schema import check
from knowntruth.datasets.schema.observed import OBSERVED, observed_columns
from knowntruth.datasets.storage import files, readers


def parquet(frame, path):
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path)


WRITERS = {
    "s.parquet": parquet,
    "s.csv": lambda frame, path: files.write_csv(path, frame),
    "s.arrow": feather.write_feather,
    "parquet_without_ending": parquet,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_table(sessions, tmp_path, name):
    WRITERS[name](sessions, tmp_path / name)
    pd.testing.assert_frame_equal(readers.read(tmp_path / name), check.check(sessions), check_exact=True)


def test_a_folder_is_read_file_by_file(sessions, tmp_path):
    parquet(sessions[:120], tmp_path / "a.parquet")
    parquet(sessions[120:], tmp_path / "b.parquet")
    pd.testing.assert_frame_equal(readers.read(tmp_path), check.check(sessions))


def test_in_our_own_folder_only_the_observed_rows_are_read(sessions, tmp_path):
    parquet(sessions, tmp_path / "observed.parquet")
    parquet(pd.DataFrame({"truth": [1.0]}), tmp_path / "truth.parquet")
    assert len(readers.read(tmp_path)) == len(sessions)


def test_types_are_those_of_the_schema(sessions):
    checked = check.check(sessions)
    assert list(checked) == [column.name for column in OBSERVED]
    assert list(checked["mode"].cat.categories) == list(observed_columns()["mode"].categories)
    assert checked["rated_expertise"].dtype == np.float64
    assert checked["rated_expertise"].isna().any()


def test_further_columns_are_kept_and_the_callers_table_is_not_changed(sessions):
    frame = sessions.assign(team="a", prompts=sessions["prompts"].astype(float))
    before = frame.copy()
    assert list(check.check(frame)) == [*(column.name for column in OBSERVED), "team"]
    pd.testing.assert_frame_equal(frame, before)


def test_only_needed_columns_need_be_there(sessions):
    checked = check.check(sessions[["mode", "verified_success"]], needed=("mode", "verified_success"))
    assert list(checked) == ["mode", "verified_success"]


def broken(column, value):
    def change(frame):
        values = frame[column].astype(object)
        values.iloc[3] = value
        return frame.assign(**{column: values})

    return change


BAD = {
    "missing column": (lambda f: f.drop(columns="outcome"), "lacks the columns outcome"),
    "misspelt column": (lambda f: f.rename(columns={"outcome": "outcom"}), "did you mean 'outcom'"),
    "no rows": (lambda f: f[:0], "no rows"),
    "two columns of a name": (lambda f: pd.concat([f, f["mode"]], axis=1), "same name: mode"),
    "unknown category": (broken("mode", "bild"), "unknown category 'bild'; allowed: plan, .*mean 'build'"),
    "text for a number": (broken("prompts", "many"), "column prompts: 'many' is not a number"),
    "a date for a number": (lambda f: f.assign(prompts=pd.Timestamp("2026-01-01")), "prompts: .* is not a number"),
    "below the range": (broken("prompts", 0), "prompts: 0.* of at least 1"),
    "above the range": (broken("rated_expertise", 6), "rated_expertise: 6.* from 1 to 5"),
    "a broken level": (broken("rated_expertise", 2.5), "rated_expertise: 2.5 .* whole numbers"),
    "infinity": (broken("price_usd", np.inf), "price_usd: inf"),
    "too large to hold": (broken("lines_added", 2**40), "lines_added: 1099511627776"),
    "missing value": (broken("outcome", None), "outcome: 1 missing values"),
    "a number for a flag": (broken("trouble", 2), "trouble: 2 is not yes or no"),
    "a session twice": (broken("session_id", 7), "session 7 is in more than one row"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_table_is_refused(sessions, case):
    change, message = BAD[case]
    with pytest.raises(InputError, match=message):
        check.check(change(sessions))


def test_the_unchanged_table_passes(sessions):
    assert len(check.check(sessions)) == 200


def test_a_column_that_must_vary_is_refused_when_constant(sessions):
    constant = sessions.assign(rated_expertise=3.0)
    assert len(check.check(constant)) == 200
    with pytest.raises(InputError, match="rated_expertise: is always 3"):
        check.check(constant, varying=("rated_expertise",))
    with pytest.raises(InputError, match="rated_expertise: is always missing"):
        check.check(sessions.assign(rated_expertise=np.nan), varying=("rated_expertise",))


def test_flags_may_be_written_in_several_ways(sessions):
    written = sessions.assign(trouble=sessions["trouble"].map({True: "Yes", False: "no"}))
    written["abandoned"] = sessions["abandoned"].astype(int)
    pd.testing.assert_frame_equal(check.check(written), check.check(sessions))


BROKEN_FILES = {
    "empty.parquet": b"",
    "cut_short.parquet": b"PAR1 and then nothing",
    "foreign.parquet": b"\x89HDF\r\n\x1a\n and so on",
    "empty.csv": b"",
    "binary.csv": b"\xff\xfe\x00a,b\n\xff,1\n",
    "cut_short.arrow": b"ARROW1\0\0 nothing",
    "letter.docx": b"PK\x03\x04",
}


@pytest.mark.parametrize("name", BROKEN_FILES)
def test_a_broken_file_is_one_clear_message(tmp_path, name):
    (tmp_path / name).write_bytes(BROKEN_FILES[name])
    with pytest.raises(InputError, match=name):
        readers.read(tmp_path / name)


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.99])
def test_a_truncated_parquet_is_one_clear_message(sessions, tmp_path, keep):
    parquet(sessions, tmp_path / "s.parquet")
    content = (tmp_path / "s.parquet").read_bytes()
    (tmp_path / "s.parquet").write_bytes(content[: int(keep * len(content))])
    with pytest.raises(InputError, match="broken, cut short or of another format"):
        readers.read(tmp_path / "s.parquet")


def test_someone_elses_parquet_is_told_what_is_missing(tmp_path):
    parquet(pd.DataFrame({"a": [1], "b": ["x"]}), tmp_path / "s.parquet")
    with pytest.raises(InputError, match=r"lacks the columns session_id, user_id.*it has a, b"):
        readers.read(tmp_path / "s.parquet")


def test_a_missing_file_names_its_nearest_neighbour(tmp_path):
    (tmp_path / "observed.csv").write_text("a")
    with pytest.raises(InputError, match=r"no such file.*did you mean 'observed.csv'"):
        readers.read(tmp_path / "obsrved.csv")


def test_a_folder_without_data_says_what_it_looks_for(tmp_path):
    with pytest.raises(InputError, match=r"no data in folder .* observed.parquet"):
        readers.read(tmp_path)


@given(st.binary(max_size=200))
def test_no_bytes_end_in_a_traceback(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "random.parquet"
    path.write_bytes(content)
    with pytest.raises(InputError):
        readers.read(path)
