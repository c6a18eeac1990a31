"""The main job: every part in its place, the truth kept from the analyses, the same bytes from the same seed."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pandas as pd
import pytest
import xarray as xr

from knowntruth.datasets.schema.observed import observed_columns
from knowntruth.workbench.jobs import study, study_steps
from knowntruth.workbench.jobs.study_steps import Plan
from knowntruth.world.definition.world import load

KNOWNTRUTH = [sys.executable, "-c", "from knowntruth.workbench.cli import main; main()"]


@pytest.fixture
def quick(monkeypatch, results):
    """Replace the two slow steps by made-up answers; return the frames that they were handed."""
    handed: dict[str, pd.DataFrame] = {}

    def bayes(observed, truth, plan, advance):
        handed["bayes"] = observed
        advance("sampling", 0.5)
        return results.bayes

    def checks(observed, graph, seed, advance):
        handed["checks"] = observed
        return results.checks

    monkeypatch.setattr(study_steps, "TRUTH_SESSIONS", 1000)
    monkeypatch.setattr(study_steps, "fit_models", bayes)
    monkeypatch.setattr(study_steps, "run_checks", checks)
    monkeypatch.setattr(study_steps, "compare_checks_with_truth", lambda checks, *rest: (checks, results.residual))
    return handed


def hashes(path) -> dict[str, str]:
    return json.loads((path / "manifest.json").read_text())["files"]


def test_the_analyses_see_the_observed_columns_alone(quick):
    found = study.run(Plan(load("published"), sessions=1000, seed=3))
    assert set(quick) == {"bayes", "checks"}
    assert all(list(frame) == list(observed_columns()) for frame in quick.values())
    assert set(found.observed.column_names) & set(found.truth.column_names) == {"session_id"}
    assert found.about.sessions == 1000
    assert found.about.changed.empty


def test_perfect_instruments_show_what_perfect_instruments_would(quick):
    found = study.run(Plan(load("null"), sessions=1000, seed=3, perfect_instruments=True))
    pd.testing.assert_series_equal(found.claims["seen"], found.claims["perfect"], check_names=False)
    assert set(found.about.changed["dial"]) >= {"difficulty.by_domain"}


def test_published_instruments_show_something_else(quick):
    found = study.run(Plan(load("null"), sessions=1000, seed=3))
    assert not found.claims["seen"].equals(found.claims["perfect"])


def test_the_command_writes_prints_and_replaces(quick, run, tmp_path):
    out = tmp_path / "study"
    code, table, err = run("study", "--sessions", 1000, "--out", out)
    first = hashes(out)
    assert code == 0
    assert "One prompt of an expert sets off more actions" in table
    assert "Writing into" in err
    assert f"Open {out / 'report.html'}" in err
    (out / "notes.txt").write_text("mine")
    code, text, _ = run("study", "--sessions", 1000, "--out", out, "--json")
    assert code == 0
    assert json.loads(text)[0]["published"] == pytest.approx(11.7 / 4.9)
    assert hashes(out) == first
    assert (out / "notes.txt").read_text() == "mine"


def test_a_failed_diagnostic_is_exit_code_1_with_a_report(run, tmp_path, results, monkeypatch):
    failed = replace(results.bayes, diagnostics=results.bayes.diagnostics.assign(verdict="fail"))
    monkeypatch.setattr(study, "run", lambda plan, steps: replace(results, bayes=failed))
    code, _, err = run("study", "--sessions", 1000, "--out", tmp_path / "study")
    assert code == 1
    assert "a diagnostic of the sampler failed" in err
    assert (tmp_path / "study" / "report.html").exists()


@pytest.mark.slow
def test_the_whole_study_gives_the_same_bytes_in_another_process(tmp_path):
    for name, salt in (("one", "1"), ("two", "2")):
        command = [*KNOWNTRUTH, "study", "--sessions", "1000", "--out", str(tmp_path / name)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False,
                              env={**os.environ, "PYTHONHASHSEED": salt, "OMP_NUM_THREADS": salt})  # fmt: skip
        assert done.returncode in (0, 1), done.stderr
        assert "Warning" not in done.stderr
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")
    with xr.open_datatree(tmp_path / "one" / "posterior.nc", engine="h5netcdf") as tree:
        assert set(tree.children) == {"activity", "verified_success"}


@pytest.mark.slow
@pytest.mark.parametrize("step", ["Simulating", "Computing", "Fitting", "Running"])
def test_an_interrupt_in_any_step_leaves_no_trace(tmp_path, step):
    command = [*KNOWNTRUTH, "study", "--sessions", "1000", "--out", str(tmp_path / "study")]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "200"}
    ) as running:
        for line in running.stderr:
            if step in line:
                break
        time.sleep(0.1)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=120)
    assert running.returncode == 130
    assert "Traceback" not in err
    assert err.endswith(
        "knowntruth: interrupted: what this run had begun is removed, earlier results are untouched\n"
    )
    assert list(tmp_path.iterdir()) == []
