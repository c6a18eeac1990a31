"""Goodness of fit of a world to the published figures: within two standard errors, or within half the rounding.

The table extends `knowntruth.study.compare`: where the study printed no standard error, it uses the one that a sample
of the published size has.
"""

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, Final

from knowntruth.calibration.moments.targets import Target, targets

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Final = (
    "key", "role", "kind", "quantity", "group", "unit", "published", "standard_error", "rounding", "simulated",
    "simulated_error", "gap", "gap_in_errors", "within_errors", "within_rounding", "within", "reading",
)  # fmt: skip
"""Columns of the table; numbers from ``published`` to ``gap`` are in the figure's unit."""

ROLES: Final = ("calibrate", "validate")


def goodness_of_fit(comparison: "pd.DataFrame", sessions: int) -> "pd.DataFrame":
    """Return every figure that may be fitted or predicted, with its simulated value.

    Parameters
    ----------
    comparison
        `knowntruth.study.compare.compare` of a sample.
    sessions
        Its size. In a sample smaller than the study's, simulation noise (``simulated_error``) lowers the counts,
        which are meant for the published size.
    """
    import pandas as pd

    rows = {row["key"]: row for row in comparison.to_dict("records")}
    found = [_row(each, rows[each.key]) for each in targets(comparison, sessions)]
    return pd.DataFrame(found, columns=list(COLUMNS))


def _row(each: Target, row: Mapping[Hashable, Any]) -> dict[str, Any]:
    simulated = float(str(row["simulated"]))
    return {name: row[name] for name in ("kind", "quantity", "group", "unit")} | {
        "key": each.key,
        "role": each.role,
        "published": each.value,
        "standard_error": each.standard_error,
        "rounding": each.rounding,
        "simulated": simulated,
        "simulated_error": row["standard_error"],
        "gap": simulated - each.value,
        "gap_in_errors": (simulated - each.value) / each.error,
        "within_errors": each.within_errors(simulated),
        "within_rounding": each.within_rounding(simulated),
        "within": each.within(simulated),
        "reading": each.reading,
    }


def count_within(table: "pd.DataFrame") -> "pd.DataFrame":
    """Return the number of figures within limits: columns role, figures, errors, rounding, either, share.

    ``errors``: within two standard errors; ``rounding``: within half the printed step; ``share``: either, of all.
    """
    import pandas as pd

    rows = [(role, table[table["role"].eq(role)]) for role in ROLES]
    return pd.DataFrame(
        {
            "role": [role for role, _ in rows],
            "figures": [len(part) for _, part in rows],
            "errors": [int(part["within_errors"].sum()) for _, part in rows],
            "rounding": [int(part["within_rounding"].sum()) for _, part in rows],
            "either": [int(part["within"].sum()) for _, part in rows],
            "share": [float(part["within"].mean()) if len(part) else float("nan") for _, part in rows],
        }
    )


def summarize(table: "pd.DataFrame") -> str:
    """Return the counts as one sentence."""
    fitted, predicted = count_within(table).to_dict("records")
    return (
        f"{fitted['either']} of {fitted['figures']} figures that may be fitted lie within two of their standard "
        f"errors ({fitted['errors']}) or half their rounding ({fitted['rounding']}), and {predicted['either']} of "
        f"{predicted['figures']} that are predicted ({predicted['errors']} and {predicted['rounding']})"
    )
