"""How many replicates a wanted Monte Carlo error needs.

An error falls with the root of the number of replicates, but for the part of it that is the truth's own: that falls
only with the sessions from which the truth is found, and no number of replicates gets below it.
"""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from knowntruth.common.errors import InputError
from knowntruth.design.diagnosis.diagnosands import DIAGNOSANDS
from knowntruth.design.diagnosis.diagnose_table import diagnose_table
from knowntruth.design.sources.subgroups import EVERYONE

if TYPE_CHECKING:
    import pandas as pd

WANTED: Final[Mapping[str, float]] = {"coverage": 0.01, "power": 0.01}
"""Monte Carlo errors that are aimed at if nothing else is said: a point of a percentage."""

UNREACHABLE: Final = -1
"""Stands for a number of replicates where none is enough, since the truth itself is less exact than that."""


def for_share(wanted: float, share: float = 0.5) -> int:
    """Return the replicates after which a share near ``share`` has a Monte Carlo error of ``wanted``.

    Morris, White and Crowther 2019, section 5.3; the default is the worst case.

    Examples
    --------
    >>> for_share(0.01), for_share(0.01, share=0.95)
    (2500, 475)
    """
    _check(wanted)
    return math.ceil(round(share * (1 - share) / wanted**2, 6))


def needed(table: "pd.DataFrame", wanted: Mapping[str, float] = WANTED) -> "pd.DataFrame":
    """Return for each group and diagnosand how many replicates the wanted Monte Carlo error takes.

    Parameters
    ----------
    table
        Replicates, some dozens at least, from which the spread is learned.
    wanted
        The error wanted of each diagnosand, in its own unit.

    Returns
    -------
    The rows of `diagnosis` with ``wanted`` and ``needed``; `UNREACHABLE` where the truth has to be found from more
    sessions first.

    Raises
    ------
    InputError
        If an error is not above 0, or a diagnosand unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({
    ...     "world": "null", "replicate": [0, 1], "strategy": "naive", "estimand": "verified_difference",
    ...     "contrast": "5 vs 1", "estimate": [0.1, 0.3], "lower": [0.0, 0.2], "upper": [0.2, 0.4],
    ...     "standard_error": 0.05, "truth": 0.15, "truth_error": 0.0, "no_effect": 0.0, "seconds": 0.1, "error": "",
    ... })
    >>> needed(table, {"bias": 0.01})["needed"].tolist()
    [200]
    """
    for error in wanted.values():
        _check(error)
    table = table if "subgroup" in table else table.assign(subgroup=EVERYONE)
    found = diagnose_table(table, diagnosands=wanted)
    found["wanted"] = found["diagnosand"].map(dict(wanted))
    groups = table.groupby(list(found.columns[: list(found.columns).index("diagnosand")]), sort=False, dropna=False)
    truth = groups["truth_error"].first().to_numpy().repeat(len(wanted))
    found["needed"] = [
        _needed(row["diagnosand"], row["value"], row["mcse"], row["replicates"], row["wanted"], error)
        for row, error in zip(found.to_dict("records"), truth, strict=True)
    ]
    return found


def _needed(name: str, value: float, error: float, n: int, wanted: float, of_truth: float) -> int:
    named = DIAGNOSANDS[name]
    if n < 2 or not math.isfinite(error):
        return UNREACHABLE
    fixed = (of_truth if math.isfinite(of_truth) else 0.0) if named.about_truth else 0.0
    if fixed >= wanted:
        return UNREACHABLE
    own = error**2 - fixed**2
    if named.share:  # none or all so far is no proof of 0 or 1: one replicate more might have gone the other way
        own = max(own, (value * n + 1) / (n + 2) * ((1 - value) * n + 1) / (n + 2) / n)
    return math.ceil(round(n * own / (wanted**2 - fixed**2), 6))


def _check(wanted: float) -> None:
    if not wanted > 0:
        raise InputError(f"the wanted Monte Carlo error must be above 0, got {wanted}")
