"""The intervals of one cell, drawn one by one from lowest to highest estimate, with the truth as a horizontal line.

Drawn as SVG in the page itself, since a report of many cells has hundreds of such pictures.
"""

from typing import Any, Final

import numpy as np

from knowntruth.design.diagnosis.faults import Cell
from knowntruth.workbench.output.number_format import number
from knowntruth.workbench.plots.common import style

MAX_INTERVALS: Final = 100
"""Maximum number of intervals drawn; of more, those at evenly spaced ranks."""

WIDTH, HEIGHT, MARGIN = 640, 260, 34
"""Pixels."""

MISSED: Final = "#7a2e00"
"""Intervals that miss the truth, which are dashed too."""

REACH: Final = 4.0
"""Intervals longer than this many median widths are cut off at the picture's edge."""


def svg(cell: Cell) -> Any:
    """Return the picture as markup for a page; empty where there is no estimate."""
    from markupsafe import Markup

    rows = _rows(cell)
    if not len(rows):
        return Markup()
    low, high = _limits(rows, cell)
    step = (WIDTH - 2 * MARGIN) / len(rows)

    def height(value: float) -> float:
        inside = min(max(value, low), high)
        return round(HEIGHT - MARGIN - (inside - low) / (high - low) * (HEIGHT - 1.5 * MARGIN), 1)

    drawn = [
        _interval(round(MARGIN + (place + 0.5) * step, 1), row, height)
        for place, row in enumerate(rows.to_dict("records"))
    ]
    parts = [*_line(cell.truth, height, style.TRUE.color, f"truth {number(cell.truth)}"), *drawn]
    none = float(rows["no_effect"].iloc[0])
    if none != cell.truth:
        parts = [*_line(none, height, style.FAINT, "no effect"), *parts]
    return Markup(
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{alt(cell)}" class="intervals">'
        + "".join(parts)
        + "</svg>"
    )  # numbers and fixed words alone


def alt(cell: Cell) -> str:
    """Describe the picture in words."""
    rows = _rows(cell)
    if not len(rows):
        return "No interval to draw."
    n_containing = int(((rows["lower"] <= rows["truth"]) & (rows["truth"] <= rows["upper"])).sum())
    return f"{len(rows)} intervals, of which {n_containing} contain the truth, {number(cell.truth)}."


def _rows(cell: Cell) -> Any:
    rows = cell.rows[cell.rows["error"].eq("")]
    rows = rows.assign(middle=rows["estimate"].fillna((rows["lower"] + rows["upper"]) / 2)).sort_values("middle")
    if len(rows) <= MAX_INTERVALS:
        return rows
    return rows.iloc[np.linspace(0, len(rows) - 1, MAX_INTERVALS).round().astype(int)]


def _limits(rows: Any, cell: Cell) -> tuple[float, float]:
    reach = REACH * float((rows["upper"] - rows["lower"]).median())
    middle = rows["middle"]
    low = min(max(rows["lower"].min(), middle.min() - reach), cell.truth)
    high = max(min(rows["upper"].max(), middle.max() + reach), cell.truth)
    room = 0.05 * (high - low) or 1.0
    return float(low - room), float(high + room)


def _interval(x: float, row: dict[Any, Any], height: Any) -> str:
    holds = row["lower"] <= row["truth"] <= row["upper"]
    color = style.ESTIMATE.color if holds else MISSED
    dash = "" if holds else ' stroke-dasharray="3 2"'
    low, middle, high = (height(row[name]) for name in ("lower", "middle", "upper"))
    return (
        f'<line x1="{x}" x2="{x}" y1="{low}" y2="{high}" stroke="{color}" stroke-width="1.6"{dash}/>'
        f'<circle cx="{x}" cy="{middle}" r="1.8" fill="{color}"/>'
    )


def _line(value: float, height: Any, color: str, label: str) -> list[str]:
    y = height(value)
    return [
        f'<line x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{y}" y2="{y}" stroke="{color}" stroke-width="1.4"/>',
        f'<text x="{MARGIN}" y="{y - 4}" fill="{color}" font-size="13">{label}</text>',
    ]
