"""The job of ``knowntruth release``: publish counts and means of cells with enough users."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowntruth.datasets.storage.files import check_output, output_folder, write_csv, write_parquet
from knowntruth.datasets.storage.readers import read
from knowntruth.instruments.release.cells import NEEDED, check_by
from knowntruth.instruments.release.release import ALIASES, ALL, Released
from knowntruth.instruments.release.release import release as release_cells
from knowntruth.workbench.results import manifest
from knowntruth.workbench.terminal.progress import Steps

if TYPE_CHECKING:
    import pandas as pd

WEIGHTS = {"read": 1, "protect": 4}


def release(data: Path, by: tuple[str, ...], *, min_users: int, to: int | None, out: Path) -> Released:
    """Read sessions, and write the releasable cells as CSV and Parquet, with an account in the manifest."""
    import pyarrow as pa

    columns = tuple(ALIASES.get(name, name) for name in by)
    check_by(columns)
    check_output(out, "release")
    with Steps(WEIGHTS) as steps:
        with steps.step("read", f"Reading {data}"):
            rows = read(data, (*columns, *NEEDED))
        with steps.step("protect", "Protecting small cells, and attacking the release"):
            found = release_cells(rows, columns, min_users, to)
    head: dict[str, Any] = {**found.summary, "versions": manifest.versions()}
    with output_folder(out, "release", head) as folder:
        write_csv(folder / "release.csv", found.table)
        write_parquet(folder / "release.parquet", pa.Table.from_pandas(found.table, preserve_index=False))
    return found


def one_way_margins(table: "pd.DataFrame", by: list[str]) -> "pd.DataFrame":
    """Return the total and the one-way margins, which fit on a screen."""
    summed = (table[by] == ALL).sum(axis=1)
    return table[summed >= len(by) - 1]
