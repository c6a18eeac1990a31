"""Check a table of sessions against the schema, and convert each observed column to its type.

The error message names the first problem: the column, the given value, what is allowed, and the nearest name.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from knowntruth.common.errors import InputError
from knowntruth.common.names import nearest
from knowntruth.datasets.schema.observed import Column, observed_columns

if TYPE_CHECKING:
    import pandas as pd

TRUTH: Final = ("true", "yes", "1")
FALSEHOOD: Final = ("false", "no", "0")


def check(
    frame: "pd.DataFrame", needed: Iterable[str] | None = None, varying: Iterable[str] = (), source: str = "table"
) -> "pd.DataFrame":
    """Return a copy of ``frame`` whose observed columns have the types of the schema.

    Parameters
    ----------
    frame
        One row per session. Columns that are not in the schema are kept unchanged.
    needed
        Required columns; all of the schema when None.
    varying
        Columns that must take at least two values, since nothing can be learned from a constant one.
    source
        Name of the table in messages.

    Returns
    -------
    The known columns first, in the order of the schema; a nullable level is float64 with NaN where missing.

    Raises
    ------
    InputError
        For the first column that is missing, of a wrong type, out of range, of unknown category, repeated
        where it is a key, or constant where it must vary; for a table without rows.

    Examples
    --------
    >>> check(pd.DataFrame({"rated_expertise": ["2", "5"]}), needed=("rated_expertise",))["rated_expertise"].tolist()
    [2.0, 5.0]
    >>> check(pd.DataFrame({"rated_expertise": [2, 6]}), needed=("rated_expertise",), source="ours.csv")
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: ours.csv, column rated_expertise: 6 is not allowed; ...
    """
    columns = observed_columns()
    needed = tuple(columns) if needed is None else tuple(needed)
    _check_names(frame, needed, source)
    if len(frame) == 0:
        raise InputError(f"{source} has no rows: expected at least one session")
    known = {name: _typed(frame[name], column, source) for name, column in columns.items() if name in frame}
    for name in varying:
        _check_varies(known[name], source)
    others = [name for name in frame if name not in columns]
    return frame[others].assign(**known).loc[:, [*known, *others]].reset_index(drop=True)


def _check_names(frame: "pd.DataFrame", needed: tuple[str, ...], source: str) -> None:
    if not frame.columns.is_unique:
        twice = sorted({str(name) for name in frame.columns[frame.columns.duplicated()]})
        raise InputError(f"{source} has columns of the same name: {', '.join(twice)}; expected each once")
    missing = [name for name in needed if name not in frame]
    if missing:
        hints = "".join(nearest(missing[0], (n for n in map(str, frame.columns) if n not in observed_columns())))
        here = ", ".join(map(str, frame.columns[:12])) + (", …" if len(frame.columns) > 12 else "")
        raise InputError(f"{source} lacks the columns {', '.join(missing)}; it has {here or 'none'}{hints}")


def _typed(values: "pd.Series[Any]", column: Column, source: str) -> "pd.Series[Any]":
    """Return ``values`` in the type of ``column``, all of them allowed."""
    where = f"{source}, column {column.name}"
    if values.isna().any() and not column.nullable:
        count = int(values.isna().sum())
        raise InputError(f"{where}: {count} missing values; expected a {column.unit} in every row")
    if column.kind == "category":
        return _categories(values, column, where)
    if column.kind == "flag":
        return _flags(values, where)
    return _numbers(values, column, where)


def _categories(values: "pd.Series[Any]", column: Column, where: str) -> "pd.Series[Any]":
    import pandas as pd

    unknown = sorted({str(v) for v in values.unique()} - set(column.categories))
    if unknown:
        allowed = ", ".join(column.categories)
        hint = nearest(unknown[0], column.categories)
        raise InputError(f"{where}: unknown category {unknown[0]!r}; allowed: {allowed}{hint}")
    return pd.Series(pd.Categorical(values.astype(str), categories=list(column.categories)), index=values.index)


def _flags(values: "pd.Series[Any]", where: str) -> "pd.Series[Any]":
    if values.dtype == bool:
        return values
    words = values.astype(str).str.lower().str.removesuffix(".0")
    strange = ~words.isin((*TRUTH, *FALSEHOOD))
    if strange.any():
        raise InputError(f"{where}: {values[strange].iloc[0]!r} is not yes or no; allowed: true, false, 1, 0")
    return words.isin(TRUTH)


def _numbers(values: "pd.Series[Any]", column: Column, where: str) -> "pd.Series[Any]":
    import pandas as pd

    if pd.api.types.is_numeric_dtype(values.dtype) and values.dtype != bool:
        numbers = values
    else:
        numbers = pd.to_numeric(values.astype(str), errors="coerce")
    wrong = numbers.isna() & values.notna()
    if wrong.any():
        raise InputError(f"{where}: {values[wrong].iloc[0]!r} is not a number; expected {column.unit}")
    _check_range(numbers, column, where)
    typed: pd.Series[Any] = numbers.astype("float64" if column.nullable else _TYPES[column.kind])
    return typed


_TYPES: Final[dict[str, Any]] = {"id": "int64", "count": "int32", "level": "int8", "real": "float64"}
_MAX_STORED: Final = {"id": 2**63 - 1, "count": 2**31 - 1}
"""What the storage type can hold, where the schema sets no maximum."""


def _check_range(numbers: "pd.Series[Any]", column: Column, where: str) -> None:
    import numpy as np

    present = numbers.dropna()
    low = -np.inf if column.minimum is None else column.minimum
    high = _MAX_STORED.get(column.kind, np.inf) if column.maximum is None else column.maximum
    outside = ~present.between(low, high) | ~np.isfinite(present)
    whole_numbers = column.kind != "real"
    if whole_numbers:
        outside |= present % 1 != 0
    if outside.any():
        kind = "whole numbers" if whole_numbers else "numbers"
        limits = f"from {low:g} to {column.maximum:g}" if column.maximum is not None else f"of at least {low:g}"
        raise InputError(
            f"{where}: {present[outside].iloc[0]} is not allowed; expected {kind} {limits} ({column.unit})"
        )
    if column.name == "session_id" and present.duplicated().any():
        twice = present[present.duplicated()].iloc[0]
        raise InputError(f"{where}: session {twice} is in more than one row; expected each once")


def _check_varies(values: "pd.Series[Any]", source: str) -> None:
    if values.nunique() < 2:
        came = "is always missing" if values.isna().all() else f"is always {values.dropna().iloc[0]}"
        raise InputError(
            f"{source}, column {values.name}: {came}; a constant column has no information; expected two or more"
        )
