"""Reading sessions from a file, and checking that a table is what the analyses expect.

Anyone's table will do once it carries the observed columns that an analysis needs (see `schema`): Parquet,
Arrow or CSV, one file or a folder of them, with any further columns beside. What is wrong with a table is said
before any computing begins, with the column, what came, what is allowed, and the nearest name.

    frame = read("study")                               # the folder that `knowntruth study` wrote
    frame = read("ours.csv", needed=("user_id", "outcome"))
    frame = read("many")                                # a folder of parts that `knowntruth simulate` streamed
"""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from knowntruth.datasets.errors import InputError
from knowntruth.datasets.files import MANIFEST
from knowntruth.datasets.schema import Column, observed_columns

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

OBSERVED_FILE: Final = "observed.parquet"
"""The observed rows in a folder that a command wrote; other files there are not read."""

OBSERVED_FOLDER: Final = "observed"
"""The same where they are too many for one file: a folder of parts."""

TRUTH: Final = ("true", "yes", "1")
FALSEHOOD: Final = ("false", "no", "0")


def read(path: Path | str, needed: Iterable[str] | None = None, varying: Iterable[str] = ()) -> "pd.DataFrame":
    """Read sessions from a Parquet, Arrow or CSV file, or a folder of such, and `check` them.

    Returns
    -------
    One row per session, in the order of the file (files of a folder by name).

    Raises
    ------
    InputError
        When there is no such file, it is empty, broken or foreign, or the table fails `check`.
    """
    path = Path(path)
    return check(_joined([_frame(file) for file in _files(path)], path), needed, varying, source=str(path))


def read_any(path: Path | str, columns: Iterable[str] = ()) -> "pd.DataFrame":
    """Read a table of any columns from a Parquet, Arrow or CSV file, or a folder of such.

    Raises
    ------
    InputError
        When there is no such file, it is empty, broken or foreign, or lacks one of ``columns``.
    """
    path = Path(path)
    frame = _joined([_frame(file) for file in _files(path)], path)
    missing = [name for name in columns if name not in frame]
    if missing:
        hint = nearest(missing[0], map(str, frame.columns))
        raise InputError(f"{path} lacks the columns {', '.join(missing)}; it has {', '.join(map(str, frame))}{hint}")
    return frame


def check(
    frame: "pd.DataFrame", needed: Iterable[str] | None = None, varying: Iterable[str] = (), source: str = "table"
) -> "pd.DataFrame":
    """Return a copy of ``frame`` whose observed columns have the types of the schema.

    Parameters
    ----------
    frame
        One row per session. Columns that the schema does not know are kept as they are.
    needed
        Columns that must be there; all of the schema when None.
    varying
        Columns that must take at least two values, since nothing can be learned from a constant one.
    source
        What to call the table in messages.

    Returns
    -------
    The known columns first, in the order of the schema; a nullable level is float64 with NaN where missing.

    Raises
    ------
    InputError
        For the first column that is missing, of a wrong type, out of range, of unknown category, repeated
        where it is a key, or constant where it must vary; for a table without rows.
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


def nearest(name: str, allowed: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the nearest allowed name, or nothing when none is near.

    Examples
    --------
    >>> nearest("outcom", ["mode", "outcome"])
    "; did you mean 'outcome'?"
    """
    found = get_close_matches(str(name), [str(a) for a in allowed], n=1, cutoff=0.6)
    return f"; did you mean {found[0]!r}?" if found else ""


# Files ----------------------------------------------------------------------------------------------------------


def _files(path: Path) -> list[Path]:
    try:
        if not path.exists():
            raise InputError(f"no such file or folder: {path}; expected Parquet, Arrow or CSV{_siblings(path)}")
        if not path.is_dir():
            return [path]
        for ending in _READERS:
            if (path / OBSERVED_FOLDER).with_suffix(ending).is_file():
                return [(path / OBSERVED_FOLDER).with_suffix(ending)]
        if (path / OBSERVED_FOLDER).is_dir():
            _check_finished(path)
            path = path / OBSERVED_FOLDER
        found = sorted(file for file in path.iterdir() if file.suffix.lower() in _READERS and file.is_file())
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    if not found:
        raise InputError(f"no data in folder {path}: expected {OBSERVED_FILE} or files ending in {_ENDINGS}")
    return found


