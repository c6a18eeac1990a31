"""Answers: the hidden true effects, and submitted estimates.

Estimates are a table with one row per estimate: ``estimand``, ``contrast``, ``value``, and interval limits ``lower``
and ``upper``. A method that gives bounds only leaves ``value`` empty, one without an interval leaves the limits
empty, one without an answer all three. ``strategy`` distinguishes methods, ``dataset`` datasets. ``confidence`` is
that of the interval, 0.95 by default.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from knowntruth.common.errors import InputError
from knowntruth.common.names import nearest
from knowntruth.datasets.storage.formats import FORMATS
from knowntruth.datasets.storage.readers import read_any

if TYPE_CHECKING:
    import pandas as pd

TRUE: Final = "estimands"
"""The file of the true effects in a folder, whatever its ending."""

DATASET: Final = "dataset"
STRATEGY: Final = "strategy"
NUMBERS: Final = ("value", "lower", "upper")
ASKED: Final = ("estimand", "contrast")
CONFIDENCE: Final = 0.95


def template(true: "pd.DataFrame") -> "pd.DataFrame":
    """Return a template to fill in: every requested contrast, with empty numbers.

    Examples
    --------
    >>> true = pd.DataFrame({"estimand": ["activity_ratio"], "contrast": ["5 vs 1"], "value": [2.0]})
    >>> template(true).columns.tolist()
    ['strategy', 'estimand', 'contrast', 'value', 'lower', 'upper']
    """
    import numpy as np

    asked = true[[name for name in (DATASET, *ASKED) if name in true]]
    filled = asked.assign(**dict.fromkeys(NUMBERS, np.nan))
    filled.insert(0, STRATEGY, "mine")
    return filled


def true_effects(folder: Path) -> "pd.DataFrame":
    """Return the true effects that a folder holds, with at least estimand, contrast, scale, value and mcse.

    Raises
    ------
    InputError
        If there is no such folder, or it holds none.
    """
    found = [folder / f"{TRUE}.{ending}" for ending in FORMATS if (folder / f"{TRUE}.{ending}").is_file()]
    if not found:
        raise InputError(
            f"no true effects in {folder}: expected {TRUE}.csv or {TRUE}.parquet, as the sealed folder "
            "of `knowntruth dataset --hide-truth` has"
        )
    return read_any(found[0], (*ASKED, "scale", "value", "mcse"))


def estimates(path: Path, true: "pd.DataFrame") -> "pd.DataFrame":
    """Read estimates and check them against the requested contrasts.

    Returns
    -------
    The rows in their order, with the columns dataset (where ``true`` has it), strategy, estimand, contrast, value,
    lower, upper, confidence.

    Raises
    ------
    InputError
        For a missing column, a contrast that was not requested or is given twice, or an impossible number.
    """
    by_dataset = (DATASET,) if DATASET in true else ()
    rows = read_any(path, (*by_dataset, *ASKED, *NUMBERS))
    return check_estimates(rows, true, str(path))


def check_estimates(rows: "pd.DataFrame", true: "pd.DataFrame", source: str) -> "pd.DataFrame":
    """Return estimates in standard form; errors are those of `estimates`."""
    keys = [name for name in (DATASET, *ASKED) if name in true]
    rows = rows.assign(**{name: rows[name].astype(str) for name in keys})
    if len(rows) == 0:
        raise InputError(f"{source} holds no estimates: expected one row per estimate, see `knowntruth score --help`")
    rows[STRATEGY] = rows[STRATEGY].astype(str) if STRATEGY in rows else "submitted"
    for name in (*NUMBERS, "confidence"):
        rows[name] = _numbers(rows[name], name, source) if name in rows else CONFIDENCE
    rows["confidence"] = rows["confidence"].fillna(CONFIDENCE)
    for name in keys:
        _check_known(rows[name], true[name].astype(str), f"{source}, column {name}")
    _check_asked(rows, true, keys, source)
    _check_limits(rows, true, source)
    return rows[[*keys[:-2], STRATEGY, *ASKED, *NUMBERS, "confidence"]].reset_index(drop=True)


def _numbers(values: "pd.Series[Any]", name: str, source: str) -> "pd.Series[Any]":
    import numpy as np
    import pandas as pd

    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    given = values.notna() & values.astype(str).str.strip().ne("")
    wrong = given & ~np.isfinite(numbers)
    if wrong.any():
        where = f"{source}, column {name}, row {int(wrong.to_numpy().argmax()) + 1}"
        raise InputError(
            f"{where}: {values[wrong].iloc[0]!r} is not a finite number; leave it empty where there is none"
        )
    return numbers


def _check_known(values: "pd.Series[str]", known: Iterable[str], where: str) -> None:
    allowed = list(dict.fromkeys(known))
    for value in values.unique():
        if value not in allowed:
            raise InputError(
                f"{where}: {value!r} was not asked for; allowed: {', '.join(allowed[:30])}{nearest(value, allowed)}"
            )


def _check_asked(rows: "pd.DataFrame", true: "pd.DataFrame", keys: list[str], source: str) -> None:
    asked = set(true[keys].astype(str).itertuples(index=False, name=None))
    for row in rows[keys].itertuples(index=False, name=None):
        if row not in asked:
            raise InputError(f"{source}: {', '.join(row)} was not asked for; it has no true effect in the answers")
    twice = rows.duplicated([STRATEGY, *keys])
    if twice.any():
        which = ", ".join(rows.loc[twice, [STRATEGY, *keys]].iloc[0])
        raise InputError(
            f"{source}: {which} is in more than one row; give each estimate once, or tell methods "
            f"apart by a column {STRATEGY!r}"
        )


def _check_limits(rows: "pd.DataFrame", true: "pd.DataFrame", source: str) -> None:
    def refuse(wrong: "pd.Series[bool]", what: str) -> None:
        if wrong.any():
            row = rows[wrong].iloc[0]
            raise InputError(f"{source}: {row['estimand']} {row['contrast']} of {row[STRATEGY]} {what}")

    refuse(rows["lower"].isna() != rows["upper"].isna(), "has one limit only; give both, or neither")
    refuse(rows["lower"] > rows["upper"], "has its lower limit above its upper one; swap them")
    refuse(~rows["confidence"].between(0, 1, inclusive="neither"), "has a confidence outside 0-1; 0.95 is usual")
    ratios = rows["estimand"].isin(true.loc[true["scale"] == "ratio", "estimand"])
    for name in NUMBERS:
        refuse(ratios & (rows[name] <= 0), f"is a ratio, and its {name} is not above 0; no effect is 1, not 0")
