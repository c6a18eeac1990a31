"""The rows that every table is made of: tidy, in the unit of the published figure.

A row that is the twin of a published figure takes quantity, group and unit from it, so that the two cannot
drift apart; a row beyond the published ones states its own and has an empty key.
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
    """One number of a table; ``key`` is that of its published twin, or empty."""

    key: str
    quantity: str
    group: str
    unit: str
    estimate: Estimate


def twin(key: str, estimate: Estimate) -> Row:
    """Return the row whose published twin is ``key``."""
    published = figure(key)
    return Row(key, published.quantity, published.group, published.unit, estimate)


def extra(quantity: str, group: str, unit: str, estimate: Estimate) -> Row:
    """Return a row that the study did not print."""
    return Row("", quantity, group, unit, estimate)


def either(key: str, quantity: str, group: str, unit: str, estimate: Estimate) -> Row:
    """Return a twin where the study printed that cell (``key`` is not empty), else an extra row."""
    return twin(key, estimate) if key else extra(quantity, group, unit, estimate)


def table(rows: Iterable[Row]) -> pd.DataFrame:
    """Return the rows as a frame with `COLUMNS`."""
    records = [
        (r.key, r.quantity, r.group, r.unit, r.estimate.value, r.estimate.standard_error, r.estimate.n) for r in rows
    ]
    frame = pd.DataFrame.from_records(records, columns=list(COLUMNS))
    return frame.astype({"value": "float64", "standard_error": "float64", "n": "int64"})
