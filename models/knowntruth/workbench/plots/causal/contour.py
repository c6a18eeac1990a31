"""The estimate adjusted for a hidden cause of any strength, with the covariates and the planted cause marked.

Along the line of no effect, a hidden cause explains the whole estimate. Circles are hidden
causes as strong as a covariate; the square is the true hidden cause of this world.
"""

from collections.abc import Sequence
from io import BytesIO
from math import isfinite
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.workbench.output.number_format import number
from knowntruth.workbench.plots.common import style
from knowntruth.workbench.results.study_results import Residual, Results

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT: Final = 3.9
"""Inches of one panel."""

BEHIND: Final = {"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.5}
"""Background of a name, so that it can be read over lines."""

NAME: Final = 7.5
"""Size of a name, in points."""

MARK: Final = 6.0
"""Size of a mark, in points."""

OUTSIDE_COST: Final = 10
"""Cost of a name outside the axes, in names covered."""

MAX_NAMED: Final = 3
"""Covariates with a name, the strongest first."""

Pair = tuple[float, float]
Box = tuple[float, float, float, float]

N_CONTOURS: Final = 7
"""Contours other than that of no effect."""


def draw(results: Results) -> "Figure":
    """Draw the contours of a study, one panel per outcome."""
    return figure(results.residual)


def alt(results: Results) -> str:
    """Describe the figure in words."""
    return describe(results.residual)


def png(residual: Residual) -> bytes:
    """Return the picture by itself, the same bytes for the same values.

    Examples
    --------
    >>> from knowntruth.workbench.results.study_results import Residual
    >>> shares = np.linspace(0, 0.2, 5)
    >>> x, y = (side.ravel() for side in np.meshgrid(shares, shares))
    >>> left = 0.05 - x - y
    >>> surface = pd.DataFrame({
    ...     "outcome": "verified_success", "with_treatment": x, "with_outcome": y, "value": left,
    ...     "lower": left - 0.01, "upper": left + 0.01,
    ... })
    >>> points = pd.DataFrame({
    ...     "outcome": ["verified_success"], "kind": ["planted"], "name": ["ability"], "with_treatment": [0.1],
    ...     "with_outcome": [0.05],
    ... })
    >>> png(Residual(surface, points, None))[1:4]
    b'PNG'
    """
    buffer = BytesIO()
    with style.styled():
        figure(residual).savefig(buffer, format="png", dpi=style.DPI, metadata={"Software": None})
    return buffer.getvalue()


def figure(residual: Residual) -> "Figure":
    """Draw one panel per outcome."""
    outcomes = list(dict.fromkeys(residual.surface["outcome"]))
    picture, panels = style.figure(HEIGHT * len(outcomes) + 0.3, rows=len(outcomes))
    for axes, outcome in zip(panels, outcomes, strict=True):
        _panel(axes, *(part[part["outcome"].eq(outcome)] for part in (residual.surface, residual.points)))
        axes.set_title(f"{outcome.replace('_', ' ').capitalize()}: adjusted effect of one level, %")
    style.key(picture, panels[0])
    return picture


def describe(residual: Residual) -> str:
    """Describe the figure in words.

    Examples
    --------
    >>> from knowntruth.workbench.results.study_results import Residual
    >>> points = pd.DataFrame({
    ...     "outcome": ["verified_success"], "kind": ["planted"], "name": ["ability"], "with_treatment": [0.1],
    ...     "with_outcome": [0.05],
    ... })
    >>> describe(Residual(pd.DataFrame(), points, None))
    'Contours of the estimate ... verified success: ability explains 10% of the treatment and 5% of the outcome.'
    """
    parts = []
    for outcome, points in residual.points.groupby("outcome", sort=False):
        planted = points[points["kind"].eq("planted")]
        strongest = points[points["kind"].eq("benchmark")].head(1)
        both = " and ".join(
            f"{name} explains {number(100 * t, 2)}% of the treatment and {number(100 * y, 2)}% of the outcome"
            for _, (name, t, y) in [*_places(strongest), *_places(planted)]
        )
        parts.append(f"{str(outcome).replace('_', ' ')}: {both or 'nothing to compare with'}")
    return "Contours of the estimate over the strength of a hidden cause. " + ". ".join(parts) + "."


def _places(points: "pd.DataFrame") -> list[tuple[int, tuple[str, float, float]]]:
    rows = zip(points["name"], points["with_treatment"], points["with_outcome"], strict=True)
    return list(enumerate((str(name).replace("_", " "), float(t), float(y)) for name, t, y in rows))


def _panel(axes: "Axes", surface: "pd.DataFrame", points: "pd.DataFrame") -> None:
    size = round(len(surface) ** 0.5)
    sides = [surface[name].to_numpy().reshape(size, size) for name in ("with_treatment", "with_outcome")]
    logged = bool(surface["value"].iloc[0] > 0.5)  # a ratio starts near one, a difference near zero
    left, low, high = (
        100 * (surface[n].to_numpy().reshape(size, size) - logged) for n in ("value", "lower", "upper")
    )
    lines = axes.contour(*sides, left, levels=_levels(left), colors=style.FAINT, linewidths=0.7)
    axes.clabel(lines, fmt=lambda value: number(value, 2), fontsize=7)
    for edge, dash, label in (
        (left, "solid", "no effect left"),
        (_nearer(left, low, high), "dashed", "its 95% limit"),
    ):
        if edge.min() < 0 < edge.max():
            axes.contour(*sides, edge, levels=[0.0], colors=style.INK, linewidths=1.6, linestyles=dash)
            axes.plot([], [], color=style.INK, linestyle=dash, label=label)
    axes.set_xlabel("share of the treatment that the hidden cause explains")
    axes.set_ylabel("share of the outcome")
    reach = float(surface["with_treatment"].max())
    axes.set_xlim(-0.02 * reach, reach)
    axes.set_ylim(-0.02 * reach, reach)
    _marks(axes, points)


def _levels(left: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> list[float]:
    from matplotlib.ticker import MaxNLocator

    # Range set by weak hidden causes: towards strong causes the surface falls without limit.
    low = max(float(left.min()), -2 * abs(float(left[0, 0])))
    high = float(left.max())
    ticks = MaxNLocator(N_CONTOURS).tick_values(low, max(high, low + 1e-6))
    return [float(tick) for tick in ticks if tick != 0 and isfinite(tick)]


def _nearer(left: object, low: object, high: object) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    """The limit of the interval that is nearer to no effect at the estimate."""
    low_, high_ = np.asarray(low), np.asarray(high)
    return low_ if np.asarray(left)[0, 0] > 0 else high_


def _marks(axes: "Axes", points: "pd.DataFrame") -> None:
    """Mark the causes; the planted one, the subject of the picture, is on top and named first."""
    taken = [_box(axes, place, (-MARK / 2, -MARK / 2), (MARK, MARK)) for _, (_, *place) in _places(points)]
    for kind, style_of_kind, label, above, most in (
        ("planted", style.TRUE, "hidden cause of this world", 7, len(points)),
        ("benchmark", style.SEEN, "as strong as a covariate", 6, MAX_NAMED),
    ):
        rows = points[points["kind"].eq(kind)]
        if rows.empty:
            continue
        axes.plot(
            rows["with_treatment"],
            rows["with_outcome"],
            style_of_kind.marker,
            color=style_of_kind.color,
            label=label,
            linestyle="none",
            markeredgecolor="white",
            zorder=above,
        )
        for _, (name, *place) in _places(rows.head(most)):
            taken.append(_name(axes, name, place, style_of_kind.color, taken))


def _name(axes: "Axes", name: str, place: Sequence[float], color: str, taken: list[Box]) -> Box:
    """Write a name at that corner of its point where it covers the fewest others, and return what it covers."""
    size = 0.6 * NAME * len(name), 1.2 * NAME
    corners = [(right, up) for right in (5.0, -5.0 - size[0]) for up in (4.0, -4.0 - size[1], 14.0)]
    boxes = [_box(axes, place, corner, size) for corner in corners]
    edges = _box(axes, (axes.get_xlim()[0], axes.get_ylim()[0]), (0.0, 0.0), (0.0, 0.0))
    costs = [
        sum(_meet(box, other) for other in taken) + OUTSIDE_COST * (box[0] < edges[0] or box[2] < edges[2])
        for box in boxes
    ]
    best = costs.index(min(costs))
    axes.annotate(
        name,
        (place[0], place[1]),
        xytext=corners[best],
        textcoords="offset points",
        fontsize=NAME,
        color=color,
        zorder=5,
        bbox=BEHIND,
    )
    return boxes[best]


def _box(axes: "Axes", place: Sequence[float], corner: Pair, size: Pair) -> Box:
    """Return left, right, bottom and top, in points, of a box placed at a corner of a point."""
    x, y = (float(side) * 72.0 / axes.figure.dpi for side in axes.transData.transform(place))
    return x + corner[0], x + corner[0] + size[0], y + corner[1], y + corner[1] + size[1]


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]
