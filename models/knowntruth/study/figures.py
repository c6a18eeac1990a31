"""Every published number of the study, typed, with its role in calibration.

The numbers are in ``figures.csv`` next to this file, one row each, with window, definition and source, so that no
number of the study is typed into code. Three columns are ours rather than the study's:

- ``role``: ``calibrate`` may be fitted, ``validate`` must never be fitted and is predicted instead, ``context``
  is neither: definitions, secondary pieces, the losing side of a conflict, sums of other rows.
- ``rounding``: half the width of the printed rounding, generous where the text says "about".
- ``standard_error``: as published, or binomial where the printed counts give it (the note says so).

``kind`` names the table of `knowntruth.study.tables.registry` that computes the same number from observed rows;
``background`` rows have none.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final, Literal, cast, get_args

from knowntruth.common.errors import InputError
from knowntruth.common.names import nearest

Role = Literal["calibrate", "validate", "context"]

ROLES: Final[tuple[Role, ...]] = get_args(Role)

NAN: Final = float("nan")


@dataclass(frozen=True, slots=True)
class Figure:
    """One published number.

    ``value``, ``lower``, ``upper``, ``rounding`` and ``standard_error`` are in ``unit`` and NaN where nothing
    is published; a range has bounds and no value. ``primary`` says that the number stands in a document of
    the study's authors.
    """

    key: str
    kind: str
    role: Role
    quantity: str
    group: str
    value: float
    unit: str
    lower: float
    upper: float
    rounding: float
    standard_error: float
    window: str
    definition: str
    source: str
    primary: bool
    note: str

    @property
    def error(self) -> float:
        """The published standard error where there is one, else half the printed rounding; in ``unit``."""
        return self.standard_error if self.standard_error > 0 else self.rounding

    @property
    def usable(self) -> bool:
        """Whether the row may be fitted or predicted, so that one of the tables must compute it."""
        return self.role != "context"


@cache
def load() -> tuple[Figure, ...]:
    """Return all published figures in the order of the file.

    Examples
    --------
    >>> load()[0].key
    'n_sessions_exact'
    """
    text = resources.files("knowntruth.study").joinpath("figures.csv").read_text(encoding="utf-8")
    return tuple(_figure(row) for row in csv.DictReader(text.splitlines()))


@cache
def by_key() -> dict[str, Figure]:
    """Return all published figures by key."""
    return {each.key: each for each in load()}


def figure(key: str) -> Figure:
    """Return the published figure called ``key``.

    Raises
    ------
    InputError
        If there is no such key, with the nearest one.

    Examples
    --------
    >>> figure("a1_coef_col5").value
    0.0379
    """
    figures = by_key()
    if key in figures:
        return figures[key]
    raise InputError(f"no published figure {key!r}{nearest(key, figures)}; figures.load() lists all {len(figures)}")


def by_role(role: str) -> tuple[Figure, ...]:
    """Return the figures of one role, in the order of the file.

    Raises
    ------
    InputError
        If ``role`` is none of calibrate, validate, context.
    """
    if role not in ROLES:
        raise InputError(f"no role {role!r}; allowed: {', '.join(ROLES)}; choose one of them")
    return tuple(each for each in load() if each.role == role)


def key_if_published(key: str) -> str:
    """Return ``key`` if the study printed that cell, else an empty string.

    For tables with many cells, of which the study printed some.
    """
    return key if key in by_key() else ""


def _figure(row: dict[str, str]) -> Figure:
    return Figure(
        key=row["key"],
        kind=row["kind"],
        role=cast(Role, row["role"]),
        quantity=row["quantity"],
        group=row["group"],
        value=_number(row["value"]),
        unit=row["unit"],
        lower=_number(row["lower"]),
        upper=_number(row["upper"]),
        rounding=_number(row["rounding"]),
        standard_error=_number(row["standard_error"]),
        window=row["window"],
        definition=row["definition"],
        source=row["source"],
        primary=row["primary"] == "yes",
        note=row["note"],
    )


def _number(cell: str) -> float:
    return float(cell) if cell else NAN
