"""``knowntruth suite``: what it prints, writes and refuses."""

import json

import pandas as pd
import pytest

from knowntruth.datasets.storage.readers import read
from knowntruth.design.suite import check, entries, truths


@pytest.fixture
def short(monkeypatch):
    """A suite of two small datasets."""
    chosen = entries.entries(["null"])[:2]
    suite = {**entries.load_declared(), "truth": {"sessions": 2000, "seed": 1}}
    monkeypatch.setattr(truths, "load_declared", lambda: suite)
    monkeypatch.setattr("knowntruth.workbench.jobs.data.suite.entries", lambda worlds=None: chosen)
    return chosen


def test_datasets_are_written_and_estimates_graded(run, tmp_path, short):
    out = tmp_path / "benchmark"
    code, text, err = run("suite", "--out", out, "--json")
    assert code == 0
    assert [row["same"] for row in json.loads(text)] == [True, True]
    assert "2 datasets rebuilt, all match their published hashes" in err
    first = short[0]
    assert len(read(out / first.name)) == first.sessions
    assert {f.name for f in (out / first.name).iterdir()} == {
        "observed.parquet", "extra_columns.parquet", "validation.parquet",
    }  # fmt: skip
    form = pd.read_csv(out / "estimates.csv")
    assert set(form["dataset"]) == {entry.name for entry in short}
    form.assign(value=1.0, lower=0.9, upper=1.1).to_csv(out / "estimates.csv", index=False)
    code, text, _ = run("score", out / "estimates.csv", "--sealed", out / "answers", "--json")
    rows = pd.DataFrame(json.loads(text)).set_index("estimand")
    assert code == 0
    assert rows.loc["activity_ratio", ["bias", "coverage", "bias_error"]].tolist() == [
        0,
        1,
        0,
    ]  # in `null`, 1 is true
    assert rows.loc["verified_difference", "coverage"] == 0


def test_a_leaderboard(run, tmp_path, short):
    asked = ("suite", "--leaderboard", "--strategies", "naive,no_assumption_bounds", "--out", tmp_path / "board")
    code, text, _ = run(*asked)
    assert code == 0
    assert "activity_ratio, errors in log ratio" in text
    assert "±" in text
    board = pd.read_csv(tmp_path / "board" / "leaderboard.csv")
    assert board["asked"].eq(len(short)).all()
    assert set(board["strategy"]) == {"naive", "no_assumption_bounds"}


def test_a_change_ends_with_one(run, monkeypatch, short):
    kept = check.load_committed()
    changed = {**kept, "datasets": {**kept["datasets"], short[0].name: {}}}
    monkeypatch.setattr(check, "load_hashes", lambda: changed)
    code, _, err = run("suite")
    assert code == 1
    assert "1 differ from their published hashes" in err


def test_hashes_of_another_version(run, monkeypatch):
    monkeypatch.setattr(check, "load_hashes", lambda: {**entries.load_hashes(), "version": 0})
    code, out, err = run("suite", "--only", "null")
    assert (code, out) == (2, "")
    assert "knowntruth renew suite" in err


@pytest.mark.parametrize(
    ("more", "said"),
    [(("--only", "nul"), "did you mean 'null'"), (("--strategies", "naive"), "add --leaderboard"),
     (("--leaderboard", "--strategies", "naif"), "did you mean 'naive'")],
)  # fmt: skip
def test_what_is_refused(run, more, said, monkeypatch):
    monkeypatch.setattr(
        truths, "load_declared", lambda: {**entries.load_declared(), "truth": {"sessions": 500, "seed": 1}}
    )
    code, out, err = run("suite", *more)
    assert (code, out) == (2, "")
    assert said in err
