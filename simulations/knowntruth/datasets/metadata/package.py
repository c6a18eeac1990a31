"""A package: tables described in words, so that a codebook, Croissant and a data package say the same of them.

A `Described` says what a table holds, column by column; a `Package` is some of them with a name, a description and a
licence. What is written from it (`codebook`, `croissant`, `data_package`) adds nothing of its own.
"""

from dataclasses import dataclass
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Final

from knowntruth.datasets.schema.estimands import CONTRASTS, ESTIMANDS, RECOVERIES
from knowntruth.datasets.schema.observed import OBSERVED, Column

LICENCE: Final = "Apache-2.0"
"""Of the data, as of the code that makes them; SPDX identifier."""

LICENCE_URL: Final = "https://www.apache.org/licenses/LICENSE-2.0"

RELEASED: Final = "2026-12-01"
"""When the release that makes the data was published, as in CITATION.cff."""


@dataclass(frozen=True, slots=True)
class Described:
    """A table in words: a row is what ``row`` says, and ``key`` tells rows apart."""

    name: str
    row: str
    meaning: str
    columns: tuple[Column, ...]
    rows: int
    key: tuple[str, ...] = ("session_id",)


@dataclass(frozen=True, slots=True)
class Package:
    """Tables that belong together.

    ``name`` has small letters, digits and hyphens only. ``paragraphs`` tell a reader what this is, the first one in
    short. ``formats`` are those in which each table is there. ``notes`` are further files, with what each is.
    """

    name: str
    title: str
    paragraphs: tuple[str, ...]
    tables: tuple[Described, ...]
    formats: tuple[str, ...]
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def version(self) -> str:
        """The release of what made it."""
        return version("knowntruth")

    def files(self, table: Described, folder: Path) -> list[Path]:
        """Return the files of a table in ``folder``, in the order of the formats."""
        return [path for each in self.formats if (path := folder / f"{table.name}.{each}").is_file()]


def observed(rows: int) -> Described:
    """Return the observed table in words.

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
    """Return the table of true effects in words.

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
    """Return the text of the licence as it came with the package.

    Examples
    --------
    >>> "Apache License" in licence_text()
    True
    """
    found = distribution("knowntruth").read_text("licenses/LICENSE")
    return found or f"Licensed under the Apache License, Version 2.0: {LICENCE_URL}\n"
