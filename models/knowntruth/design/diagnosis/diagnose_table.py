"""Diagnosis: the diagnosands of a table of replicates, by any columns, each with its Monte Carlo error.

The table may be new or read from a folder; nothing is simulated here.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.common.names import look_up
from knowntruth.design.diagnosis.diagnosands import DIAGNOSANDS, Diagnosand, replicate_arrays
from knowntruth.design.sources.subgroups import EVERYONE

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Final = ("diagnosand", "value", "mcse", "lower", "upper", "replicates")
"""Columns of a diagnosis after the grouping columns; lower and upper are 95% Monte Carlo limits."""

NEVER_MIXED: Final = ("strategy", "estimand", "contrast", "subgroup")
"""Columns that every diagnosis is grouped by; a table without subgroups is about everyone."""

REACH: Final = 1.959963984540054
"""Standard errors to either side of a 95% interval."""

NAN: Final = float("nan")


def diagnose_table(
    table: "pd.DataFrame",
    by: Sequence[str] | None = None,
    diagnosands: Iterable[str | Diagnosand] = tuple(DIAGNOSANDS),
    **groups: "Callable[[pd.DataFrame], Any]",
) -> "pd.DataFrame":
    """Return one row per group and diagnosand: the grouping columns, then `COLUMNS`.

    Parameters
    ----------
    table
        Replicates, as `diagnose` returns and stores them.
    by
        Columns to group by besides strategy, estimand and contrast; by default the world and all that was varied.
    diagnosands
        Names from `DIAGNOSANDS`, or your own.
    groups
        Further columns to group by, as expressions: ``significant=lambda rows: rows.lower > rows.no_effect``.

    Raises
    ------
    InputError
        If a column or a diagnosand is unknown.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "world": "null", "replicate": [0, 1], "strategy": "naive", "estimand": "verified_difference",
    ...     "contrast": "5 vs 1", "estimate": [0.1, 0.3], "lower": [0.0, 0.2], "upper": [0.2, 0.4],
    ...     "standard_error": 0.05, "truth": 0.15, "truth_error": 0.0, "no_effect": 0.0, "seconds": 0.1, "error": "",
    ... })
    >>> diagnose_table(table, diagnosands=["bias", "coverage"])["value"].round(3).tolist()
    [0.05, 0.5]
    """
    wanted = [
        each if isinstance(each, Diagnosand) else look_up("no diagnosand", each, DIAGNOSANDS) for each in diagnosands
    ]
    table = (table if "subgroup" in table else table.assign(subgroup=EVERYONE)).assign(**groups)
    keys = list(dict.fromkeys([*(case_columns(table) if by is None else by), *groups, *NEVER_MIXED]))
    if missing := [key for key in keys if key not in table]:
        raise InputError(f"no column {missing[0]!r} to group by; there are {', '.join(table.columns)}")
    return _framed(table, keys, wanted)


def case_columns(table: "pd.DataFrame") -> list[str]:
    """Return the columns of a table of replicates that identify the case: the world and what was varied."""
    return list(table.columns[: list(table.columns).index("replicate")])


def estimate_diagnosand(diagnosand: Diagnosand, rows: "pd.DataFrame") -> tuple[float, float, float, float, int]:
    """Return a diagnosand of some replicates: value, Monte Carlo error, lower and upper limit, and number."""
    terms = np.array(diagnosand.terms(replicate_arrays(rows)), dtype=np.float64)
    terms = terms[:, np.isfinite(terms).all(axis=0)]
    n = terms.shape[1]
    if n == 0:
        return NAN, NAN, NAN, NAN, 0
    value = float(diagnosand.formula(*terms.mean(axis=1)))
    error = jackknife(diagnosand, terms)
    if diagnosand.about_truth:
        error = float(np.hypot(error, _of_truth(rows)))
    lower, upper = wilson(value, n) if diagnosand.share else (value - REACH * error, value + REACH * error)
    return value, error, lower, upper, n


def jackknife(diagnosand: Diagnosand, terms: Floats) -> float:
    """Return the standard error of a diagnosand of ``terms`` (k, R) by leaving out one replicate at a time.

    Efron and Stein 1981 (doi:10.1214/aos/1176345462). From sums, hence one vectorised call for all R replicates.
    """
    n = terms.shape[1]
    if n < 2:
        return NAN
    left = np.asarray(diagnosand.formula(*((terms.sum(axis=1, keepdims=True) - terms) / (n - 1))))
    left = left[np.isfinite(left)]
    return float(np.sqrt((n - 1) * left.var())) if len(left) else NAN


def wilson(share: float, n: int) -> tuple[float, float]:
    """Return Wilson's 95% limits of a share of ``n``, which have positive width at 0 and 1 (doi:10.2307/2276774).

    Examples
    --------
    >>> [round(limit, 3) for limit in wilson(1.0, 100)]
    [0.963, 1.0]
    """
    square = REACH**2
    middle = (share + square / (2 * n)) / (1 + square / n)
    reach = REACH * float(np.sqrt(share * (1 - share) / n + square / (4 * n**2))) / (1 + square / n)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _framed(table: "pd.DataFrame", keys: list[str], wanted: list[Diagnosand]) -> "pd.DataFrame":
    import pandas as pd

    found = [
        (*group, diagnosand.name, *estimate_diagnosand(diagnosand, rows))
        for group, rows in table.groupby(keys, sort=False, dropna=False, observed=True)
        for diagnosand in wanted
    ]
    return pd.DataFrame(found, columns=[*keys, *COLUMNS])


def _of_truth(rows: "pd.DataFrame") -> float:
    """Return the error of the mean truth; replicates share one truth, so it does not average out."""
    each = rows[["world", "estimand", "truth", "truth_error"]].value_counts(dropna=False)
    shares = each.to_numpy(dtype=np.float64) / len(rows)
    errors = np.nan_to_num(each.index.get_level_values("truth_error").to_numpy(dtype=np.float64))
    return float(np.sqrt(((shares * errors) ** 2).sum()))