def _check_finished(path: Path) -> None:
    """Refuse a folder whose manifest says that parts are still missing; one without a manifest is a user's own."""
    manifest = path / MANIFEST
    if manifest.is_file() and b'"finished": false' in manifest.read_bytes():
        raise InputError(
            f"{path} is not finished: run the same `knowntruth simulate` again, and it goes on from there"
        )


def _siblings(path: Path) -> str:
    return nearest(path.name, [p.name for p in path.parent.iterdir()]) if path.parent.is_dir() else ""


def _frame(file: Path) -> "pd.DataFrame":
    """Read one file by its first bytes if they tell the format, else by its ending."""
    import pyarrow as pa  # noqa: PLC0415 - heavy: loaded when used

    try:
        with file.open("rb") as stream:
            start = stream.read(6)
        if not start:
            raise InputError(f"{file} is empty: expected Parquet, Arrow or CSV")
        ending = {b"PAR1": ".parquet", b"ARRO": ".arrow"}.get(start[:4], file.suffix.lower())
        if ending not in _READERS:
            raise InputError(f"{file} is of no known format: expected a file ending in {_ENDINGS}")
        frame: pd.DataFrame = _READERS[ending](file).to_pandas(ignore_metadata=True)
        return frame
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"cannot read {file}: broken, cut short or of another format ({reason})") from error


def _parquet(file: Path) -> "pa.Table":
    import pyarrow.parquet as pq  # noqa: PLC0415 - heavy: loaded when used

    return pq.ParquetFile(file).read()


def _arrow(file: Path) -> "pa.Table":
    from pyarrow import feather  # noqa: PLC0415 - heavy: loaded when used

    return feather.read_table(file)


def _csv(file: Path) -> "pa.Table":
    from pyarrow import csv  # noqa: PLC0415 - heavy: loaded when used

    text = {name: "string" for name, column in observed_columns().items() if column.kind == "category"}
    options = csv.ConvertOptions(column_types=text, strings_can_be_null=True, null_values=["", "NA", "NaN", "nan"])
    return csv.read_csv(file, convert_options=options)


_READERS: Final[dict[str, Callable[[Path], Any]]] = {
    ".parquet": _parquet, ".arrow": _arrow, ".feather": _arrow, ".csv": _csv,
}  # fmt: skip
_ENDINGS: Final = ", ".join(_READERS)


def _joined(frames: "list[pd.DataFrame]", path: Path) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415 - heavy: loaded when used

    if len({frozenset(frame.columns) for frame in frames}) > 1:
        raise InputError(f"the files in {path} have different columns: expected the same in each")
    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)


# Columns --------------------------------------------------------------------------------------------------------


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
    import pandas as pd  # noqa: PLC0415 - heavy: loaded when used

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
    import pandas as pd  # noqa: PLC0415 - heavy: loaded when used

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
_LARGEST: Final = {"id": 2**63 - 1, "count": 2**31 - 1}
"""What the storage type can hold, where the schema sets no maximum."""


def _check_range(numbers: "pd.Series[Any]", column: Column, where: str) -> None:
    import numpy as np  # noqa: PLC0415 - heavy: loaded when used

    present = numbers.dropna()
    low = -np.inf if column.minimum is None else column.minimum
    high = _LARGEST.get(column.kind, np.inf) if column.maximum is None else column.maximum
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
        raise InputError(f"{where}: session {twice} stands in more than one row; expected each once")


def _check_varies(values: "pd.Series[Any]", source: str) -> None:
    if values.nunique() < 2:
        came = "is always missing" if values.isna().all() else f"is always {values.dropna().iloc[0]}"
        raise InputError(
            f"{source}, column {values.name}: {came}; nothing can be learned from it, expected two or more"
        )
