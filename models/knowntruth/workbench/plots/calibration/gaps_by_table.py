"""The gap between the world and every published figure, one dot per figure, one row per table of the study."""

from typing import TYPE_CHECKING, Final

from knowntruth.workbench.plots.common import style
from knowntruth.workbench.plots.common.style import Kind
from knowntruth.workbench.results.study_results import Results

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

NAMES: Final = {
    "sample": "sample and totals", "figure_1": "Fig. 1: kinds of work", "figure_2": "Fig. 2: who decides",
    "figure_3": "Fig. 3: activity", "figure_4": "Fig. 4: trends", "figure_5": "Fig. 5: outcomes",
    "figure_6": "Fig. 6: occupations", "occupations": "occupations, text", "signals": "signals",
    "table_a1": "Table A1: slopes", "table_a2": "Table A2: levels",
}  # fmt: skip

FITTED: Final = Kind("may be fitted", "#5c6670", "o")
HELD_OUT: Final = Kind("held out, predicted", "#b5179e", "^")

EDGE: Final = 300.0
"""Gaps beyond this many errors are drawn at the edge."""


def draw(results: Results) -> "Figure":
    """Draw gaps in standard errors of the difference on a scale that is linear within ±2 and logarithmic beyond."""
    rows = usable(results)
    tables = [name for name in results.tables if rows["table"].eq(name).any()]
    picture, (axes,) = style.figure(0.9 + 0.3 * len(tables))
    axes.axvspan(-2, 2, color="#e9f3ec", zorder=0)
    axes.axvline(0, color=style.FAINT, linewidth=0.8)
    for kind, role, shift in ((FITTED, "calibrate", -0.15), (HELD_OUT, "validate", 0.15)):
        part = rows[rows["role"].eq(role)]
        places = [tables.index(name) + shift for name in part["table"]]
        gaps = part["z"].clip(-EDGE, EDGE)
        axes.plot(gaps, places, kind.marker, color=kind.color, label=kind.label, alpha=0.75, markeredgewidth=0)
    axes.set_xscale("symlog", linthresh=2, linscale=1.0)
    axes.set_xticks([-100, -10, -2, 0, 2, 10, 100], ["−100", "−10", "−2", "0", "2", "10", "100"])
    axes.set_xlim(-EDGE * 1.2, EDGE * 1.2)
    axes.set_yticks(range(len(tables)), [NAMES.get(name, name.replace("_", " ")) for name in tables])
    axes.set_ylim(len(tables) - 0.5, -0.5)
    axes.set_xlabel("seen minus published, in standard errors of the difference")
    style.key(picture, axes)
    return picture


def usable(results: Results) -> "pd.DataFrame":
    """Return the figures that may be fitted or predicted, with a simulated value, and the table they belong to."""
    table = {key: name for name, frame in results.tables.items() for key in frame["key"] if key}
    rows = results.comparison
    rows = rows[rows["role"].isin(["calibrate", "validate"]) & rows["z"].notna()]
    return rows.assign(table=rows["key"].map(table))


def alt(results: Results) -> str:
    """Describe the figure in words."""
    rows = usable(results)
    near = int((rows["z"].abs() <= 2).sum())
    return f"Gaps between this world and the published figures: {near} of {len(rows)} lie within two standard errors."
