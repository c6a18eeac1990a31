"""The command line: every bad input is one clear message and its exit code, and never a traceback."""

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from knowntruth.datasets.storage import files, readers
from knowntruth.workbench.commands import study as study_command
from knowntruth.workbench.jobs import study
from knowntruth.workbench.terminal import exit_codes

KNOWNTRUTH = [sys.executable, "-c", "from knowntruth.workbench.cli import main; main()"]


def subprocess_run(*arguments: object, **options) -> subprocess.CompletedProcess:
    command = [*KNOWNTRUTH, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)


WORLDS = {
    "unknown key": ('based_on = "published"\n[difficulty]\nby_abilty = 0.0\n', "did you mean 'by_ability'"),
    "unknown table": ('based_on = "published"\n[dificulty]\nby_ability = 0.0\n', "did you mean 'difficulty'"),
    "wrong type": ('based_on = "published"\n[difficulty]\nby_ability = "much"\n', "difficulty. by_ability"),
    "impossible value": ('based_on = "published"\n[difficulty]\nby_ability = nan\n', "difficulty. by_ability"),
    "broken TOML": ('based_on = "published\n', "not valid TOML"),
    "no such base": ('based_on = "publishd"\n', "did you mean 'published'"),
}


@pytest.mark.parametrize("case", WORLDS)
def test_a_bad_world_file(run, tmp_path, case):
    text, message = WORLDS[case]
    (tmp_path / "w.toml").write_text(text)
    code, out, err = run("study", "--world", tmp_path / "w.toml", "--out", tmp_path / "out")
    assert (code, out) == (2, "")
    assert message in err.replace("]", ".")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["study", "simulate", "truth", "graph"])
def test_an_unknown_world_names_the_known_ones(run, tmp_path, command):
    arguments = ["--world", "randomised", "--out", tmp_path / "out"] if command == "study" else ["randomised"]
    code, out, err = run(command, *arguments)
    assert (code, out) == (2, "")
    assert "did you mean 'randomized'" in err
    assert "published" in err


@pytest.mark.parametrize("number", ["0", "-5", "1", "abc", "1e9", "2.5", ""])
@pytest.mark.parametrize(("command", "least"), [("study", "1,000"), ("simulate", "10"), ("truth", "10")])
def test_too_few_sessions_name_the_smallest_number(run, command, least, number):
    world = [] if command == "study" else ["published"]
    code, out, err = run(command, *world, f"--sessions={number}")
    assert (code, out) == (2, "")
    assert f"give a whole number, {least} or more" in err


@pytest.mark.parametrize(
    "arguments", [["study", "--sesions", "3"], ["studdy"], ["simulate"], ["truth", "published", "--seed", "-1"],
                  ["study", "--full", "--sessions", "2000"], ["worlds", "extra"]],
)  # fmt: skip
def test_a_slip_of_the_hand_is_bad_input(run, arguments):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err


def simulated(run, out: Path, *more: object) -> tuple[int, str, str]:
    return run("simulate", "published", "--sessions", 200, "--out", out, *more)


def test_simulate_writes_what_can_be_read_again(run, tmp_path):
    assert simulated(run, tmp_path / "s")[0] == 0
    observed = readers.read(tmp_path / "s")
    true = pd.read_parquet(tmp_path / "s" / "truth.parquet")
    assert list(observed["session_id"]) == list(true["session_id"])
    assert set(observed) & set(true) == {"session_id"}
    manifest = json.loads((tmp_path / "s" / "manifest.json").read_text())
    assert manifest["world"]["dials"]["difficulty"]
    assert set(manifest["files"]) == {"observed.parquet", "truth.parquet", "graph.json"}


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_in_another_process(run, tmp_path):
    simulated(run, tmp_path / "here")
    simulated(run, tmp_path / "other", "--seed", 2)
    there = subprocess_run("simulate", "published", "--sessions", 200, "--out", tmp_path / "there",
                           env={**os.environ, "PYTHONHASHSEED": "7"})  # fmt: skip
    assert there.returncode == 0
    hashes = [json.loads((tmp_path / n / "manifest.json").read_text())["files"] for n in ("here", "there", "other")]
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_folder_with_files_of_the_users_is_refused(run, tmp_path):
    (tmp_path / "thesis.txt").write_text("ten years")
    for command in (simulated(run, tmp_path), run("study", "--out", tmp_path)):
        assert command[0] == 2
        assert "holds files that knowntruth did not write; choose another --out" in command[2]
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_in_the_place_of_the_folder_is_refused(run, tmp_path):
    (tmp_path / "s").write_text("a file")
    code, _, err = simulated(run, tmp_path / "s")
    assert code == 2
    assert "it is a file, not a folder" in err


