"""The rows of every table: tidy, in the unit of the published figure.

A row that corresponds to a published figure takes quantity, group and unit from it, so that the two always match. A
row that the study did not print states its own and has an empty key.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pandas as pd

from knowntruth.study.estimation.estimates import Estimate
from knowntruth.study.figures import figure

COLUMNS: Final = ("key", "quantity", "group", "unit", "value", "standard_error", "n")
"""Columns of every table; ``value`` and ``standard_error`` are in ``unit``, ``n`` counts sessions."""


@dataclass(frozen=True, slots=True)
class Row:
    """One number of a table; ``key`` is that of the published figure it corresponds to, or empty."""

    key: str
    quantity: str
    group: str
    unit: str
    estimate: Estimate


def published_row(key: str, estimate: Estimate) -> Row:
    """Return the row that corresponds to the published figure ``key``."""
    published = figure(key)
    return Row(key, published.quantity, published.group, published.unit, estimate)


def unpublished_row(quantity: str, group: str, unit: str, estimate: Estimate) -> Row:
    """Return a row that the study did not print."""
    return Row("", quantity, group, unit, estimate)


def make_row(key: str, quantity: str, group: str, unit: str, estimate: Estimate) -> Row:
    """Return a `published_row` if ``key`` is not empty (the study printed the cell), else an `unpublished_row`."""
    return published_row(key, estimate) if key else unpublished_row(quantity, group, unit, estimate)


def table(rows: Iterable[Row]) -> pd.DataFrame:
    """Return the rows as a frame with `COLUMNS`."""
    records = [
        (r.key, r.quantity, r.group, r.unit, r.estimate.value, r.estimate.standard_error, r.estimate.n) for r in rows
    ]
    frame = pd.DataFrame.from_records(records, columns=list(COLUMNS))
    return frame.astype({"value": "float64", "standard_error": "float64", "n": "int64"})
