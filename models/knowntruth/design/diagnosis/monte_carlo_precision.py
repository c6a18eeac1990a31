"""The number of replicates that a target Monte Carlo error needs.

The error falls with the square root of the number of replicates, except for the error of the truth itself. That part
falls only with the sessions from which the truth is simulated, and no number of replicates removes it.
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

DEFAULT_ERRORS: Final[Mapping[str, float]] = {"coverage": 0.01, "power": 0.01}
"""Default target Monte Carlo errors: one percentage point."""

UNREACHABLE: Final = -1
"""The number of replicates where none is enough, because the error of the truth exceeds the target."""


def replicates_for_share(wanted: float, share: float = 0.5) -> int:
    """Return the replicates after which a share near ``share`` has a Monte Carlo error of ``wanted``.

    Morris, White and Crowther 2019, section 5.3; the default is the worst case.

    Examples
    --------
    >>> replicates_for_share(0.01), replicates_for_share(0.01, share=0.95)
    (2500, 475)
    """
    _check(wanted)
    return math.ceil(round(share * (1 - share) / wanted**2, 6))


def replicates_needed(table: "pd.DataFrame", wanted: Mapping[str, float] = DEFAULT_ERRORS) -> "pd.DataFrame":
    """Return for each group and diagnosand the number of replicates that the target Monte Carlo error needs.

    Parameters
    ----------
    table
        Replicates from which the spread is estimated, at least some dozens.
    wanted
        The error wanted of each diagnosand, in its own unit.

    Returns
    -------
    The rows of `diagnose_table` with ``wanted`` and ``needed``; `UNREACHABLE` where the truth must first be simulated
    with more sessions.

    Raises
    ------
    InputError
        If an error is not above 0, or a diagnosand unknown.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "world": "null", "replicate": [0, 1], "strategy": "naive", "estimand": "verified_difference",
    ...     "contrast": "5 vs 1", "estimate": [0.1, 0.3], "lower": [0.0, 0.2], "upper": [0.2, 0.4],
    ...     "standard_error": 0.05, "truth": 0.15, "truth_error": 0.0, "no_effect": 0.0, "seconds": 0.1, "error": "",
    ... })
    >>> replicates_needed(table, {"bias": 0.01})["needed"].tolist()
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
    if named.share:  # a share of 0 or 1 so far is no proof: add one success and one failure (Laplace)
        own = max(own, (value * n + 1) / (n + 2) * ((1 - value) * n + 1) / (n + 2) / n)
    return math.ceil(round(n * own / (wanted**2 - fixed**2), 6))


def _check(wanted: float) -> None:
    if not wanted > 0:
        raise InputError(f"the wanted Monte Carlo error must be above 0, got {wanted}")
