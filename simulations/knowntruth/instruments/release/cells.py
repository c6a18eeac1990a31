"""Cells and margins: all tables of some columns, from their full cross-classification to the total.

A cell of a margin is the sum of its base cells; an outsider takes differences of such sums. Cells without sessions
are omitted, so readers of a release know which cells are empty.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.common.arrays import Floats, Ints
from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.observed import Column, observed_columns

if TYPE_CHECKING:
    import pandas as pd


MAX_COLUMNS: Final = 8
"""With more columns there are more than 256 margins to protect."""

MAX_VALUES: Final = 100
"""A column with more values does not group: hardly two people share one."""

MISSING: Final = "missing"
"""Label of a missing value."""

FLAGS: Final = ("at_least_partial", "judged_success", "verified_success", "judged_failure", "trouble", "abandoned")
"""Outcomes released as shares of the sessions of a cell."""

OUTCOMES: Final = frozenset({*FLAGS, "outcome", "success_signal", "failure_signal", "verified_failure"})
"""Outcome columns. In a table grouped by one, a share of `FLAGS` would reveal the size of a cell."""

LOGS: Final = ("actions_per_prompt", "words_per_prompt", "price_usd")
"""Measures released as geometric means."""

NEEDED: Final = ("user_id", "clear_goal", *FLAGS, *LOGS)


@dataclass(frozen=True, slots=True)
class Margin:
    """One table: the columns that it keeps (``mask``, one bit each), and its cells.

    ``key`` has one row per cell and one column per kept column (codes); ``users`` counts distinct people, ``sums``
    has one row per cell: sessions, then the sum of each of `FLAGS`, then of the logarithm of each of `LOGS`.
    ``of_base`` is the number of the cell that holds each base cell.
    """

    mask: int
    key: Ints
    users: Ints
    sums: Floats
    of_base: Ints


@dataclass(frozen=True, slots=True)
class Tables:
    """All margins of some columns by mask; the last is the base, the first the total."""

    by: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    margins: dict[int, Margin]

    @property
    def base(self) -> Margin:
        """The table of all columns crossed."""
        return self.margins[2 ** len(self.by) - 1]


def check_by(by: tuple[str, ...]) -> None:
    """Refuse columns that identify people or sessions, that are not in the schema, or that group nothing.

    Raises
    ------
    InputError
        Naming the column and what to do instead.
    """
    known = observed_columns()
    allowed = ", ".join(name for name, column in known.items() if _groups(column))
    if not 1 <= len(by) <= MAX_COLUMNS or len(set(by)) < len(by):
        raise InputError(f"--by takes 1 to {MAX_COLUMNS} different columns, got {', '.join(by) or 'none'}")
    for name in by:
        if name in known and known[name].role == "key":
            raise InputError(f"--by {name}: keys are never released; group by what many people share: {allowed}")
        if name not in known or not _groups(known[name]):
            what = "is not a column of the schema" if name not in known else "is a measure, not a grouping"
            raise InputError(f"--by {name}: it {what}; allowed: {allowed}")


def _groups(column: Column) -> bool:
    return column.kind in ("category", "level", "flag")


def tables(frame: "pd.DataFrame", by: tuple[str, ...]) -> Tables:
    """Return every margin of ``by``, counted over the sessions with a clear goal.

    All numbers have the same population: two populations could be differenced.
    """
    import pandas as pd

    frame = frame.loc[frame["clear_goal"].to_numpy(dtype=bool), list(dict.fromkeys((*by, *NEEDED)))]
    if not len(frame):
        raise InputError("no session has a clear goal: there is nothing to release")
    coded = [_codes(frame[name]) for name in by]
    cells, cell = _crossed([codes for codes, _ in coded], [len(values) for _, values in coded])
    people = pd.factorize(frame["user_id"])[0].astype(np.int64)
    columns = [np.ones(len(frame)), *(frame[name].to_numpy(dtype=np.float64) for name in FLAGS)]
    columns += [np.log(np.maximum(frame[name].to_numpy(dtype=np.float64), 1e-9)) for name in LOGS]
    sums = np.column_stack([np.bincount(cell, weights=c, minlength=len(cells)) for c in columns])
    masks = range(2 ** len(by))
    margins = {mask: _margin(mask, cells, cell, people, sums) for mask in masks}
    return Tables(by, tuple(values for _, values in coded), margins)


def _codes(values: "pd.Series[Any]") -> tuple[Ints, tuple[str, ...]]:
    """Return a number for each session and what the numbers stand for, a missing value last."""
    import pandas as pd

    if values.nunique(dropna=False) > MAX_VALUES:
        raise InputError(
            f"--by {values.name}: it has more than {MAX_VALUES} different values, so it does not group sessions"
        )
    codes, names = pd.factorize(values, sort=True)
    missing = codes < 0
    known = [f"{name:g}" if isinstance(name, float) else str(name) for name in names]
    return np.where(missing, len(known), codes).astype(np.int64), (*known, MISSING) if missing.any() else tuple(known)


def _crossed(codes: list[Ints], sizes: list[int]) -> tuple[Ints, Ints]:
    """Return the codes of the nonempty cells, one row each, and the number of each row's cell."""
    number = np.zeros(len(codes[0]), dtype=np.int64)
    for code, size in zip(codes, sizes, strict=True):
        number = number * size + code
    _, first, cell = np.unique(number, return_index=True, return_inverse=True)
    return np.column_stack([code[first] for code in codes]), cell.astype(np.int64)


def _margin(mask: int, cells: Ints, cell: Ints, people: Ints, sums: Floats) -> Margin:
    import pandas as pd

    kept = [d for d in range(cells.shape[1]) if mask >> d & 1]
    key, of_base = np.unique(cells[:, kept], axis=0, return_inverse=True)
    of_base = of_base.ravel().astype(np.int64)
    pairs = pd.unique(of_base[cell] * (people.max() + 1) + people)
    users = np.bincount(pairs // (people.max() + 1), minlength=len(key))
    added = np.zeros((len(key), sums.shape[1]))
    np.add.at(added, of_base, sums)
    return Margin(mask, key, users, added, of_base)
