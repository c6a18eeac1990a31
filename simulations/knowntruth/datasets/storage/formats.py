"""The formats in which a table is written: one entry each; a new format is a new entry.

======= ==========================================================================================
parquet typed, compressed; pandas, polars, DuckDB, Spark, R's arrow
csv     text with a header; TRUE and FALSE, which R needs in capitals, categories as words, empty if missing
arrow   Arrow's file format (Feather 2), uncompressed, so that it can be mapped into memory
======= ==========================================================================================
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from knowntruth.common.errors import InputError
from knowntruth.common.names import look_up
from knowntruth.datasets.storage.files import write_atomically, write_parquet

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Format:
    """One format: file ending, media type as in Croissant, and writer."""

    name: str
    media_type: str
    write: "Callable[[Path, pa.Table], None]"


def _csv(path: Path, table: "pa.Table") -> None:
    from pyarrow import csv

    with write_atomically(path) as part:
        csv.write_csv(_as_text(table), part, csv.WriteOptions(quoting_style="needed"))


def _arrow(path: Path, table: "pa.Table") -> None:
    from pyarrow import feather

    with write_atomically(path) as part:
        feather.write_feather(table.replace_schema_metadata(None), str(part), compression="uncompressed")


def _as_text(table: "pa.Table") -> "pa.Table":
    """Return the table with categories and flags as text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    def plain(column: "pa.ChunkedArray") -> "pa.ChunkedArray":
        if pa.types.is_boolean(column.type):
            return pc.if_else(column, "TRUE", "FALSE")
        return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column

    return pa.table([plain(column) for column in table.columns], names=table.column_names)


FORMATS: Final[Mapping[str, Format]] = {
    "parquet": Format("parquet", "application/x-parquet", write_parquet),
    "csv": Format("csv", "text/csv", _csv),
    "arrow": Format("arrow", "application/vnd.apache.arrow.file", _arrow),
}
"""Every format by name, which is also the ending of its files."""


def check_formats(names: Iterable[str]) -> tuple[str, ...]:
    """Check the names of formats, and return each once.

    Raises
    ------
    InputError
        If one is unknown, or there is none.

    Examples
    --------
    >>> check_formats(["csv", "parquet", "csv"])
    ('csv', 'parquet')
    """
    asked = tuple(dict.fromkeys(names))
    for name in asked:
        look_up("no format", name, FORMATS)
    if not asked:
        raise InputError(f"no format is given; allowed: {', '.join(FORMATS)}, one or several with commas between")
    return asked


def write_table(folder: Path, name: str, table: "pa.Table", names: Iterable[str]) -> None:
    """Write a table into ``folder`` in each of the formats, each file atomically.

    Raises
    ------
    InputError
        If the file system refuses.
    """
    for each in names:
        FORMATS[each].write(folder / f"{name}.{each}", table)
