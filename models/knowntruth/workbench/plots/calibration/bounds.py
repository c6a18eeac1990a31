"""What the figures leave open: the bounds of each effect now, and with each further measurement."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from knowntruth.calibration.moments.extra_moments import MEASUREMENTS
from knowntruth.datasets.schema.estimands import ESTIMANDS, HEADLINE
from knowntruth.workbench.output.number_format import number
from knowntruth.workbench.plots.common import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NOW: Final = "published figures alone"

LABELS: Final = {
    "first_prompt": "rating from first prompt",
    "levels_500": "true level of 500",
    "levels_5000": "true level of 5,000",
    "within_user": "slopes within users",
    "encouragement": "random encouragement",
    "still_in_use": "work still in use",
    "checked_2000": "2,000 outcomes checked",
    "all": "all of these",
}
"""Short labels of `MEASUREMENTS`."""

TITLES: Final = {
    "activity_ratio": "Domain: actions per prompt, times",
    "verified_difference": "Domain: verified success, points",
    "success_difference": "Domain: true success, points",
    "coding_activity_ratio": "Coding: actions per prompt, times",
    "coding_verified_difference": "Coding: verified success, points",
    "coding_success_difference": "Coding: true success, points",
}

ROW: Final = 0.18
"""Height of one interval in inches."""


def draw(intervals: "pd.DataFrame", gains: "pd.DataFrame") -> "Figure":
    """Draw one panel per effect of expert against novice: its interval now, and after each measurement.

    ``intervals`` and ``gains`` are those of `WorldBounds`; gains are those with the calibrated world as reference.
    """
    rows = intervals[intervals["contrast"].eq(HEADLINE)]
    lines = 1 + (len(MEASUREMENTS) if len(gains) else 0)
    picture, panels = style.figure((0.5 + ROW * lines) * len(rows) + 0.3, rows=len(rows))
    for axes, row in zip(panels, rows.to_dict("records"), strict=True):
        _panel(axes, row, _after(gains, str(row["estimand"])), lines)
    return picture


def alt(intervals: "pd.DataFrame") -> str:
    """Describe the figure in words."""
    rows = intervals[intervals["contrast"].eq(HEADLINE)].to_dict("records")
    parts = []
    for row in rows:
        factor = _factor(str(row["estimand"]))
        low, high = (number(factor * float(row[side])) for side in ("smallest", "largest"))
        parts.append(f"{TITLES[str(row['estimand'])]}: {low} to {high}")
    return "Bounds of each effect from the published figures alone. " + "; ".join(parts) + "."


def _factor(estimand: str) -> float:
    return next(100.0 if e.scale == "difference" else 1.0 for e in ESTIMANDS if e.name == estimand)


def _after(gains: "pd.DataFrame", estimand: str) -> "dict[str, tuple[float, float]]":
    if not len(gains):
        return {}
    mine = gains[gains["reference_world"].eq("calibrated") & gains["truth"].eq(f"{estimand} {HEADLINE}")]
    return {
        str(row["measurement"]): (float(row["smallest"]), float(row["largest"])) for row in mine.to_dict("records")
    }


def _panel(axes: "Axes", row: "Mapping[Any, Any]", after: "dict[str, tuple[float, float]]", lines: int) -> None:
    name = str(row["estimand"])
    factor = _factor(name)
    shown = {NOW: (float(row["smallest"]), float(row["largest"])), **after}
    for place, (label, (low, high)) in enumerate(shown.items()):
        kind = style.PUBLISHED if label == NOW else style.ESTIMATE
        axes.hlines(place, factor * low, factor * high, color=kind.color, linewidth=4)
    axes.plot(
        [factor * float(row["calibrated"])] * len(shown),
        range(len(shown)),
        style.TRUE.marker,
        color=style.TRUE.color,
        markersize=3.5,
    )
    axes.axvline(1.0 if name.endswith("ratio") else 0.0, color=style.FAINT, linewidth=0.8)
    axes.set_yticks(range(len(shown)), [LABELS.get(label, label) for label in shown], fontsize=8)
    axes.set_ylim(lines - 0.5, -0.5)
    axes.set_title(TITLES[name])
