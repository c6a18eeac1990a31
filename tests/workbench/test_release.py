"""``knowntruth release``: what it writes, and what it refuses."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from knowntruth.common.errors import InputError
from knowntruth.workbench.cli import app
from knowntruth.world.definition.world import load
from knowntruth.world.simulate import simulate


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "ours.parquet"
    simulate(load("published"), 3000, seed=1).observed.to_pandas().to_parquet(path)
    return path


def run(*asked):
    return CliRunner().invoke(app, ["release", *map(str, asked)])


def test_cells_and_an_account_are_written(data, tmp_path):
    found = run(data, "--by", "occupation,month", "--min-users", 20, "--out", tmp_path / "out", "--json")
    assert found.exit_code == 0, found.output
    shown = json.loads(found.stdout)
    written = pd.read_csv(tmp_path / "out" / "release.csv")
    assert len(shown) == len(written) == len(pd.read_parquet(tmp_path / "out" / "release.parquet"))
    assert (written["users"].dropna() >= 20).all()
    assert not {"user_id", "session_id"} & set(written)
    account = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert account["min_users"] == 20
    assert account["rounded_to"] is None
    assert account["cells_suppressed"] == int(written["sessions"].isna().sum()) > 0
    assert account["attack"]["cells_had_by_differencing"] == 0
    assert account["attack"]["least_users_in_doubt"] >= 20
    assert set(account["files"]) == {"release.csv", "release.parquet"}


def test_rounding_is_said_and_done(data, tmp_path):
    found = run(data, "--by", "mode", "--round", 10, "--out", tmp_path / "out")
    assert found.exit_code == 0, found.output
    written = pd.read_csv(tmp_path / "out" / "release.csv")
    assert (written["sessions"].dropna() % 10 == 0).all()
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["rounded_to"] == 10


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("--by", "user_id,occupation"), "keys are never released"), (("--by", "mode", "--min-users", 1), "a person"),
        (("--by", "mode", "--min-users", 4000), "nothing may be released"),
        (("--by", "mode", "--round", 1), "2 or more"),
    ],
)  # fmt: skip
def test_what_must_not_leave_is_refused_and_nothing_is_written(data, tmp_path, asked, message):
    found = run(data, *asked, "--out", tmp_path / "out")
    assert isinstance(found.exception, InputError)
    assert message in str(found.exception)
    assert not (tmp_path / "out").exists()
