"""Write ``hashes.json`` anew, for a new version of the suite: ``uv run python -m knowntruth.design.suite.renew_hashes``."""

from pathlib import Path

from knowntruth.datasets.storage.files import write_json
from knowntruth.design.suite.check import hashes_of
from knowntruth.design.suite.content import sample_of, tables
from knowntruth.design.suite.entries import HASHES, declared, entries


def renew(path: Path) -> None:
    """Write the hashes of every dataset, under the version that is declared."""
    found = {entry.name: hashes_of(tables(sample_of(entry))) for entry in entries()}
    write_json(path, {"version": declared()["version"], "datasets": found})


if __name__ == "__main__":
    renew(Path(__file__).with_name(HASHES))
