"""Croissant metadata: ``croissant.json``, which loaders of machine-learning datasets read.

Version 1.0 of the format (https://docs.mlcommons.org/croissant/docs/croissant-spec.html). Each table is a record set
of its Parquet file, or else its CSV file: Croissant's library `mlcroissant`, which writes the metadata, reads both.
The description of a field states its unit, since the format has no property for units.
"""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from knowntruth.datasets.metadata.package import LICENCE_URL, RELEASED, Described, Package
from knowntruth.datasets.schema.observed import Column
from knowntruth.datasets.storage.files import sha256
from knowntruth.datasets.storage.formats import FORMATS

if TYPE_CHECKING:
    import mlcroissant as mlc

NAME: Final = "croissant.json"

TYPES: Final = {
    "id": "INTEGER", "count": "INTEGER", "level": "INTEGER", "real": "FLOAT", "flag": "BOOL", "category": "TEXT",
}  # fmt: skip
"""The member of `mlcroissant.DataType` for each kind of column; a column with missing values is read as a float."""

READABLE: Final = ("parquet", "csv")
"""Formats that a record set can be read from, the preferred one first."""


def croissant(package: Package, folder: Path) -> dict[str, Any]:
    """Return the metadata of the files of a package in ``folder``, which must exist already."""
    import mlcroissant as mlc

    files = [(file, table.meaning) for table in package.tables for file in package.files(table, folder)]
    files += [(folder / name, meaning) for name, meaning in package.notes if (folder / name).is_file()]
    sets = [(table, _readable(package.files(table, folder))) for table in package.tables]
    metadata = mlc.Metadata(
        name=package.name,
        description="\n\n".join(package.paragraphs),
        license=[LICENCE_URL],
        version=package.version,
        date_published=datetime.fromisoformat(RELEASED),
        cite_as=f"The knowntruth developers. {package.title}. Made by knowntruth {package.version}, {RELEASED}.",
        creators=[mlc.Organization(name="The knowntruth developers")],
        distribution=[_file(*each) for each in files],
        record_sets=[_record_set(table, file) for table, file in sets if file is not None],
    )
    content: dict[str, Any] = metadata.to_json()
    return content


def _readable(files: list[Path]) -> Path | None:
    by_ending = {file.suffix.removeprefix("."): file for file in files}
    return next((by_ending[ending] for ending in READABLE if ending in by_ending), None)


def _file(file: Path, meaning: str) -> "mlc.FileObject":
    import mlcroissant as mlc

    ending = file.suffix.removeprefix(".")
    return mlc.FileObject(
        id=file.name,
        name=file.name,
        description=meaning,
        content_url=file.name,
        content_size=f"{file.stat().st_size} B",
        encoding_formats=[FORMATS[ending].media_type if ending in FORMATS else "text/plain"],
        sha256=sha256(file),
    )


def _record_set(table: Described, file: Path) -> "mlc.RecordSet":
    import mlcroissant as mlc

    return mlc.RecordSet(
        id=table.name,
        name=table.name,
        description=f"{table.meaning} Each record is {table.row}.",
        key=[f"{table.name}/{name}" for name in table.key],
        fields=[_field(table, column, file) for column in table.columns],
    )


def _field(table: Described, column: Column, file: Path) -> "mlc.Field":
    import mlcroissant as mlc

    unit = f" Unit: {column.unit}." + (" May be missing." if column.nullable else "")
    return mlc.Field(
        id=f"{table.name}/{column.name}",
        name=column.name,
        description=column.meaning + "." + unit,
        data_types=getattr(mlc.DataType, "FLOAT" if column.nullable else TYPES[column.kind]),
        source=mlc.Source(file_object=file.name, extract=mlc.Extract(column=column.name)),
    )
