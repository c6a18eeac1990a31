"""A package: tables described once, so that codebook, Croissant and data package state the same about them.

A `Described` states what a table holds, column by column; a `Package` is a set of them with a name, a description and
a licence. The writers (`codebook`, `croissant`, `data_package`) add nothing to it.
"""

from dataclasses import dataclass
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Final

from knowntruth.datasets.schema.estimands import CONTRASTS, ESTIMANDS, RECOVERIES
from knowntruth.datasets.schema.observed import OBSERVED, Column

LICENCE: Final = "Apache-2.0"
"""SPDX identifier of the licence, the same for data and code."""

LICENCE_URL: Final = "https://www.apache.org/licenses/LICENSE-2.0"

RELEASED: Final = "2026-12-01"
"""Date of the release that generates the data, as in CITATION.cff."""


@dataclass(frozen=True, slots=True)
class Described:
    """The description of a table: ``row`` states what one row is, and ``key`` identifies it."""

    name: str
    row: str
    meaning: str
    columns: tuple[Column, ...]
    rows: int
    key: tuple[str, ...] = ("session_id",)


@dataclass(frozen=True, slots=True)
class Package:
    """Tables that belong together.

    ``name`` has small letters, digits and hyphens only. ``paragraphs`` describe the package, the first
    one briefly. ``formats`` are the file formats of each table. ``notes`` are further files with their meaning.
    """

    name: str
    title: str
    paragraphs: tuple[str, ...]
    tables: tuple[Described, ...]
    formats: tuple[str, ...]
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def version(self) -> str:
        """The version of knowntruth."""
        return version("knowntruth")

    def files(self, table: Described, folder: Path) -> list[Path]:
        """Return the files of a table in ``folder``, in the order of the formats."""
        return [path for each in self.formats if (path := folder / f"{table.name}.{each}").is_file()]


def observed(rows: int) -> Described:
    """Return the description of the observed table.

    Examples
    --------
    >>> observed(10).columns[0].name
    'session_id'
    """
    meaning = "What a study of these sessions sees. No estimator should be given anything else."
    return Described("observed", "one interactive session", meaning, OBSERVED, rows)


_NAMES: Final = tuple(e.name for e in (*ESTIMANDS, *RECOVERIES))

ESTIMAND_COLUMNS: Final = (
    Column("estimand", "category", "category", "name of the causal contrast", "estimand", categories=_NAMES),
    Column("contrast", "category", "category", "levels of the treatment that are compared", "estimand",
           categories=CONTRASTS),
    Column("scale", "category", "category", "how the two levels are compared", "estimand",
           categories=("ratio", "difference")),
    Column("value", "real", "ratio or probability, see scale", "true effect in the population of this world: "
           "interactive sessions with a clear goal", "estimand", nullable=True),
    Column("mcse", "real", "as value", "Monte Carlo standard error of value, clustered by user", "estimand",
           minimum=0, nullable=True),
    Column("n", "count", "sessions", "sessions that were replayed for value", "estimand", minimum=0),
    Column("sample_value", "real", "as value", "the same effect among the sessions of this dataset", "estimand",
           nullable=True),
    Column("sample_n", "count", "sessions", "sessions of this dataset behind sample_value", "estimand", minimum=0),
)  # fmt: skip
"""The table of true effects."""


def estimands(rows: int) -> Described:
    """Return the description of the table of true effects.

    Examples
    --------
    >>> estimands(27).key
    ('estimand', 'contrast')
    """
    meaning = (
        "The true effects, found by replaying the same people with the same random draws at every level of expertise."
    )
    return Described("estimands", "one contrast", meaning, ESTIMAND_COLUMNS, rows, ("estimand", "contrast"))


def licence_text() -> str:
    """Return the text of the licence as installed with knowntruth.

    Examples
    --------
    >>> "Apache License" in licence_text()
    True
    """
    found = distribution("knowntruth").read_text("licenses/LICENSE")
    return found or f"Licensed under the Apache License, Version 2.0: {LICENCE_URL}\n"
