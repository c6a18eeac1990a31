"""The folder of a diagnosis: completed batches are stored, and never computed or counted twice.

::

    manifest.json          which diagnosis this is; at the end, the hash of each file below
    replicates.parquet     one row per replicate, strategy and estimand, with the truth
    seconds.parquet        how long each answer took: the only file that differs from run to run
    diagnosands.csv        the diagnosands of the replicates
    report.html, cells/    the map, and one page per cell, if the command drew them
    parts/*.parquet        completed batches of replicates, each whole or absent
    parts/truth-*.json     truths, one per world and contrast

A stored batch is reused, also by a later run with more replicates; the folder of another diagnosis is refused. Only
the main process writes, so workers need not share a disk.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from knowntruth.common.errors import InputError
from knowntruth.common.first_difference import difference
from knowntruth.datasets.storage.files import (
    MADE_BY,
    MANIFEST,
    check_output,
    explain_os_errors,
    sha256,
    write_json,
    write_parquet,
)
from knowntruth.design.replication.plan import Job
from knowntruth.design.sources.source import Truth

COMMAND: Final = "diagnose"
PARTS: Final = "parts"
REPLICATES: Final = "replicates.parquet"
TIMES: Final = "seconds.parquet"
DIAGNOSANDS: Final = "diagnosands.csv"

KEY_DIGITS: Final = 16
"""Hexadecimal digits of the hash that names the file of a truth."""


class Store:
    """A folder; ``run`` is everything that determines the bytes of a batch, as JSON values.

    Raises
    ------
    InputError
        If the folder holds anything else, or cannot be written.
    """

    def __init__(self, folder: Path, run: Mapping[str, Any]) -> None:
        self.folder, self.run = folder, dict(run)
        self._tidy()
        check_output(folder, COMMAND)
        if (folder / MANIFEST).is_file():
            self._check_same()
        with explain_os_errors(folder):
            (folder / PARTS).mkdir(parents=True, exist_ok=True)
        self._manifest({}, finished=False)

    def batch(self, job: Job, rows: int) -> pa.Table | None:
        """Return a stored batch with this number of rows, or None."""
        try:
            table = pq.read_table(self._path(job))
        except (OSError, pa.ArrowException):
            return None
        return table if table.num_rows == rows else None

    def keep(self, job: Job, table: pa.Table) -> None:
        """Write a batch, whole or not at all."""
        write_parquet(self._path(job), table)

    def truth(self, key: str) -> Truth | None:
        """Return a stored truth, or None."""
        try:
            return Truth(**json.loads(self._truth(key).read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def keep_truth(self, key: str, truth: Truth) -> None:
        """Write a truth, whole or not at all."""
        write_json(self._truth(key), {"value": truth.value, "error": truth.error})

    def finish(self, names: tuple[str, ...], **head: Any) -> None:
        """Write the manifest of a run that has finished, with the SHA-256 of the files named."""
        self._manifest({name: sha256(self.folder / name) for name in names}, finished=True, **head)

    def _path(self, job: Job) -> Path:
        return self.folder / PARTS / f"case-{job.case:03d}-{job.first:07d}.parquet"

    def _truth(self, key: str) -> Path:
        return self.folder / PARTS / f"truth-{hashlib.sha256(key.encode()).hexdigest()[:KEY_DIGITS]}.json"

    def _manifest(self, files: Mapping[str, str], *, finished: bool, **head: Any) -> None:
        about = {"made_by": MADE_BY, "command": COMMAND, "finished": finished}
        write_json(self.folder / MANIFEST, {**about, **head, **self.run, "files": dict(files)})

    def _check_same(self) -> None:
        before = json.loads((self.folder / MANIFEST).read_bytes())
        if found := difference(json.loads(json.dumps(self.run)), {key: before.get(key) for key in self.run}):
            raise InputError(
                f"cannot go on in {self.folder}: it holds another diagnosis ({found}); choose another --out, "
                "or empty it"
            )

    def _tidy(self) -> None:
        """Remove the hidden beginnings of files that a killed run left behind."""
        with explain_os_errors(self.folder):
            for pattern in (".*.part", f"{PARTS}/.*.part"):
                for leftover in self.folder.glob(pattern):
                    leftover.unlink(missing_ok=True)


def list_files(folder: Path, names: Iterable[str]) -> None:
    """Add files that were drawn from a finished diagnosis to its manifest, each with its SHA-256."""
    content = json.loads((folder / MANIFEST).read_bytes())
    content["files"] |= {name: sha256(folder / name) for name in sorted(names)}
    write_json(folder / MANIFEST, content)
