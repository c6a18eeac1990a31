"""A validation sample of the ratings: sessions, or texts, whose true level of expertise was established with care.

It is a table with the columns ``domain_expertise`` (the true level) and ``rated_expertise``, one row per pair, from
outside the data. With a column ``verified_success`` it also informs halo, the dependence of the rating on the
outcome. With a column ``session_id`` the rows are sessions of the data, whose true level is then known and whose
rating is found there.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.categories import LEVELS

if TYPE_CHECKING:
    import pandas as pd

PAIR_COLUMNS: Final = ("domain_expertise", "rated_expertise")
SESSION_COLUMNS: Final = ("session_id", "domain_expertise")


@dataclass(frozen=True, slots=True)
class ValidationSample:
    """Counts of pairs from outside the data, ``pairs[b, t, r]``; ``known``, true levels by ``session_id``, or None.

    b is 0 without verified success, 1 with it, 2 where that is not known; t and r count from 0.
    """

    pairs: Floats = field(default_factory=lambda: np.zeros((3, len(LEVELS), len(LEVELS))))
    known: "pd.Series[Any] | None" = None


def validation_sample(frame: "pd.DataFrame | None") -> ValidationSample:
    """Return the validation sample in a table, or an empty one.

    Raises
    ------
    InputError
        When a column is missing or a level is not among 1-5.
    """
    if frame is None:
        return ValidationSample()
    needed = SESSION_COLUMNS if "session_id" in frame else PAIR_COLUMNS
    missing = [name for name in needed if name not in frame]
    if missing:
        here = ", ".join(map(str, frame.columns))
        raise InputError(f"the validation sample lacks {', '.join(missing)}; it has {here or 'no columns'}")
    if len(frame) == 0:
        raise InputError("the validation sample has no rows; give pairs of levels, or no validation sample")
    if needed == SESSION_COLUMNS:
        return ValidationSample(known=_levels_by_session(frame, _levels(frame, "domain_expertise")))
    levels = [_levels(frame, name) for name in PAIR_COLUMNS]
    pairs = np.zeros((3, len(LEVELS), len(LEVELS)))
    np.add.at(pairs, (_successes(frame), *levels), 1.0)
    return ValidationSample(pairs=pairs)


def _levels(frame: "pd.DataFrame", name: str) -> Any:
    """Return a column of levels, counted from 0."""
    import pandas as pd

    values = pd.to_numeric(frame[name], errors="coerce").to_numpy(np.float64)
    strange = ~np.isin(values, LEVELS)
    if strange.any():
        raise InputError(
            f"the validation sample has {name} = {frame[name][strange].iloc[0]!r}; allowed: "
            f"{', '.join(map(str, LEVELS))} in every row"
        )
    return values.astype(np.int64) - LEVELS[0]


def _levels_by_session(frame: "pd.DataFrame", levels: Any) -> "pd.Series[Any]":
    """Return true levels, counted from 1, by session."""
    import pandas as pd

    if frame["session_id"].duplicated().any():
        raise InputError("the validation sample has a session_id twice; expected each session once")
    return pd.Series(levels + LEVELS[0], index=frame["session_id"].to_numpy())


def _successes(frame: "pd.DataFrame") -> Any:
    """Return 0 or 1 for verified success, 2 where it is not known."""
    if "verified_success" not in frame:
        return np.full(len(frame), 2)
    from knowntruth.datasets.schema.check import check

    return check(frame[["verified_success"]], needed=("verified_success",))["verified_success"].to_numpy(np.int64)
