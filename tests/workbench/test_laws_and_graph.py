"""`knowntruth laws` and `knowntruth graph --out`: what they print, write, refuse, and end with."""

import json

import networkx as nx
import pytest

from knowntruth.workbench.commands.world import laws as laws_command
from knowntruth.world import invariants
from knowntruth.world.definition.world import load
from knowntruth.world.invariants import suite
from knowntruth.world.invariants.calibration import calibration
from knowntruth.world.invariants.determinism import determinism
from knowntruth.world.invariants.invariant import exact


def a_broken_law(trial):
    return exact("a law", "Is it kept?", ["it is not"], 7)


@pytest.fixture
def quick(monkeypatch):
    """Only the quickest laws; what all of them say is tested where they stand."""
    monkeypatch.setattr(suite, "INVARIANTS", (determinism, calibration))


@pytest.mark.usefixtures("quick")
def test_laws_for_people_and_for_programs(run):
    code, table, err = run("laws", "published", "--sessions", 2000)
    assert code == 0
    assert "calibration in bins" in table
    assert "6 laws hold" in err
    code, text, _ = run("laws", "published", "--sessions", 2000, "--json")
    rows = json.loads(text)
    assert code == 0
    assert [row["law"] for row in rows] == [law.name for law in invariants.run(load("published"), 2000)]
    assert all(row["holds"] and row["question"] for row in rows)


def test_a_broken_law_ends_with_one(run, monkeypatch):
    monkeypatch.setattr(suite, "INVARIANTS", (determinism, a_broken_law))
    code, table, err = run("laws", "null")
    assert code == 1
    assert "it is not" in table
    assert "1 of 5 laws are broken" in err


@pytest.mark.parametrize("number", ["0", "-5", "999", "many"])
def test_too_few_sessions_for_laws(run, number):
    code, out, err = run("laws", "published", f"--sessions={number}")
    assert (code, out) == (2, "")
    assert "give a whole number, 1,000 or more" in err


@pytest.mark.parametrize("command", [["laws", "publishd"], ["graph", "publishd", "--out", "somewhere"]])
def test_an_unknown_world(run, command):
    code, out, err = run(*command)
    assert (code, out) == (2, "")
    assert "did you mean 'published'" in err


def test_laws_and_graph_have_help_with_examples(run):
    for command in ("laws", "graph"):
        code, out, _ = run(command, "--help")
        assert code == 0
        assert "Examples" in out


def test_the_smallest_number_for_laws_is_named_the_same_everywhere():
    assert laws_command.MIN_SESSIONS == suite.MIN_SESSIONS


@pytest.mark.parametrize(("more", "many"), [((), False), (("--all",), True)])
def test_graph_writes_every_format(run, tmp_path, more, many):
    code, out, err = run("graph", "mediation", "--out", tmp_path / "g", *more)
    assert (code, out) == (0, "")
    assert "graph.svg" in err
    manifest = json.loads((tmp_path / "g" / "manifest.json").read_text())
    assert set(manifest["files"]) == {f"graph.{e}" for e in ("svg", "dot", "gml", "dagitty.txt", "json")}
    found = nx.parse_gml((tmp_path / "g" / "graph.gml").read_text())
    assert found.has_edge("domain_expertise", "difficulty")
    assert (len(found) > 100) is many


def test_graph_all_needs_a_folder(run):
    code, out, err = run("graph", "published", "--all")
    assert (code, out) == (2, "")
    assert "add a folder with --out" in err


def test_graph_leaves_what_is_not_its_own(run, tmp_path):
    (tmp_path / "thesis.txt").write_text("ten years")
    code, _, err = run("graph", "published", "--out", tmp_path)
    assert code == 2
    assert "choose another --out" in err