def test_a_read_only_place_is_refused(run):
    code, _, err = simulated(run, Path("/proc/knowntruth"))
    assert code == 2
    assert "cannot write /proc/knowntruth" in err


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_refusal_of_the_disk_keeps_the_earlier_results(run, tmp_path, monkeypatch, number):
    simulated(run, tmp_path / "s")
    before = {path.name: path.read_bytes() for path in (tmp_path / "s").iterdir()}

    def refused(handle):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refused)
    code, _, err = simulated(run, tmp_path / "s", "--seed", 2)
    assert code == 2
    assert err.startswith("knowntruth: cannot write")
    assert {path.name: path.read_bytes() for path in (tmp_path / "s").iterdir()} == before


def test_a_disk_too_small_is_told_before_the_work(run, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 1_000_000}))
    code, _, err = run("study", "--out", tmp_path / "s")
    assert code == 2
    assert "the disk is full, 1 MB free, about 64 MB needed" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_leaves_the_earlier_results_and_nothing_else(tmp_path, number, code):
    out = tmp_path / "s"
    assert subprocess_run("simulate", "published", "--sessions", 200, "--out", out).returncode == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    command = [*KNOWNTRUTH, "simulate", "published", "--full", "--out", str(out)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        while not list(out.glob(f"{files.UNFINISHED}*")):
            assert running.poll() is None
            time.sleep(0.02)
        running.send_signal(number)
        _, err = running.communicate(timeout=60)
    assert running.returncode == code
    assert err == "knowntruth: interrupted: what this run had begun is removed, earlier results are untouched\n"
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_reader_who_leaves_is_no_error():
    with subprocess.Popen([*KNOWNTRUTH, "graph", "published", "--json"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as running:  # fmt: skip
        running.stdout.close()
        err = running.stderr.read()
    assert (running.wait(), err) == (0, "")


def test_our_own_errors_keep_their_traceback():
    def broken():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        exit_codes.code_of(broken)


def test_help_comes_at_once_and_loads_nothing_heavy():
    code = (
        "import sys; from knowntruth.workbench import cli; from knowntruth.workbench.terminal import exit_codes\n"
        "assert exit_codes.code_of(lambda: cli.app(['study', '--help'], prog_name='knowntruth')) == 0\n"
        "heavy = {'pandas', 'numpy', 'pyarrow', 'pymc', 'arviz', 'nutpie', 'dowhy', 'pyfixest', 'matplotlib'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "--perfect-instruments" in done.stdout
    assert time.monotonic() - start < 5  # a second is the aim; a loaded machine gets more


@pytest.mark.parametrize("command", ["study", "simulate", "truth", "worlds", "graph"])
def test_every_command_has_help_with_an_example(run, command):
    code, out, _ = run(command, "--help")
    assert code == 0
    assert "xample" in out


def test_version(run):
    code, out, _ = run("--version")
    assert code == 0
    assert re.fullmatch(r"knowntruth \d+\.\d+.*\n", out)


def test_worlds_for_people_and_for_programs(run):
    _, table, _ = run("worlds")
    _, text, _ = run("worlds", "--json")
    assert {"published", "null", "randomized", "confounded"} <= {row["world"] for row in json.loads(text)}
    assert "published" in table


def test_truth_of_the_null_world_is_no_effect(run):
    code, text, _ = run("truth", "null", "--sessions", 500, "--json")
    rows = {row["estimand"]: row["value"] for row in json.loads(text)}
    assert code == 0
    assert (rows["activity_ratio"], rows["verified_difference"]) == (1.0, 0.0)


def test_the_smallest_study_is_named_the_same_everywhere():
    assert study_command.MIN_SESSIONS == study.MIN_SESSIONS
