"""The scorecard: of each check and outcome, how well it tells, how often it hits, and how often it cries wolf.

Two questions are asked (`bias`): is the estimate biased, and is most of a significant finding bias? Hits and false
alarms are those at the check's own default verdict, with Wilson's limits; ``area`` is what its number could tell at
any threshold.
"""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.design.diagnosis.diagnose_table import wilson
from knowntruth.design.scorecard.bias import judged
from knowntruth.design.scorecard.roc import area, curve
from knowntruth.design.scorecard.scores import ALARM, scored

if TYPE_CHECKING:
    import pandas as pd

SPOKE: Final = (ALARM, "pass")
"""Verdicts; anything else is silence, which is no alarm."""

NAN: Final = float("nan")


def scorecard(rows: "pd.DataFrame", question: str = "biased") -> "pd.DataFrame":
    """Return a row a check and outcome.

    Parameters
    ----------
    rows
        As of `examined.examine`.
    question
        What is to be told apart: ``biased`` or ``mostly_bias``; see `bias.judged`.

    Returns
    -------
    Columns outcome, kind, name; area, area_lower, area_upper; hits, hits_lower, hits_upper, false_alarms,
    false_alarms_lower, false_alarms_upper; cases, others; silent, the share of worlds without a verdict. Hits and
    false alarms are missing where a check never has a verdict.

    Examples
    --------
    >>> import pandas as pd
    >>> world = {"outcome": "verified_success", "estimate": 0.1, "error": 0.01, "bias_error": 0.001, "true": 0.1}
    >>> alarmed = {"name": "placebo treatment", "value": 0.0, "lower": -0.1, "upper": 0.1}
    >>> rows = pd.DataFrame([
    ...     {**world, **alarmed, "world": 0, "bias": 0.09, "verdict": "alarm"},
    ...     {**world, **alarmed, "world": 1, "bias": 0.0, "verdict": "pass"},
    ... ])
    >>> scorecard(rows)[["name", "hits", "false_alarms"]].values.tolist()
    [['placebo treatment', 1.0, 0.0]]
    """
    import pandas as pd

    found = [
        {"outcome": outcome, "kind": part["kind"].iloc[0], "name": name, **_row(part, question)}
        for (outcome, name), part in asked(rows, question).groupby(["outcome", "name"], sort=False)
    ]
    return pd.DataFrame(found)


def asked(rows: "pd.DataFrame", question: str) -> "pd.DataFrame":
    """Return the scored rows of which it is known what should be said.

    Examples
    --------
    >>> from knowntruth.design.scorecard.stored import stored
    >>> rows, _ = stored()
    >>> {"kind", "score"} <= set(asked(rows, "biased"))
    True
    """
    known = scored(judged(rows))
    return known[known[question].notna() & known["verdict"].ne("unavailable")]


def curves(rows: "pd.DataFrame", question: str = "biased") -> "pd.DataFrame":
    """Return the points of every curve: outcome, name, false_alarms, hits."""
    import pandas as pd

    parts = []
    for (outcome, name), part in asked(rows, question).groupby(["outcome", "name"], sort=False):
        cases, others = _scores(part, question)
        if len(cases) and len(others):
            false, hits = curve(cases, others)
            parts.append(pd.DataFrame({"outcome": outcome, "name": name, "false_alarms": false, "hits": hits}))
    return pd.concat(parts, ignore_index=True)


def _row(part: "pd.DataFrame", question: str) -> dict[str, Any]:
    cases, others = _scores(part, question)
    found = area(cases, others)
    spoke = part["verdict"].isin(SPOKE)
    speaks = bool(spoke.any())
    alarm = part["verdict"].eq(ALARM)
    hits = _share(alarm[part[question].eq(1.0)], speaks)
    false = _share(alarm[part[question].eq(0.0)], speaks)
    return {
        "area": found.value, "area_lower": found.lower, "area_upper": found.upper,
        "hits": hits[0], "hits_lower": hits[1], "hits_upper": hits[2],
        "false_alarms": false[0], "false_alarms_lower": false[1], "false_alarms_upper": false[2],
        "cases": found.cases, "others": found.others, "silent": float(1 - spoke.mean()),
    }  # fmt: skip


def _scores(part: "pd.DataFrame", question: str) -> Any:
    finite = part[np.isfinite(part["score"])]
    return tuple(finite.loc[finite[question].eq(side), "score"].to_numpy() for side in (1.0, 0.0))


def _share(alarm: "pd.Series[bool]", speaks: bool) -> tuple[float, float, float]:
    if not speaks or not len(alarm):
        return NAN, NAN, NAN
    share = float(alarm.mean())
    return (share, *wilson(share, len(alarm)))
