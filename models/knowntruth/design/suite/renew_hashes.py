"""Recompute ``hashes.json`` for a new version of the suite: ``knowntruth renew suite``."""

from pathlib import Path

from knowntruth.datasets.storage.files import write_json
from knowntruth.design.suite.content import draw_entry, hash_tables, tables
from knowntruth.design.suite.entries import entries, load_declared


def renew(path: Path) -> None:
    """Write the hashes of every dataset, under the version that is declared."""
    found = {entry.name: hash_tables(tables(draw_entry(entry))) for entry in entries()}
    write_json(path, {"version": load_declared()["version"], "datasets": found})
