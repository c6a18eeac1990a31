"""How suspicious each check finds an estimate, as one number: the more, the more suspicious.

A verdict is a threshold on some number; the number itself shows how much a check could tell at any threshold. Where a
check is a test, the number is its distance from the null in units of its own interval; where it is a what-if, the
share of the estimate that would be gone, or how little it would take. A check without a row here is judged by its
verdict alone.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

Score = Callable[["pd.DataFrame"], Any]
"""From rows of one check to a number a row."""

ALARM: Final = "alarm"


def _from_nothing(rows: "pd.DataFrame") -> Any:
    return rows["value"].abs() / _reach(rows)


def _from_estimate(rows: "pd.DataFrame") -> Any:
    return (rows["value"] - rows["estimate"]).abs() / _reach(rows)


def _reach(rows: "pd.DataFrame") -> Any:
    return ((rows["upper"] - rows["lower"]) / 2).clip(lower=np.finfo(float).tiny)


def _share_gone(rows: "pd.DataFrame") -> Any:
    return 1 - rows["value"] / rows["estimate"]


def _little(rows: "pd.DataFrame") -> Any:
    return -rows["value"]


def _little_to_limit(rows: "pd.DataFrame") -> Any:
    return -rows["lower"]


def _value(rows: "pd.DataFrame") -> Any:
    return rows["value"]


def _bound_gone(rows: "pd.DataFrame") -> Any:
    """How much of the estimate the bound nearer to nothing leaves, taken from one."""
    nearer = rows["lower"].where(rows["value"] > 0, rows["upper"])
    return 1 - nearer / rows["value"]


def _verdict(rows: "pd.DataFrame") -> Any:
    return rows["verdict"].eq(ALARM).astype(float)


SCORES: Final[Mapping[str, Score]] = MappingProxyType({
    "placebo treatment": _from_nothing,
    "random common cause": _from_estimate,
    "data subset": _from_estimate,
    "bootstrap": _from_estimate,
    "dummy outcome": _from_nothing,
    "implied independencies": _value,
    "graph against chance": _value,
    "labels at their word": _value,
    "identification": _value,
    "bad controls": _value,
    "overlap": _value,
    "overlap rules": _value,
    "E-value": _little_to_limit,
    "robustness value": _little_to_limit,
    "benchmark cause": _share_gone,
    "unobserved common cause": _share_gone,
    "partially linear bounds": _bound_gone,
    "non-parametric bounds": _bound_gone,
    "negative-control outcome": _from_nothing,
    "negative-control exposure": _from_nothing,
})  # fmt: skip
"""What is read from each check, by its name."""

KINDS: Final[Mapping[str, str]] = MappingProxyType({
    "placebo treatment": "refuter",
    "random common cause": "refuter",
    "data subset": "refuter",
    "bootstrap": "refuter",
    "dummy outcome": "refuter",
    "unobserved common cause": "sensitivity",
    "implied independencies": "graph",
    "graph against chance": "graph",
    "labels at their word": "graph",
    "identification": "graph",
    "bad controls": "graph",
    "overlap": "graph",
    "overlap rules": "graph",
    "E-value": "sensitivity",
    "robustness value": "sensitivity",
    "benchmark cause": "sensitivity",
    "partially linear bounds": "sensitivity",
    "non-parametric bounds": "sensitivity",
    "negative-control outcome": "negative control",
    "negative-control exposure": "negative control",
})  # fmt: skip
"""What kind of check each is."""


def scored(rows: "pd.DataFrame") -> "pd.DataFrame":
    """Return rows with the column ``score``; checks without a verdict and without a row in `SCORES` are left out."""
    import pandas as pd  # noqa: PLC0415 - heavy: loaded when used

    parts = []
    for name, found in rows.groupby("name", sort=False):
        if name in SCORES:
            parts.append(found.assign(score=SCORES[str(name)](found).astype(float), kind=KINDS[str(name)]))
        elif found["verdict"].isin((ALARM, "pass")).any():
            parts.append(found.assign(score=_verdict(found), kind="other"))
    return pd.concat(parts).sort_index()
