"""The scorecard: discrimination, hit rate and false alarm rate of each check and outcome.

There are two questions (`bias`): is the estimate biased, and is most of a significant estimate bias? Hits and false
alarms refer to the check's default verdict, with Wilson's limits; ``area`` is the area under the ROC curve of its
score.
"""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.design.diagnosis.diagnose_table import wilson
from knowntruth.design.scorecard.bias import classify_bias
from knowntruth.design.scorecard.roc import area, curve
from knowntruth.design.scorecard.scores import ALARM, score_rows

if TYPE_CHECKING:
    import pandas as pd

VERDICTS: Final = (ALARM, "pass")
"""Verdicts; anything else counts as no verdict and no alarm."""

NAN: Final = float("nan")


def scorecard(rows: "pd.DataFrame", question: str = "biased") -> "pd.DataFrame":
    """Return one row per check and outcome.

    Parameters
    ----------
    rows
        As of `examine.examine`.
    question
        What the check should detect: ``biased`` or ``mostly_bias``; see `bias.classify_bias`.

    Returns
    -------
    Columns outcome, kind, name; area, area_lower, area_upper; hits, hits_lower, hits_upper, false_alarms,
    false_alarms_lower, false_alarms_upper; cases, others; silent, the share of worlds without a verdict. Hits and
    false alarms are missing where a check never has a verdict.

    Examples
    --------
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
        for (outcome, name), part in select_question(rows, question).groupby(["outcome", "name"], sort=False)
    ]
    return pd.DataFrame(found)


def select_question(rows: "pd.DataFrame", question: str) -> "pd.DataFrame":
    """Return the scored rows for which the correct verdict is known.

    Examples
    --------
    >>> from knowntruth.design.scorecard.stored import load_stored
    >>> rows, _ = load_stored()
    >>> {"kind", "score"} <= set(select_question(rows, "biased"))
    True
    """
    known = score_rows(classify_bias(rows))
    return known[known[question].notna() & known["verdict"].ne("unavailable")]


def curves(rows: "pd.DataFrame", question: str = "biased") -> "pd.DataFrame":
    """Return the points of every curve: outcome, name, false_alarms, hits."""
    import pandas as pd

    parts = []
    for (outcome, name), part in select_question(rows, question).groupby(["outcome", "name"], sort=False):
        cases, others = _scores(part, question)
        if len(cases) and len(others):
            false, hits = curve(cases, others)
            parts.append(pd.DataFrame({"outcome": outcome, "name": name, "false_alarms": false, "hits": hits}))
    return pd.concat(parts, ignore_index=True)


def _row(part: "pd.DataFrame", question: str) -> dict[str, Any]:
    cases, others = _scores(part, question)
    found = area(cases, others)
    has_verdict = part["verdict"].isin(VERDICTS)
    any_verdict = bool(has_verdict.any())
    alarm = part["verdict"].eq(ALARM)
    hits = _share(alarm[part[question].eq(1.0)], any_verdict)
    false = _share(alarm[part[question].eq(0.0)], any_verdict)
    return {
        "area": found.value,
        "area_lower": found.lower,
        "area_upper": found.upper,
        "hits": hits[0],
        "hits_lower": hits[1],
        "hits_upper": hits[2],
        "false_alarms": false[0],
        "false_alarms_lower": false[1],
        "false_alarms_upper": false[2],
        "cases": found.cases,
        "others": found.others,
        "silent": float(1 - has_verdict.mean()),
    }


def _scores(part: "pd.DataFrame", question: str) -> Any:
    finite = part[np.isfinite(part["score"])]
    return tuple(finite.loc[finite[question].eq(side), "score"].to_numpy() for side in (1.0, 0.0))


def _share(alarm: "pd.Series[bool]", any_verdict: bool) -> tuple[float, float, float]:
    if not any_verdict or not len(alarm):
        return NAN, NAN, NAN
    share = float(alarm.mean())
    return (share, *wilson(share, len(alarm)))
