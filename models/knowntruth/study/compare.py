"""Compare the tables with the published numbers: how far a set of observed rows is from the study.

A gap is counted in units of the published error: the standard error where the study printed one (or its counts
give one), else half the printed rounding. A gap of one unit is within the precision of the print; it is not a test
of significance, because the simulated number has a standard error too. ``z`` divides by both errors combined.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from knowntruth.study.figures import Figure, by_key

COLUMNS: Final = (
    "key", "kind", "quantity", "group", "unit", "role", "published", "lower", "upper", "rounding",
    "published_error", "simulated", "standard_error", "gap", "gap_in_errors", "z", "n", "note",
)  # fmt: skip
"""Columns of the comparison; all numbers but ``gap_in_errors``, ``z`` and ``n`` are in ``unit``."""


def compare(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Compare every published figure that ``tables`` compute with its simulated value, in the order of the figures.

    Parameters
    ----------
    tables
        The result of `knowntruth.study.tables.registry.compute`, or part of it.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. ``gap`` is simulated minus published; where the study printed a range, it is the
        distance outside the range and 0 inside. ``gap_in_errors`` is ``gap`` over ``published_error``, ``z`` over the
        standard error of the difference, which includes the simulation's own error.

    Examples
    --------
    >>> from knowntruth.study.tables.registry import compute
    >>> rows = kt.simulate("published", 1000).to_frame()
    >>> compare(compute(rows, ["figure_1"]))[["published", "simulated"]].shape[1]
    2
    """
    simulated = {
        row["key"]: row for frame in tables.values() for row in frame.to_dict("records") if row["key"] in by_key()
    }
    records = [_record(each, simulated[key]) for key, each in by_key().items() if key in simulated]
    return pd.DataFrame.from_records(records, columns=list(COLUMNS))


def gap(published: Figure, simulated: float) -> float:
    """Return how far ``simulated`` lies from the published value, or from the nearer end of a published range.

    Examples
    --------
    >>> from knowntruth.study.figures import figure
    >>> gap(figure("abandoned_trouble_everyone_else"), 9.0)
    2.0
    """
    if published.value == published.value:
        return simulated - published.value
    nearest = min(max(simulated, published.lower), published.upper)
    return simulated - nearest


def _record(published: Figure, row: Mapping[Any, Any]) -> dict[str, Any]:
    distance = gap(published, row["value"])
    own_error = 0.0 if math.isnan(row["standard_error"]) else row["standard_error"]
    return {
        "key": published.key,
        "kind": published.kind,
        "quantity": published.quantity,
        "group": published.group,
        "unit": published.unit,
        "role": published.role,
        "published": published.value,
        "lower": published.lower,
        "upper": published.upper,
        "rounding": published.rounding,
        "published_error": published.error,
        "simulated": row["value"],
        "standard_error": row["standard_error"],
        "gap": distance,
        "gap_in_errors": distance / published.error,
        "z": distance / math.hypot(published.error, own_error),
        "n": row["n"],
        "note": published.note,
    }
