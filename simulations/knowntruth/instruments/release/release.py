"""Release: the cells that may be published, as one table, attacked before it is returned.

released = release(observed, ("user_occupation", "month"), min_users=20)
released.table        # one row per cell and margin; suppressed numbers are missing
released.summary      # the request, what is suppressed, and the result of the attack
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.check import check
from knowntruth.instruments.release.attack import determined, system
from knowntruth.instruments.release.bounds import TOLERANCE, widths
from knowntruth.instruments.release.cells import FLAGS, LOGS, NEEDED, OUTCOMES, Margin, Tables, check_by, tables
from knowntruth.instruments.release.rounding import check_rounding, round_tables
from knowntruth.instruments.release.suppression import Protected, protect

if TYPE_CHECKING:
    import pandas as pd

ALL: Final = "(all)"
"""Value of a column that a margin sums over."""

ALIASES: Final = {"occupation": "user_occupation"}
"""Short names on the command line."""


@dataclass(frozen=True)
class Released:
    """A release: one row per cell of every margin, and a summary of what is suppressed."""

    table: "pd.DataFrame"
    summary: dict[str, Any]


def release(observed: "pd.DataFrame", by: tuple[str, ...], min_users: int = 20, to: int | None = None) -> Released:
    """Return every cell and margin of ``by`` that may be published.

    Parameters
    ----------
    observed
        Rows with the observed schema; only the columns that are released are read.
    by
        Columns that group sessions: categories, levels or flags. Never a key.
    min_users
        Minimum number of distinct people per cell, and minimum width of the bounds of every suppressed cell.
    to
        Round to multiples of it (`rounding`); exact numbers when None.

    Returns
    -------
    The table has the columns of ``by`` (``(all)`` where summed over), sessions with a clear goal, users, the share of
    each outcome, and geometric means of the measures. Numbers of suppressed cells are missing; a release
    does not state whether they have too few people or protect another cell. Cells without sessions are not listed. A
    table grouped by an outcome has no shares of outcomes: those of the total would reveal suppressed sizes.

    Raises
    ------
    InputError
        If a column may not be released, there are too few people, or the attack on the release succeeds.

    Examples
    --------
    >>> released = release(kt.simulate("null", 2000).to_frame(), ("mode",), min_users=20)
    >>> int(released.table["users"].min()) >= 20
    True
    """
    by = tuple(ALIASES.get(name, name) for name in by)
    check_by(by)
    if min_users < 2:
        raise InputError(f"--min-users must be 2 or more, got {min_users}: a cell of one user is a person")
    if to is not None:
        check_rounding(to, min_users)
    made = tables(check(observed, (*by, *NEEDED)), by)
    protected = protect(made, min_users)
    doubt = _withstand(made, protected, min_users)
    return Released(_table(made, protected, to), _summary(made, protected, min_users, to, doubt))


def _withstand(made: Tables, protected: Protected, k: int) -> float:
    """Attack the release, and return the narrowest bounds of a suppressed cell, in people."""
    given = system(made, protected.stays)
    small = [mask for mask, margin in made.margins.items() if (margin.users[~protected.stays[mask]] < k).any()]
    doubt = widths(given, float(k))
    if small or determined(given).any() or (doubt < k - TOLERANCE).any():
        raise InputError(
            "the attack on this release succeeded, so nothing is released; take fewer --by columns or a "
            "larger --min-users, and report it"
        )
    return float(doubt.min()) if len(doubt) else float("inf")


def _table(made: Tables, protected: Protected, to: int | None) -> "pd.DataFrame":
    import pandas as pd

    numbers = (
        {mask: (m.users.astype(np.float64), m.sums) for mask, m in made.margins.items()}
        if to is None
        else round_tables(made, protected.stays, to)
    )
    parts = [_part(made, m, protected.stays[mask], *numbers[mask]) for mask, m in made.margins.items()]
    return pd.concat(parts, ignore_index=True)


def _part(made: Tables, margin: Margin, stays: Any, users: Floats, sums: Floats) -> "pd.DataFrame":
    import pandas as pd

    kept = [d for d in range(len(made.by)) if margin.mask >> d & 1]
    columns: dict[str, Any] = {name: np.full(len(stays), ALL, dtype=object) for name in made.by}
    for place, d in enumerate(kept):
        columns[made.by[d]] = np.asarray(made.values[d], dtype=object)[margin.key[:, place]]
    with np.errstate(invalid="ignore", divide="ignore"):
        means = sums[:, 1:] / sums[:, :1]
    columns |= {"sessions": sums[:, 0], "users": users}
    if not OUTCOMES & set(made.by):
        columns |= {name: means[:, k] for k, name in enumerate(FLAGS)}
    columns |= {name: np.exp(means[:, len(FLAGS) + k]) for k, name in enumerate(LOGS)}
    frame = pd.DataFrame(columns)
    frame.loc[stays, [name for name in frame if name not in made.by]] = np.nan
    return frame


def _summary(made: Tables, protected: Protected, k: int, to: int | None, doubt: float) -> dict[str, Any]:
    base = made.base
    staying = protected.stays[base.mask]
    return {
        "by": list(made.by),
        "population": "sessions with a clear goal",
        "min_users": k,
        "rounded_to": to,
        "cells": sum(len(m.users) for m in made.margins.values()),
        "cells_suppressed": int(sum(flags.sum() for flags in protected.stays.values())),
        "share_of_sessions_suppressed": round(float(base.sums[staying, 0].sum() / base.sums[:, 0].sum()), 4),
        "attack": {
            "cells_had_by_differencing": 0,
            "least_users_in_doubt": math.floor(doubt + TOLERANCE) if staying.any() else None,
            "of": "every suppressed cell, in every margin; checked by linear algebra and linear programs",
        },
    }
