"""Scores: the evidence of each check against an estimate as one number; higher means more suspicious.

A verdict is a threshold on a number; the number itself shows how well a check discriminates at any threshold. For a
test, the score is the distance from the null in units of half its interval. For a sensitivity analysis, it is the
share of the estimate that would be removed, or the negative of the strength needed. A check without a row in `SCORES`
is scored by its verdict.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

Score = Callable[["pd.DataFrame"], Any]
"""From the rows of one check to one number per row."""

ALARM: Final = "alarm"


def _from_nothing(rows: "pd.DataFrame") -> Any:
    return rows["value"].abs() / _reach(rows)


def _from_estimate(rows: "pd.DataFrame") -> Any:
    return (rows["value"] - rows["estimate"]).abs() / _reach(rows)


def _reach(rows: "pd.DataFrame") -> Any:
    return ((rows["upper"] - rows["lower"]) / 2).clip(lower=np.finfo(float).tiny)


def _share_gone(rows: "pd.DataFrame") -> Any:
    return 1 - rows["value"] / rows["estimate"]


def _little_to_limit(rows: "pd.DataFrame") -> Any:
    return -rows["lower"]


def _value(rows: "pd.DataFrame") -> Any:
    return rows["value"]


def _bound_gone(rows: "pd.DataFrame") -> Any:
    """Return the share of the estimate that the bound nearest zero removes."""
    nearer = rows["lower"].where(rows["value"] > 0, rows["upper"])
    return 1 - nearer / rows["value"]


def _verdict(rows: "pd.DataFrame") -> Any:
    return rows["verdict"].eq(ALARM).astype(float)


SCORES: Final[Mapping[str, tuple[str, Score]]] = MappingProxyType({
    "placebo treatment": ("refuter", _from_nothing),
    "random common cause": ("refuter", _from_estimate),
    "data subset": ("refuter", _from_estimate),
    "bootstrap": ("refuter", _from_estimate),
    "dummy outcome": ("refuter", _from_nothing),
    "implied independencies": ("graph", _value),
    "graph against chance": ("graph", _value),
    "label errors": ("graph", _value),
    "identification": ("graph", _value),
    "bad controls": ("graph", _value),
    "overlap": ("graph", _value),
    "overlap rules": ("graph", _value),
    "E-value": ("sensitivity", _little_to_limit),
    "robustness value": ("sensitivity", _little_to_limit),
    "benchmark cause": ("sensitivity", _share_gone),
    "unobserved common cause": ("sensitivity", _share_gone),
    "partially linear bounds": ("sensitivity", _bound_gone),
    "non-parametric bounds": ("sensitivity", _bound_gone),
    "negative-control outcome": ("negative control", _from_nothing),
    "negative-control exposure": ("negative control", _from_nothing),
})  # fmt: skip
"""The kind of each check by name, and its score."""


def score_rows(rows: "pd.DataFrame") -> "pd.DataFrame":
    """Return rows with the column ``score``; checks without a verdict and without a row in `SCORES` are left out."""
    import pandas as pd

    parts = []
    for name, found in rows.groupby("name", sort=False):
        if name in SCORES:
            kind, score = SCORES[str(name)]
            parts.append(found.assign(score=score(found).astype(float), kind=kind))
        elif found["verdict"].isin((ALARM, "pass")).any():
            parts.append(found.assign(score=_verdict(found), kind="other"))
    return pd.concat(parts).sort_index()
