"""`knowntruth simulate` in parts: when it does, what it says, and what an interrupt leaves."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from knowntruth.datasets.storage import readers
from knowntruth.workbench.commands.world import simulate

KNOWNTRUTH = [sys.executable, "-c", "from knowntruth.workbench.cli import main; main()"]


def streamed(run, out, *more):
    return run("simulate", "published", "--sessions", 2000, "--workers", 1, "--out", out, *more)


def test_workers_write_parts_that_read_as_the_same_table(run, tmp_path):
    code, out, err = streamed(run, tmp_path / "parts")
    assert (code, out) == (0, "")
    assert err.endswith(f"Wrote {tmp_path}/parts/observed and {tmp_path}/parts/truth in 1 part")
    assert run("simulate", "published", "--sessions", 2000, "--out", tmp_path / "whole")[0] == 0
    assert readers.read(tmp_path / "parts").equals(readers.read(tmp_path / "whole"))


def test_the_same_command_again_finds_everything_there(run, tmp_path):
    streamed(run, tmp_path)
    code, _, err = streamed(run, tmp_path)
    assert code == 0
    assert "in 1 part, 1 of them from an earlier run" in err


def test_a_large_number_is_written_in_parts_by_itself(run, tmp_path, monkeypatch):
    monkeypatch.setattr(simulate, "STREAMED_ABOVE", 1000)
    assert run("simulate", "published", "--sessions", 1001, "--out", tmp_path / "large")[0] == 0
    assert run("simulate", "published", "--sessions", 1000, "--out", tmp_path / "small")[0] == 0
    assert (tmp_path / "large" / "observed").is_dir()
    assert (tmp_path / "small" / "observed.parquet").is_file()


def test_perfect_instruments_are_perfect_in_parts_too(run, tmp_path):
    streamed(run, tmp_path, "--perfect-instruments")
    assert json.loads((tmp_path / "manifest.json").read_bytes())["world"]["dials"]["rated_expertise"]["perfect"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--workers", "0"], "greater than or equal to 1"),
        (["--workers", "2", "--cluster", "tcp://127.0.0.1:1"], "exclude each other"),
        (["--workers", "2", "--full"], "leave out --workers"),
    ],
)
def test_what_does_not_go_together(run, tmp_path, more, message):
    code, out, err = run("simulate", "published", "--out", tmp_path / "none", *more)
    assert (code, out) == (2, "")
    assert message in err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("kind", [["--workers", 1], []])
def test_parts_and_whole_tables_do_not_mix(run, tmp_path, kind):
    other = [] if kind else ["--workers", 1]
    assert run("simulate", "published", "--sessions", 100, "--out", tmp_path, *kind)[0] == 0
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    code, _, err = run("simulate", "published", "--sessions", 100, "--out", tmp_path, *other)
    assert code == 2
    assert "it holds results of `knowntruth simulate" in err
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["parts", "workers start"])
def test_an_interrupt_keeps_what_is_whole_and_says_so(tmp_path, moment):
    """Ctrl-C at a terminal reaches the workers too; none of them may answer with a traceback."""
    command = [*KNOWNTRUTH, "simulate", "published", "--sessions", "400_000", "--workers", "2", "--out", tmp_path]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as running:
        while not (list(tmp_path.glob("truth/part-*")) if moment == "parts" else started(running.pid)):
            assert running.poll() is None
            time.sleep(0.02)
        os.killpg(running.pid, signal.SIGINT)
        _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in err
    left = f"what is complete in {tmp_path} stays, and the same command continues from there"
    assert err.endswith(f"interrupted: {left}\n")
    assert not list(tmp_path.rglob("*.part"))


def started(pid):
    """Return whether a process has started both its workers, which are still loading."""
    import psutil

    return sum("loky" in " ".join(child.cmdline()) for child in psutil.Process(pid).children()) >= 3
