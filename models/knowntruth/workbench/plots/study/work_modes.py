"""The mix of the nine kinds of work, published and simulated."""

from typing import TYPE_CHECKING

from knowntruth.datasets.schema.categories import MODES
from knowntruth.workbench.output.number_format import number
from knowntruth.workbench.plots.common import style
from knowntruth.workbench.results.study_results import Results

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def draw(results: Results) -> "Figure":
    """Draw one row per kind of work, the most frequent on top."""
    rows = _rows(results)
    places = list(range(len(rows)))
    picture, (axes,) = style.figure(3.4)
    axes.hlines(places, rows["published"], rows["simulated"], color=style.GRID, linewidth=3)
    style.points(axes, style.PUBLISHED, rows["published"], places, rows["rounding"] / 2, across=True, line=False)
    style.points(axes, style.SEEN, rows["simulated"], places, rows["standard_error"], across=True, line=False)
    axes.set_yticks(places, [str(group) for group in rows["group"]])
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.set_xlabel("% of sessions")
    style.key(picture, axes)
    return picture


def alt(results: Results) -> str:
    """Describe the figure in words."""
    parts = [
        f"{row.group} {number(row.published)} and {number(row.simulated, 2)}" for row in _rows(results).itertuples()
    ]
    return "Share of sessions by kind of work in percent, published and seen: " + ", ".join(parts) + "."


def _rows(results: Results) -> "pd.DataFrame":
    keys = [f"mode_share_{mode}" for mode in MODES]
    return results.comparison[results.comparison["key"].isin(keys)].sort_values(
        "published", ascending=False, kind="stable"
    )
