"""Scoring: error of estimates, coverage of their intervals, and interval score.

Ratios are compared as logarithms, so twice too large and twice too small count the same. The interval score
(Gneiting and Raftery 2007, doi:10.1198/016214506000001437, eq. 43) is the width of an interval, plus ``2 / (1 -
confidence)`` times the distance by which it misses: small for intervals that are short *and* contain the truth. It is
proper: the expected score is best for the interval of the true beliefs.
"""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.datasets.scoring.answers import ASKED, DATASET, STRATEGY

if TYPE_CHECKING:
    import pandas as pd

STRATUM: Final = "stratum"
"""Column that groups datasets that are replicates of each other."""

SCALES: Final = {"ratio": "log ratio", "difference": "probability"}


def grade(estimates: "pd.DataFrame", true: "pd.DataFrame") -> "pd.DataFrame":
    """Return the estimates with the truth and their errors, in the same order.

    Returns
    -------
    The columns of ``estimates``, and truth, truth_error (its Monte Carlo error), unit, error (estimate less truth),
    holds (the interval holds the truth; missing without an interval) and interval_score, these in ``unit``; and
    the stratum, where ``true`` has it.

    Examples
    --------
    >>> key = {"estimand": ["success_difference"], "contrast": ["5 vs 1"]}
    >>> true = pd.DataFrame({**key, "scale": "difference", "value": 0.3, "mcse": 0.001})
    >>> found = {"strategy": "mine", "value": 0.2, "lower": 0.1, "upper": 0.25, "confidence": 0.95}
    >>> mine = pd.DataFrame({**key, **found})
    >>> row = grade(mine, true).iloc[0]
    >>> round(float(row["error"]), 3), row["holds"], round(float(row["interval_score"]), 3)
    (-0.1, False, 2.15)
    """
    keys = [name for name in (DATASET, *ASKED) if name in true]
    more = [name for name in (STRATUM,) if name in true]
    known = true[[*keys, *more, "scale", "value", "mcse"]].rename(columns={"value": "truth", "mcse": "truth_error"})
    rows = estimates.merge(known, on=keys, how="left", validate="many_to_one")
    ratio = rows["scale"].eq("ratio").to_numpy()
    truth, value, lower, upper = (_scaled(rows[name], ratio) for name in ("truth", "value", "lower", "upper"))
    rows["unit"] = rows.pop("scale").map(SCALES)
    rows["error"] = value - truth
    rows["holds"] = np.where(np.isnan(lower), None, (lower <= truth) & (truth <= upper))
    rows["interval_score"] = interval_score(lower, upper, truth, rows["confidence"].to_numpy())
    return rows


def _scaled(values: "pd.Series[Any]", ratio: Any) -> Any:
    numbers = values.to_numpy(dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(ratio, np.log(numbers), numbers)


def interval_score(lower: Any, upper: Any, truth: Any, confidence: Any) -> Any:
    """Return the interval score of intervals, all arguments of shape (n,); less is better.

    Examples
    --------
    >>> [round(float(interval_score(0.0, 1.0, truth, 0.9)), 6) for truth in (0.5, 1.1)]
    [1.0, 3.0]
    """
    missed = np.maximum(lower - truth, 0.0) + np.maximum(truth - upper, 0.0)
    return upper - lower + 2.0 / (1.0 - confidence) * missed


def summarize(rows: "pd.DataFrame") -> "pd.DataFrame":
    """Return one row per strategy and estimand: number of answers and their quality.

    Returns
    -------
    strategy, estimand, unit, asked, points (with a number), bias, rmse, intervals (with limits), coverage,
    interval_score; each of the last with its Monte Carlo error in a column ``…_error``. The error is over the
    replicates of each stratum, for fixed strata. It is missing if a stratum has one replicate, and without
    replicates: the contrasts of one dataset are no replicates.

    Examples
    --------
    >>> row = {"strategy": "mine", "estimand": "success_difference", "unit": "probability", "holds": True}
    >>> rows = pd.DataFrame([{**row, "error": e, "interval_score": 0.2} for e in (0.1, -0.1)])
    >>> summarize(rows)[["asked", "points", "bias", "rmse", "coverage"]].values.tolist()
    [[2.0, 2.0, 0.0, 0.1, 1.0]]
    """
    import pandas as pd

    groups = rows.groupby([STRATEGY, "estimand", "unit"], sort=False)
    return pd.DataFrame(
        [
            {**dict(zip((STRATEGY, "estimand", "unit"), names, strict=True)), **_summed(group)}
            for names, group in groups
        ]
    )


def _summed(group: "pd.DataFrame") -> dict[str, Any]:
    strata = group[STRATUM].to_numpy() if STRATUM in group else np.arange(len(group))
    errors = group["error"].to_numpy(dtype=np.float64)
    bias, bias_error, points = _mean(errors, strata)
    square, square_error, _ = _mean(errors**2, strata)
    rmse = float(np.sqrt(square))
    holds = group["holds"].astype("float64").to_numpy()
    coverage, coverage_error, intervals = _mean(holds, strata)
    score, score_error, _ = _mean(group["interval_score"].to_numpy(dtype=np.float64), strata)
    return {
        "asked": len(group),
        "points": points,
        "bias": bias,
        "bias_error": bias_error,
        "rmse": rmse,
        "rmse_error": square_error / (2 * rmse) if rmse > 0 else square_error,
        "intervals": intervals,
        "coverage": coverage,
        "coverage_error": coverage_error,
        "interval_score": score,
        "interval_score_error": score_error,
    }


def _mean(values: Any, strata: Any) -> tuple[float, float, int]:
    """Return the mean of the finite values, its standard error over replicates within strata, and the number.

    The variance of a stratified mean: the sum of n_h s_h^2 over strata, divided by n^2 (Cochran 1977, chapter 5).
    """
    finite = np.isfinite(values)
    values, strata = values[finite], strata[finite]
    if len(values) == 0:
        return float("nan"), float("nan"), 0
    parts = [values[strata == one] for one in np.unique(strata)]
    if any(len(part) < 2 for part in parts):
        return float(values.mean()), float("nan"), len(values)
    variance = sum(len(part) * part.var(ddof=1) for part in parts) / len(values) ** 2
    return float(values.mean()), float(np.sqrt(variance)), len(values)
