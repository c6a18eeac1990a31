"""`knowntruth compare` and `knowntruth calibrate`: what they print, write and refuse; a broken run goes on."""

import json

import pandas as pd
import pytest

from knowntruth.calibration.fitting import calibrate as calibration
from knowntruth.calibration.fitting import parameters as declared
from knowntruth.calibration.problem.evaluation_cache import EvaluationCache
from knowntruth.common.errors import InputError
from knowntruth.workbench.commands.calibration import calibrate as command
from knowntruth.world.definition.search_ranges import SearchRange
from knowntruth.world.definition.world import load

FEW = (
    SearchRange("goal_chance.share", 0.85, 0.98, "sessions without a clear goal"),
    SearchRange("planning_share.base", 0.55, 0.9, "planning decisions that people take"),
)


@pytest.fixture
def quick(monkeypatch):
    """Only two dials are free; that all of them can be fitted is tested by the calibrated world itself."""
    for module in (declared, calibration):
        monkeypatch.setattr(module, "load" if module is declared else "free_dials", lambda: FEW)


def test_compare_for_people_for_programs_and_on_disk(run, tmp_path):
    code, text, err = run("compare", "published", "--sessions", 4000, "--json", "--out", tmp_path / "c")
    rows = pd.DataFrame(json.loads(text))
    assert code == 0
    assert set(rows["role"]) == {"calibrate", "validate"}
    assert f"{int(rows[rows.role == 'calibrate'].within.sum())} of" in err
    assert (tmp_path / "c" / "figures.png").read_bytes().startswith(b"\x89PNG")
    kept = pd.read_csv(tmp_path / "c" / "figures.csv")
    assert list(kept["key"]) == list(rows["key"])


@pytest.mark.usefixtures("quick")
def test_calibrate_writes_a_world_its_errors_and_its_record(run, tmp_path):
    code, text, err = run("calibrate", "--sessions", 4000, "--starts", 1, "--out", tmp_path / "c", "--json")
    assert code == 0
    dials = pd.DataFrame(json.loads(text)).set_index("parameter")
    assert list(dials.index) == [row.dial for row in FEW]
    assert dials["identified"].all()
    found = load(tmp_path / "c" / "calibrated.toml").values()
    assert found["goal_chance"]["share"] == dials["value"]["goal_chance.share"]
    record = json.loads((tmp_path / "c" / "calibrated.json").read_text())
    assert record["free"] == 2
    assert record["seeds"] == [1, 2, 3]
    figures = pd.read_csv(tmp_path / "c" / "validation.csv")
    assert figures["role"].eq("validate").all()
    assert figures.loc[~figures["within"], "reason"].notna().all()
    assert "figures that may be fitted" in err
    assert not (tmp_path / "c.calibrate-runs").exists()


@pytest.mark.usefixtures("quick")
def test_an_interrupted_calibration_goes_on(run, tmp_path, monkeypatch):
    asked, honest = [], EvaluationCache.at

    def at(self, point):
        asked.append(self.fresh)
        if len(asked) == 9:
            raise KeyboardInterrupt
        return honest(self, point)

    monkeypatch.setattr(EvaluationCache, "at", at)
    command = ("calibrate", "--sessions", 3000, "--starts", 1, "--out", tmp_path / "c")
    assert run(*command)[0] == 130
    kept = list((tmp_path / "c.calibrate-runs").iterdir())
    assert kept
    assert run(*command)[0] == 0
    monkeypatch.setattr(EvaluationCache, "at", honest)
    assert run(*command[:-1], tmp_path / "d")[0] == 0
    first, again = ((tmp_path / name / "calibrated.toml").read_text() for name in ("c", "d"))
    assert first == again


@pytest.mark.parametrize("command", [["compare", "publishd"], ["calibrate", "--world", "publishd"]])
def test_an_unknown_world(run, command):
    code, out, err = run(*command)
    assert (code, out) == (2, "")
    assert "did you mean 'published'" in err


def test_too_few_sessions_to_calibrate(run):
    code, out, err = run("calibrate", "--sessions=100")
    assert (code, out) == (2, "")
    assert "2,000 or more" in err


def test_help_has_examples(run):
    for name in ("calibrate", "compare"):
        code, out, _ = run(name, "--help")
        assert code == 0
        assert "Examples" in out


def test_the_command_and_python_ask_for_as_many_sessions():
    assert command.MIN_SESSIONS == calibration.MIN_SESSIONS
    with pytest.raises(InputError, match="sessions must be 2,000 or more, got 10"):
        calibration.Plan(load("published"), sessions=10)
