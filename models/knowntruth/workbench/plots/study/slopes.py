"""Table A1 as a picture: whether adding controls brings the study's slope closer to the truth."""

from math import isfinite
from typing import TYPE_CHECKING, Final

from knowntruth.workbench.output.number_format import number
from knowntruth.workbench.plots.common import series, style
from knowntruth.workbench.results.study_results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CONTROLS: Final = (
    "1  none", "2  kind of work × value", "3  + month", "4  + occupation of the work", "5  + occupation of the user",
    "6  + model, length, calls",
)  # fmt: skip


def draw(results: Results) -> "Figure":
    """Draw the six slopes, published and seen, with the true slope as a vertical line."""
    picture, (axes,) = style.figure(3.3)
    published, seen = series.published_slopes(results), series.seen_slopes(results)
    style.points(axes, style.PUBLISHED, published.y, published.x - 0.13, published.error, across=True, line=False)
    style.points(axes, style.SEEN, seen.y, seen.x + 0.13, seen.error, across=True, line=False)
    value, error = true_slope(results)
    if isfinite(value):
        axes.axvspan(value - 2 * error, value + 2 * error, color=style.TRUE.color, alpha=0.18, linewidth=0)
        axes.axvline(value, color=style.TRUE.color, linestyle="--", label=style.TRUE.label)
    axes.axvline(0, color=style.FAINT, linewidth=0.8)
    axes.set_yticks(range(1, 7), CONTROLS)
    axes.invert_yaxis()
    axes.set_xlabel("points of verified success per level")
    style.key(picture, axes, columns=3)
    return picture


def true_slope(results: Results) -> tuple[float, float]:
    """Return the true slope that the claims compare with column 5, and its error, in points per level."""
    rows = results.claims[results.claims["unit"].eq("probability per level")]
    if rows.empty:
        return float("nan"), 0.0
    first = rows.iloc[0]
    error = float(first["true_error"])
    return 100 * float(first["true"]), 100 * error if isfinite(error) else 0.0


def alt(results: Results) -> str:
    """Describe the figure in words."""
    seen = series.seen_slopes(results)
    values = ", ".join(number(value, 2) for value in seen.y)
    return (
        f"Slope of verified success per level of expertise in the six columns of Table A1, in percentage points: "
        f"seen {values}; true {number(true_slope(results)[0], 2)}."
    )
