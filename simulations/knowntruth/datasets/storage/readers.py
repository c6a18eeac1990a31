"""Read sessions from a file and check them against the schema (`schema.check`).

Any table works if it has the observed columns that an analysis needs (see `schema.observed`): Parquet, Arrow or CSV,
one file or a folder of files, with any further columns.

    frame = read("study")                               # the folder that `knowntruth study` wrote
    frame = read("ours.csv", needed=("user_id", "outcome"))
    frame = read("many")                                # parts that `knowntruth simulate` streamed
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from knowntruth.common.errors import InputError
from knowntruth.common.names import nearest
from knowntruth.datasets.schema.check import check
from knowntruth.datasets.schema.observed import observed_columns
from knowntruth.datasets.storage.files import MANIFEST

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

OBSERVED_FILE: Final = "observed.parquet"
"""The observed rows in a folder that a command wrote; other files there are not read."""

OBSERVED_FOLDER: Final = "observed"
"""The folder of parts, if there are too many rows for one file."""


def read(path: Path | str, needed: Iterable[str] | None = None, varying: Iterable[str] = ()) -> "pd.DataFrame":
    r"""Read sessions from a Parquet, Arrow or CSV file, or a folder of such, and `check` them.

    Returns
    -------
    One row per session, in the order of the file (files of a folder by name).

    Raises
    ------
    InputError
        When there is no such file, it is empty, broken or of another format, or the table fails `check`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     file = Path(place) / "ours.csv"
    ...     _ = file.write_text("session_id,user_id,team\n1,7,red\n2,7,blue\n")
    ...     frame = read(file, needed=("session_id", "user_id"))
    >>> list(frame)
    ['session_id', 'user_id', 'team']
    """
    path = Path(path)
    return check(_joined([_frame(file) for file in _files(path)], path), needed, varying, source=str(path))


def read_any(path: Path | str, columns: Iterable[str] = ()) -> "pd.DataFrame":
    r"""Read a table of any columns from a Parquet, Arrow or CSV file, or a folder of such.

    Raises
    ------
    InputError
        When there is no such file, it is empty, broken or of another format, or lacks one of ``columns``.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     file = Path(place) / "audit.csv"
    ...     _ = file.write_text("session_id,domain_expertise\n1,4\n")
    ...     frame = read_any(file, ("session_id", "domain_expertise"))
    >>> frame["domain_expertise"].tolist()
    [4]
    """
    path = Path(path)
    frame = _joined([_frame(file) for file in _files(path)], path)
    missing = [name for name in columns if name not in frame]
    if missing:
        hint = nearest(missing[0], map(str, frame.columns))
        raise InputError(f"{path} lacks the columns {', '.join(missing)}; it has {', '.join(map(str, frame))}{hint}")
    return frame


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
    """Read one file; the first bytes determine the format, or else the ending."""
    import pyarrow as pa

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
    import pyarrow.parquet as pq

    return pq.ParquetFile(file).read()


def _arrow(file: Path) -> "pa.Table":
    from pyarrow import feather

    return feather.read_table(file)


def _csv(file: Path) -> "pa.Table":
    from pyarrow import csv

    text = {name: "string" for name, column in observed_columns().items() if column.kind == "category"}
    options = csv.ConvertOptions(column_types=text, strings_can_be_null=True, null_values=["", "NA", "NaN", "nan"])
    return csv.read_csv(file, convert_options=options)


_READERS: Final[dict[str, Callable[[Path], Any]]] = {
    ".parquet": _parquet, ".arrow": _arrow, ".feather": _arrow, ".csv": _csv,
}  # fmt: skip
_ENDINGS: Final = ", ".join(_READERS)


def _joined(frames: "list[pd.DataFrame]", path: Path) -> "pd.DataFrame":
    import pandas as pd

    if len({frozenset(frame.columns) for frame in frames}) > 1:
        raise InputError(f"the files in {path} have different columns: expected the same in each")
    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
