"""The gap between a world and every published figure, one row per figure: those fitted, and those held out."""

from typing import TYPE_CHECKING, Final

from knowntruth.workbench.plots.calibration.gaps_by_table import FITTED, HELD_OUT
from knowntruth.workbench.plots.common import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

EDGE: Final = 100.0
"""Gaps beyond this many errors are drawn at the edge."""

ROW: Final = 0.145
"""Height of a row in inches."""


def draw(table: "pd.DataFrame") -> "Figure":
    """Draw the gaps of a table of figures (key, role, gap_in_errors, within), smallest first within each role."""
    rows = table[table["gap_in_errors"].notna()].sort_values(
        ["role", "gap_in_errors"], key=lambda column: column.abs() if column.name == "gap_in_errors" else column
    )
    picture, (axes,) = style.figure(1.1 + ROW * len(rows))
    axes.axvspan(-2, 2, color="#e9f3ec", zorder=0)
    axes.axvline(0, color=style.FAINT, linewidth=0.8)
    for kind, role in ((FITTED, "calibrate"), (HELD_OUT, "validate")):
        part = rows["role"].eq(role).to_numpy()
        places = [place for place, mine in enumerate(part) if mine]
        gaps = rows["gap_in_errors"][part].clip(-EDGE, EDGE)
        axes.plot(gaps, places, kind.marker, color=kind.color, label=kind.label, markeredgewidth=0)
    axes.set_xscale("symlog", linthresh=2, linscale=1.0)
    axes.set_xticks([-100, -10, -2, 0, 2, 10, 100], ["−100", "−10", "−2", "0", "2", "10", "100"])
    axes.set_xlim(-EDGE * 1.2, EDGE * 1.2)
    axes.set_yticks(range(len(rows)), [key.replace("_", " ") for key in rows["key"]], fontsize=5.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlabel("simulated minus published, in errors")
    style.key(picture, axes)
    return picture
