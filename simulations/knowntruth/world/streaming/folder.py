"""The folder of a stream: the run that wrote it, the rows of each part and, at the end, the hash of every file.

::

    manifest.json                      written before the first part, and again after the last
    graph.json                         the causal graph of the world
    observed/part-00000.parquet …      observed columns
    truth/part-00000.parquet …         true values, in the same rows

The manifest says ``"finished": false`` until the run is complete. A folder of another run is never changed.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from knowntruth.common.errors import InputError
from knowntruth.common.first_difference import difference
from knowntruth.datasets.storage.files import GRAPH, MADE_BY, MANIFEST, check_output, explain_os_errors, write_json
from knowntruth.world.streaming.part import Part, first_tables, is_written
from knowntruth.world.streaming.recipe import Recipe

COMMAND: Final = "simulate --workers"
"""The command that wrote the folder, as `files.check_output` reports it."""

BYTES_PER_SESSION: Final = 400
"""Generous estimate of the disk space of one session in both tables."""


def rows_of_earlier_run(folder: Path, run: Mapping[str, Any], recipe: Recipe) -> list[int] | None:
    """Return the rows of each part that the same run recorded in this folder; None if it is new or empty.

    Raises
    ------
    InputError
        If the folder holds another run, other files, or rows that this run would not give.
    """
    remove_leftovers(folder)
    check_output(folder, COMMAND)
    if not (folder / MANIFEST).is_file():
        return None
    before = json.loads((folder / MANIFEST).read_bytes())
    if found := difference(json.loads(json.dumps(run)), {key: before.get(key) for key in run}):
        raise InputError(
            f"cannot resume in {folder}: it holds another run ({found}); choose another --out, or empty it"
        )
    rows: list[int] = before["rows"]
    _check_beginning(folder, Part(0, run["people_in_a_part"], rows[0]), recipe)
    return rows


def begin(folder: Path, run: Mapping[str, Any], rows: Sequence[int]) -> None:
    """Write the manifest of a run that has not finished.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    _write(folder, run, rows, {})


def finish(folder: Path, run: Mapping[str, Any], rows: Sequence[int], hashes: Mapping[str, str]) -> None:
    """Write the manifest of a run that has finished, with the SHA-256 of every file."""
    _write(folder, run, rows, hashes)


def prepare(folder: Path, sessions: int) -> None:
    """Create the folder, and check that its disk has room for the rest of the run.

    Raises
    ------
    InputError
        If it cannot be created, or the disk is too full.
    """
    with explain_os_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        written = sum(file.stat().st_size for file in folder.rglob("*.parquet"))
        free = shutil.disk_usage(folder).free
    needed = sessions * BYTES_PER_SESSION - written
    if free < needed:
        room = f"{free / 1e6:,.0f} MB free, about {needed / 1e6:,.0f} MB needed"
        raise InputError(f"cannot write {folder}: the disk is full, {room}; choose another --out")


def remove_leftovers(folder: Path) -> None:
    """Remove hidden partial files that a killed run left behind."""
    with explain_os_errors(folder):
        for pattern in (f".{MANIFEST}.*.part", f".{GRAPH}.*.part", "*/.part-*.parquet.*.part"):
            for leftover in folder.glob(pattern):
                leftover.unlink(missing_ok=True)


def _write(folder: Path, run: Mapping[str, Any], rows: Sequence[int], hashes: Mapping[str, str]) -> None:
    files = dict(sorted(hashes.items()))
    head = {"made_by": MADE_BY, "command": COMMAND, "finished": bool(files)}
    write_json(folder / MANIFEST, {**head, **run, "rows": list(rows), "files": files})


def _check_beginning(folder: Path, first: Part, recipe: Recipe) -> None:
    """Compare the first rows with those of this run: names and versions do not show changes of the code."""
    if not is_written(first, folder):
        return
    for path, table in zip(first.files(folder), first_tables(recipe), strict=True):
        rows = min(first.rows, table.num_rows)
        if not pq.ParquetFile(path).read_row_group(0).slice(0, rows).equals(table.slice(0, rows)):
            raise InputError(
                f"cannot resume in {folder}: its first rows are not those of this run, so the program or a mechanism "
                "has changed; choose another --out, or empty it"
            )
