"""A Frictionless data package: ``datapackage.json``, with a schema of every table that exists as CSV.

Files of other formats carry their own types and are listed with size and hash, so that every file can be checked with
``frictionless validate datapackage.json`` (https://datapackage.org/). The descriptor is a plain dictionary:
frictionless returns the same one (and a redundant ``scheme``), but takes 3 s to build it.
"""

from pathlib import Path
from typing import Any, Final

from knowntruth.datasets.metadata.package import LICENCE, LICENCE_URL, Described, Package
from knowntruth.datasets.schema.observed import Column
from knowntruth.datasets.storage.files import sha256
from knowntruth.datasets.storage.formats import FORMATS

NAME: Final = "datapackage.json"

TYPES: Final = {
    "id": "integer", "count": "integer", "level": "integer", "real": "number", "flag": "boolean",
    "category": "string",
}  # fmt: skip
"""The type of each kind of column in a table schema."""


def data_package(package: Package, folder: Path) -> dict[str, Any]:
    """Return the descriptor of the files of a package in ``folder``, which must exist already."""
    return {
        "name": package.name,
        "title": package.title,
        "description": "\n\n".join(package.paragraphs),
        "version": package.version,
        "licenses": [{"name": LICENCE, "path": LICENCE_URL}],
        "resources": [*_tables(package, folder), *_others(package, folder)],
    }


def _tables(package: Package, folder: Path) -> list[dict[str, Any]]:
    return [
        _table(package, table, file) if file.suffix == ".csv" else _file(file, table.meaning)
        for table in package.tables
        for file in package.files(table, folder)
    ]


def _table(package: Package, table: Described, file: Path) -> dict[str, Any]:
    return {**_file(file, table.meaning), "type": "table", "schema": table_schema(table, package)}


def table_schema(table: Described, package: Package) -> dict[str, Any]:
    """Return the table schema of one table: fields, key, and a foreign key to the observed sessions."""
    schema = {"fields": [_field(c) for c in table.columns], "missingValues": [""], "primaryKey": list(table.key)}
    shares = table.key == ("session_id",) and any(other.name == "observed" for other in package.tables)
    if not shares or table.name == "observed":
        return schema
    reference = {"resource": "observed.csv", "fields": ["session_id"]}
    return {**schema, "foreignKeys": [{"fields": ["session_id"], "reference": reference}]}


def _field(column: Column) -> dict[str, Any]:
    limits: dict[str, Any] = {"required": not column.nullable}
    if column.categories:
        limits["enum"] = list(column.categories)
    if column.minimum is not None:
        limits["minimum"] = _limit(column, column.minimum)
    if column.maximum is not None:
        limits["maximum"] = _limit(column, column.maximum)
    return {
        "name": column.name,
        "type": TYPES[column.kind],
        "description": column.meaning,
        "unit": column.unit,
        "role": column.role,
        "constraints": limits,
    }


def _limit(column: Column, limit: float) -> float:
    return limit if column.kind == "real" else int(limit)


def _others(package: Package, folder: Path) -> list[dict[str, Any]]:
    return [_file(folder / name, meaning) for name, meaning in package.notes if (folder / name).is_file()]


def _file(file: Path, meaning: str) -> dict[str, Any]:
    ending = file.suffix.removeprefix(".")
    kind = FORMATS[ending].media_type if ending in FORMATS else "text/plain"
    return {
        "name": file.name.lower(),
        "type": "file",
        "path": file.name,
        "description": meaning,
        "format": ending or "txt",
        "mediatype": kind,
        "bytes": file.stat().st_size,
        "hash": f"sha256:{sha256(file)}",
    }
