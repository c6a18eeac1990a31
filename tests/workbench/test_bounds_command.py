"""`knowntruth bounds`: what it prints, writes and refuses; and what a report makes of the bounds that are stored."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from knowntruth.calibration.bounds import free_problem, stored, world_bounds
from knowntruth.calibration.bounds.stored import StoredBounds
from knowntruth.calibration.bounds.world_bounds_result import world_hash
from knowntruth.calibration.moments.extra_moments import MEASUREMENTS
from knowntruth.calibration.problem.evaluation_cache import EvaluationCache
from knowntruth.datasets.schema.estimands import CONTRASTS, ESTIMANDS
from knowntruth.workbench.jobs.calibration.bounds import toml
from knowntruth.workbench.plots import gallery
from knowntruth.workbench.report import bounds_section, report
from knowntruth.workbench.terminal.exit_codes import Stopped
from knowntruth.world.definition.search_ranges import SearchRange
from knowntruth.world.definition.world import load

FEW = (
    SearchRange("specificity.by_ability", -0.2, 1.2, "hidden ability"),
    SearchRange("rated_expertise.halo", -0.2, 1.2, "halo"),
    SearchRange("catch_chance.by_domain.1", -3.5, 0.0, "novices"),
)

ASKED = ("bounds", "--sessions", 2000, "--starts", 1, "--estimand", "success_difference", "--seed", 3)


@pytest.fixture
def quick(monkeypatch):
    """Only three dials are free, and the calibrated world is known from few people."""
    monkeypatch.setattr(free_problem, "bounded_ranges", lambda: FEW)
    monkeypatch.setattr(world_bounds, "ANCHOR_SESSIONS", 4000)


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_bounds_writes_intervals_and_worlds_that_can_be_run(run, tmp_path):
    code, text, err = run(*ASKED, "--no-measurements", "--out", tmp_path / "b", "--json")
    assert code == 0, err
    rows = pd.DataFrame(json.loads(text))
    assert list(rows["contrast"]) == list(CONTRASTS)
    assert (rows["smallest"] <= rows["calibrated"]).all() and (rows["calibrated"] <= rows["largest"]).all()
    assert "no search can show that it is not wider" in err
    record = json.loads((tmp_path / "b" / "record.json").read_text())
    assert record["world_hash"] == world_hash(load("published")) and record["sessions"] == 2000
    assert (tmp_path / "b" / "figures" / "bounds.png").read_bytes().startswith(b"\x89PNG")
    for side in ("smallest", "largest"):
        world = load(tmp_path / "b" / "worlds" / f"success_difference_{side}.toml")
        assert world.based_on == "published" and side in world.description
        turned = {dial for dial, *_ in world.differences(load("published"))}
        assert turned <= {"specificity.by_ability", "rated_expertise.halo", "catch_chance.by_domain"}
    assert not (tmp_path / "b.bounds-runs").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_an_interrupted_search_goes_on(run, tmp_path, monkeypatch):
    honest, asked = EvaluationCache.at, []

    def counted(self, point):
        asked.append(len(self))
        if len(asked) == 12:
            raise Stopped(130)
        return honest(self, point)

    monkeypatch.setattr(EvaluationCache, "at", counted)
    code, _, err = run(*ASKED, "--no-measurements", "--out", tmp_path / "b")
    assert code == 130 and "continues from there" in err
    kept = (tmp_path / "b.bounds-runs").stat().st_size
    monkeypatch.setattr(EvaluationCache, "at", honest)
    assert kept > 0 and not (tmp_path / "b").exists()
    code, _, err = run(*ASKED, "--no-measurements", "--out", tmp_path / "b")
    assert code == 0, err


def test_bounds_refuses_with_advice(run, tmp_path):
    assert "no estimand 'success'; allowed: activity_ratio" in run(*ASKED[:5], "--estimand", "success")[2]
    assert run("bounds", "--sessions", 5)[0] == 2
    assert "rule 'best' is not allowed; give figures or fit" in run(*ASKED, "--rule", "best")[2]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    code, _, err = run(*ASKED, "--out", tmp_path / "mine")
    assert code == 2 and "files that knowntruth did not write" in err


def test_a_world_comes_back_from_its_file(tmp_path):
    world = load("published").turn(
        rated_expertise={"halo": 0.123456789},
        catch_chance={"by_domain": [-2.0, -0.3, 0.0, 0.4, 1.7]},
        difficulty={"by_occupation": {"legal": 0.5}},
    )
    path = tmp_path / "w.toml"
    path.write_text(toml(replace(world, description="a", lesson="b")))
    back = load(path).values()
    assert back["catch_chance"]["by_domain"] == [-2.0, -0.3, 0.0, 0.4, 1.7]
    assert back["rated_expertise"]["halo"] == pytest.approx(0.123456789, rel=1e-5)
    assert back["difficulty"]["by_occupation"]["legal"] == 0.5


@pytest.fixture
def made_up() -> StoredBounds:
    intervals = pd.DataFrame(
        [{"estimand": e.name, "contrast": c, "smallest": 0.1, "calibrated": 0.2, "largest": 0.4}
         for e in ESTIMANDS for c in CONTRASTS]
    )  # fmt: skip
    gains = pd.DataFrame(
        [{"measurement": m.name, "reference_world": teller, "truth": f"{e.name} 5 vs 1", "smallest_before": 0.1,
          "largest_before": 0.4, "smallest": 0.15, "largest": 0.3, "share": 0.5}
         for m in MEASUREMENTS for teller in ("calibrated", "other") for e in ESTIMANDS]
    )  # fmt: skip
    account = pd.DataFrame(
        [{"truth": "success_difference 5 vs 1", "side": "largest", "value": 0.4, "calibrated": 0.2,
          "group": "hidden ability", "dials": "specificity.by_ability 0.1 → 0.7", "moved": 0.4, "put_back": 0.25,
          "explains": 0.75, "missed": 3}]
    )  # fmt: skip
    checked = pd.DataFrame(
        [{"world": "success_difference_largest", "value": 0.4, "fresh": 0.39, "missed": 2, "excess": 0.7,
          "worst": "a1_coef_col1: +2.2 errors"}]
    )  # fmt: skip
    record = {"world_hash": world_hash(load("published")), "runs": 100, "admissible": 60, "starts": 2,
              "lost_starts": [], "ends": 12, "ends_reached_twice": 9, "ends_converged": 3,
              "dials_at_limit": 9.5, "free_dials": 117, "sessions": 60_000,
              "seed": 1, "version": "0.1.0", "figures": 58, "errors": 2.0, "slack": 0.5}  # fmt: skip
    tables = {"intervals": intervals, "value_of_information": gains, "attribution": account, "checked": checked}
    return StoredBounds(tables, record)


def shown_by(results, monkeypatch, found: StoredBounds | None) -> str:
    monkeypatch.setattr(stored, "load_stored", lambda: found)
    about = replace(results.about, changed=results.about.changed.iloc[:0])
    return report.page(replace(results, about=about), {section: [] for section in gallery.SECTIONS})


def test_the_report_shows_stored_bounds_of_its_own_world(results, monkeypatch, made_up):
    page = shown_by(results, monkeypatch, made_up)
    assert "it ranges from 10 points to 40 points" in page
    assert "50% (50%)" in page and MEASUREMENTS[0].words in page.replace("&#39;", "'")
    reason = (
        "the main reason is hidden ability (specificity.by_ability 0.1 → 0.7): resetting it returns the effect by 75%"
    )
    assert reason in page
    assert 'alt="Bounds of each effect from the published figures alone' in page


def test_the_report_does_without_measurements(results, monkeypatch, made_up):
    bare = {**made_up.tables, "value_of_information": made_up.tables["value_of_information"].iloc[:0]}
    page = shown_by(results, monkeypatch, replace(made_up, tables=bare))
    assert "it ranges from 10 points" in page and "Nothing to show: remaining shares of the intervals" in page


def test_the_report_refuses_bounds_of_other_dials(results, monkeypatch, made_up):
    page = shown_by(results, monkeypatch, replace(made_up, record={**made_up.record, "world_hash": "other"}))
    assert "not shown" in page and "knowntruth bounds --out bounds" in page
    assert "it ranges from" not in page


def test_the_report_says_where_there_are_none(results, monkeypatch):
    assert "The package contains no bounds" in shown_by(results, monkeypatch, None)
    elsewhere = bounds_section.section(replace(results.about, world="null"))
    assert elsewhere["state"] == "elsewhere"
