"""A file is whole or absent; a folder of results is ours or left alone."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from knowntruth.common.errors import InputError
from knowntruth.datasets.storage import files

TABLE = pa.table({"session_id": list(range(1000)), "mode": ["plan", "build"] * 500})


def contents(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def fill(folder: Path, text: str = "a,b\n1,2\n", name: str = "claims.csv", command: str = "study") -> None:
    with files.output_folder(folder, command, {"seed": 1}) as stage:
        files.write_text(stage / name, text)


@pytest.mark.parametrize("failure", [RuntimeError("no"), KeyboardInterrupt()])
def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(tmp_path, failure):
    path = tmp_path / "claims.csv"
    files.write_text(path, "old")
    with pytest.raises(type(failure)), files.write_atomically(path) as part:
        part.write_text("half")
        raise failure
    assert path.read_text() == "old"
    assert contents(tmp_path) == {"claims.csv"}


def test_a_full_disk_is_one_clear_message_and_leaves_no_part(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"claims\.csv: the disk is full"):
        files.write_text(tmp_path / "claims.csv", "text")
    assert contents(tmp_path) == set()


def test_the_same_content_gives_the_same_bytes_in_another_process(tmp_path):
    files.write_parquet(tmp_path / "here.parquet", TABLE)
    code = (
        "import sys, pyarrow as pa; from knowntruth.datasets.storage import files;"
        "files.write_parquet(sys.argv[1],"
        " pa.table({'session_id': list(range(1000)), 'mode': ['plan', 'build'] * 500}))"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "there.parquet")], check=True, timeout=60)
    assert files.sha256(tmp_path / "here.parquet") == files.sha256(tmp_path / "there.parquet")


def test_csv_keeps_every_digit(tmp_path):
    frame = pd.DataFrame({"value": [0.1 + 0.2, 1 / 3, 1e-300], "n": [1, 2, 3]})
    files.write_csv(tmp_path / "t.csv", frame)
    written = pd.read_csv(tmp_path / "t.csv", dtype=str)
    assert [float(text) for text in written["value"]] == list(frame["value"])


def test_the_manifest_lists_every_file_with_its_hash(tmp_path):
    out = tmp_path / "deep" / "study"
    with files.output_folder(out, "study", {"seed": 7}) as stage:
        files.write_text(stage / "claims.csv", "a\n")
        files.write_text(stage / "tables" / "a1.csv", "b\n")
    manifest = json.loads((out / files.MANIFEST).read_text())
    assert manifest["seed"] == 7
    assert manifest["files"] == {name: files.sha256(out / name) for name in ("claims.csv", "tables/a1.csv")}
    assert contents(out) == {"claims.csv", "tables", "tables/a1.csv", "manifest.json"}


def test_a_second_run_replaces_its_own_files_and_keeps_the_users(tmp_path):
    fill(tmp_path, name="tables/old.csv")
    (tmp_path / "notes.txt").write_text("mine")
    fill(tmp_path, "new")
    assert contents(tmp_path) == {"claims.csv", "manifest.json", "notes.txt"}
    assert (tmp_path / "claims.csv").read_text() == "new"


@pytest.mark.parametrize("failure", [RuntimeError("no"), KeyboardInterrupt()])
def test_a_failed_run_leaves_the_results_of_the_run_before(tmp_path, failure):
    fill(tmp_path, "old")
    before = (tmp_path / "manifest.json").read_bytes()
    with pytest.raises(type(failure)), files.output_folder(tmp_path, "study", {}) as stage:
        files.write_text(stage / "claims.csv", "new")
        raise failure
    assert (tmp_path / "claims.csv").read_text() == "old"
    assert (tmp_path / "manifest.json").read_bytes() == before
    assert contents(tmp_path) == {"claims.csv", "manifest.json"}


def test_a_failed_first_run_leaves_no_folder(tmp_path):
    with pytest.raises(RuntimeError), files.output_folder(tmp_path / "study", "study", {}):
        raise RuntimeError
    assert contents(tmp_path) == set()


def test_a_foreign_folder_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("ten years")
    with pytest.raises(InputError, match="files that knowntruth did not write; choose another --out"):
        fill(tmp_path)
    assert contents(tmp_path) == {"thesis.txt"}


def test_another_commands_results_are_left_alone(tmp_path):
    fill(tmp_path, command="simulate")
    with pytest.raises(InputError, match="holds results of `knowntruth simulate`"):
        fill(tmp_path, command="study")


@pytest.mark.parametrize(
    "manifest", ["{", "[]", '{"made_by": "someone else", "files": {}}', '{"made_by": "knowntruth"}']
)
def test_a_foreign_manifest_does_not_make_a_folder_ours(tmp_path, manifest):
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(InputError, match="did not write"):
        fill(tmp_path)


def test_a_forged_manifest_cannot_reach_outside_the_folder(tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text("keep")
    fill(tmp_path / "study")
    path = tmp_path / "study" / "manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, "files": {"../outside.txt": "0" * 64}}))
    fill(tmp_path / "study")
    assert outside.read_text() == "keep"


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "study").write_text("a file")
    with pytest.raises(InputError, match="it is a file, not a folder"):
        fill(tmp_path / "study")
    with pytest.raises(InputError, match="part of the path is a file"):
        fill(tmp_path / "study" / "deeper")


def test_a_place_that_may_not_be_written_is_refused():
    with pytest.raises(InputError, match="cannot write"):
        fill(Path("/proc/knowntruth"))


def test_what_a_killed_run_left_behind_does_not_block_the_next(tmp_path):
    (tmp_path / f"{files.UNFINISHED}abc").mkdir()
    fill(tmp_path)
    assert (tmp_path / "claims.csv").exists()
