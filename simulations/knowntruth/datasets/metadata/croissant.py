"""Croissant metadata: ``croissant.json``, by which loaders of machine-learning datasets find files and columns.

Version 1.0 of the format (https://docs.mlcommons.org/croissant/docs/croissant-spec.html). Each table is a record set
over the first of its files that Croissant's own library can read: Parquet, else CSV. Units stand in the description
of a field, for the format has no place of its own for them.
"""

from pathlib import Path
from typing import Any, Final

from knowntruth.datasets.metadata.package import LICENCE_URL, RELEASED, Described, Package
from knowntruth.datasets.schema.observed import Column
from knowntruth.datasets.storage.files import sha256
from knowntruth.datasets.storage.formats import FORMATS

NAME: Final = "croissant.json"

CONFORMS_TO: Final = "http://mlcommons.org/croissant/1.0"

TYPES: Final = {
    "id": "sc:Integer", "count": "sc:Integer", "level": "sc:Integer", "real": "sc:Float", "flag": "sc:Boolean",
    "category": "sc:Text",
}  # fmt: skip
"""What each kind of column is called; a level that may be missing is read as a float."""

READABLE: Final = ("parquet", "csv")
"""Formats that a record set can be read from, the better one first."""

CONTEXT: Final = {
    "@language": "en", "@vocab": "https://schema.org/", "citeAs": "cr:citeAs", "column": "cr:column",
    "conformsTo": "dct:conformsTo", "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/", "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"}, "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"}, "extract": "cr:extract", "field": "cr:field",
    "fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject", "fileSet": "cr:fileSet", "format": "cr:format",
    "includes": "cr:includes", "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key",
    "md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path", "recordSet": "cr:recordSet",
    "references": "cr:references", "regex": "cr:regex", "repeated": "cr:repeated", "replace": "cr:replace",
    "samplingRate": "cr:samplingRate", "sc": "https://schema.org/", "separator": "cr:separator",
    "source": "cr:source", "subField": "cr:subField", "transform": "cr:transform",
}  # fmt: skip
"""The standard's own vocabulary."""


def croissant(package: Package, folder: Path) -> dict[str, Any]:
    """Return the metadata of the files of a package in ``folder``, where they must stand already."""
    files = [(file, table.meaning) for table in package.tables for file in package.files(table, folder)]
    files += [(folder / name, meaning) for name, meaning in package.notes if (folder / name).is_file()]
    sets = [(table, _readable(package.files(table, folder))) for table in package.tables]
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": package.name,
        "description": "\n\n".join(package.paragraphs),
        "license": LICENCE_URL,
        "version": package.version,
        "datePublished": RELEASED,
        "citeAs": f"The knowntruth developers. {package.title}. Made by knowntruth {package.version}, {RELEASED}.",
        "isAccessibleForFree": True,
        "creator": {"@type": "sc:Organization", "name": "The knowntruth developers"},
        "distribution": [_file(*each) for each in files],
        "recordSet": [_record_set(table, file) for table, file in sets if file is not None],
    }


def _readable(files: list[Path]) -> Path | None:
    by_ending = {file.suffix.removeprefix("."): file for file in files}
    return next((by_ending[ending] for ending in READABLE if ending in by_ending), None)


def _file(file: Path, meaning: str) -> dict[str, Any]:
    ending = file.suffix.removeprefix(".")
    return {
        "@type": "cr:FileObject",
        "@id": file.name,
        "name": file.name,
        "description": meaning,
        "contentUrl": file.name,
        "contentSize": f"{file.stat().st_size} B",
        "encodingFormat": FORMATS[ending].media_type if ending in FORMATS else "text/plain",
        "sha256": sha256(file),
    }


def _record_set(table: Described, file: Path) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": f"{table.meaning} Each record is {table.row}.",
        "key": [{"@id": f"{table.name}/{name}"} for name in table.key],
        "field": [_field(table, column, file) for column in table.columns],
    }


def _field(table: Described, column: Column, file: Path) -> dict[str, Any]:
    unit = f" Unit: {column.unit}." + (" May be missing." if column.nullable else "")
    return {
        "@type": "cr:Field",
        "@id": f"{table.name}/{column.name}",
        "name": column.name,
        "description": column.meaning + "." + unit,
        "dataType": "sc:Float" if column.nullable else TYPES[column.kind],
        "source": {"fileObject": {"@id": file.name}, "extract": {"column": column.name}},
    }
