"""`knowntruth renew`: what is stored is fresh, what is stale is named with its reason, and only that is computed."""

import json
from pathlib import Path

import pandas as pd
import pytest

from knowntruth.calibration.bounds.world_bounds_result import world_hash
from knowntruth.common.errors import InputError
from knowntruth.workbench.jobs import renew as job
from knowntruth.workbench.jobs.stored import fingerprints, notebooks, readme, repository
from knowntruth.workbench.jobs.stored.registry import stored_results
from knowntruth.workbench.jobs.stored.stored_result import StoredResult, state_table
from knowntruth.world.definition.world import load


@pytest.fixture
def two(monkeypatch, tmp_path):
    """Two stored results of which the second is stale; returns the names that were computed."""
    computed: list[str] = []
    rows = {
        name: StoredResult(name, f"{name}.csv", {"dials": lambda: "now"}, 1, lambda name=name: computed.append(name))
        for name in ("table", "picture")
    }
    monkeypatch.setattr(job, "stored_results", lambda: rows)
    monkeypatch.setattr(fingerprints, "FILE", tmp_path / "fingerprints.json")
    fingerprints.store_fingerprint("table", {"dials": "now"})
    fingerprints.store_fingerprint("picture", {"dials": "before"})
    return computed


def test_everything_that_is_stored_is_fresh():
    rows = state_table(stored_results(), fingerprints.load_fingerprints())
    stale = rows[rows["state"].eq("stale")]
    told = "; ".join(f"{row.stored} ({row.changed}, {row.minutes:g} min)" for row in stale.itertuples())
    assert not len(stale), f"stale: {told}. Run `knowntruth renew {' '.join(stale['stored'])}`"


def test_no_fingerprint_is_of_a_result_that_is_gone():
    assert set(fingerprints.load_fingerprints()) <= set(stored_results())


def test_every_stored_result_is_where_its_row_says():
    for name, each in stored_results().items():
        assert (repository.ROOT / each.place).exists(), f"{name}: {each.place} is not there; correct the row"


def test_the_records_of_scorecard_and_bounds_are_of_the_published_world():
    for folder in (repository.SCORECARD, repository.BOUNDS):
        record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
        assert record["world_hash"] == world_hash(load("published"))


def test_without_a_name_nothing_is_computed(run, two):
    code, out, err = run("renew")
    assert (code, two) == (0, [])
    assert "picture" in out and "stale" in out and "dials" in out
    assert "1 stale, 1 minutes to compute; knowntruth renew picture" in err


def test_all_computes_what_is_stale_and_records_it(run, two):
    code, _, _ = run("renew", "--all")
    assert (code, two) == (0, ["picture"])
    assert job.stale() == ()


def test_what_is_named_is_computed_even_if_it_is_fresh(run, two):
    assert run("renew", "table")[0] == 0
    assert two == ["table"]


def test_accept_records_without_computing(run, two):
    code, out, _ = run("renew", "picture", "--accept", "--json")
    assert (code, two) == (0, [])
    assert [row["state"] for row in json.loads(out)] == ["fresh"]


def test_an_unknown_name_is_refused(run, two):
    code, _, err = run("renew", "pictur")
    assert (code, two) == (2, [])
    assert "did you mean 'picture'" in err


def test_a_readme_without_markers_is_refused():
    with pytest.raises(InputError, match="needs the line"):
        readme.with_table("no markers", pd.DataFrame())


def test_a_turned_dial_makes_sessions_stale(monkeypatch):
    plain = fingerprints.of_worlds(["published"])["sessions"]()
    fingerprints.forget()
    monkeypatch.setattr("knowntruth.world.definition.world.load", lambda name: load("halo"))
    assert fingerprints.of_worlds(["published"])["sessions"]() != plain
    fingerprints.forget()


def test_only_code_makes_a_notebook_stale(tmp_path: Path):
    page = tmp_path / "page.ipynb"

    def write(code: str, words: str) -> str:
        cells = [{"cell_type": "markdown", "source": [words]}, {"cell_type": "code", "source": [code]}]
        page.write_text(json.dumps({"cells": cells}))
        return notebooks.source(page)

    assert write("1 + 1", "Sum") == write("1 + 1", "A sum") != write("1 + 2", "Sum")


@pytest.mark.parametrize("path", sorted(repository.NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_stored_notebooks_hold_nothing_of_one_machine(path):
    text = path.read_text(encoding="utf-8")
    assert text == notebooks.without_traces(text)
    assert "site-packages" not in text
