"""`knowntruth check`: data with a graph beside, a graph of one's own, a world that knows; and what is refused."""

import json
from pathlib import Path

import pandas as pd
import pytest

from knowntruth.design.scorecard.expected_verdicts import TESTED_PART
from knowntruth.workbench.jobs.analysis import check
from knowntruth.world.definition.world import load

DAG = "dag { ability [latent] ability -> {rated_expertise verified_success} rated_expertise -> verified_success"
SMALL = {"row_limit": 600, "simulations": 3, "outcomes": ("verified_success",)}


@pytest.fixture(scope="module")
def simulated(tmp_path_factory) -> Path:
    from knowntruth.workbench.jobs.world import simulate

    out = tmp_path_factory.mktemp("data") / "sim"
    simulate.simulate("published", 1500, seed=1, out=out, perfect_instruments=False)
    return out


@pytest.fixture
def quick(monkeypatch):
    """Few rows and simulations: how the checks judge is tested where they stand."""
    monkeypatch.setattr(check.CheckRequest, "__init__", _quick(check.CheckRequest.__init__))


def _quick(build):
    def init(self, *arguments, **named):
        build(self, *arguments, **{**named, "row_limit": 600, "simulations": 3})

    return init


@pytest.mark.usefixtures("quick")
def test_check_of_data_by_the_graph_beside(run, simulated, tmp_path):
    out = tmp_path / "checked"
    code, text, err = run("check", simulated, "--outcome", "verified_success", "--adjust", "month,value_band",
                          "--out", out, "--json")  # fmt: skip
    rows = {row["name"]: row for row in json.loads(text)}
    assert code == 1
    assert rows["identification"]["verdict"] == "alarm"
    assert "value_band is a consequence of a mediator" in rows["your adjustment"]["note"]
    assert "raised an alarm" in err
    manifest = json.loads((out / "manifest.json").read_text())
    assert set(manifest["files"]) == {"checks.csv", "routes.csv", "surface.csv", "points.csv", "contour.png"}
    routes = pd.read_csv(out / "routes.csv")
    assert {"back door", "front door", "general"} <= set(routes["route"])
    assert "should" not in rows["identification"]


@pytest.mark.usefixtures("quick")
def test_check_by_a_graph_of_ones_own(run, simulated, tmp_path):
    (tmp_path / "ours.dag").write_text(DAG + " month -> verified_success }")
    code, text, err = run("check", simulated / "observed.parquet", "--graph", tmp_path / "ours.dag", "--outcome",
                          "verified_success")  # fmt: skip
    assert code == 1
    table, alarms = text.split("Alarms: verified_success")
    assert "Checks: verified_success" in table
    assert "hidden common causes ability remain" in " ".join(alarms.split())
    assert "--json shows the unit" in err


@pytest.mark.parametrize(
    ("graph", "more", "says"),
    [
        (DAG + " }", ["--adjust", "mnth"], "'mnth' is not in the graph"),
        (DAG + " mnth -> verified_success }", [], "'mnth' is marked observed, but the data have"),
        (DAG + " verified_success -> rated_expertise }", [], "the graph has a cycle"),
        ("dag { rated_expertise month -> verified_success }", [], "'rated_expertise' is isolated"),
        ("dag { rated_expertise -> month }", [], "the outcome 'verified_success' is not in the graph"),
    ],
)  # fmt: skip
def test_bad_graphs_are_one_clear_message(run, simulated, tmp_path, graph, more, says):
    (tmp_path / "bad.dag").write_text(graph)
    code, out, err = run("check", simulated, "--graph", tmp_path / "bad.dag", "--outcome", "verified_success", *more)
    assert (code, out) == (2, "")
    assert says in err


def test_data_without_a_graph_and_slips_are_refused(run, simulated, tmp_path):
    (tmp_path / "alone.parquet").write_bytes((simulated / "observed.parquet").read_bytes())
    for arguments, says in (
        ([tmp_path / "alone.parquet"], "there is no graph next to"),
        ([], "give DATA, or --world"),
        ([simulated, "--world", "null"], "give DATA, or --world"),
        ([simulated, "--sessions", 2000], "--sessions is the size of a simulated world"),
        (["--world", "nul"], "did you mean 'null'"),
    ):
        code, out, err = run("check", *arguments)
        assert (code, out) == (2, "")
        assert says in err


@pytest.mark.slow
def test_what_is_known_tells_confounding_from_none():
    """Confounded: the hidden cause explains what is left, and checks that speak of it should alarm. Null: nothing."""
    found = {
        name: check.check_world(load(name), 8000, check.CheckRequest(seed=2, **SMALL))
        for name in ("confounded", "null")
    }
    known = {name: each.residual.known.set_index("quantity")["value"] for name, each in found.items()}
    errors = {name: each.residual.known.set_index("quantity")["error"] for name, each in found.items()}
    assert known["confounded"]["of it, confounding"] > 3 * errors["confounded"]["of it, confounding"]
    assert known["confounded"]["ability: partial R2 with treatment"] > 0.02
    assert abs(known["null"]["true effect"]) < 1e-9
    checks = found["confounded"].checks.set_index("name")
    assert checks.loc["identification", ["verdict", "should", "right"]].tolist() == ["alarm", "alarm", "yes"]
    # The hidden cause leaves an effect, so a check that asks whether it could do away with all of it may pass.
    assert checks.loc["benchmark cause", "should"] == "pass"
    assert set(TESTED_PART) <= set(checks.index)
    for each in found.values():
        parts = each.residual.known.set_index("quantity")["value"]
        assert parts["remaining bias"] == pytest.approx(
            parts["of it, confounding"] + parts["of it, labels and line"], abs=1e-6
        )
        assert set(each.residual.points["kind"]) >= {"benchmark"}
    assert "planted" in set(found["confounded"].residual.points["kind"])
