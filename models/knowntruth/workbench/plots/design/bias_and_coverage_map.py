"""The map: strategies × worlds, once coloured by bias and once by coverage, a number in every cell.

Blue is a negative bias, orange a positive one, white none. Coverage is white at the nominal level and darker the
further it falls below. Every cell shows its number, so that nothing depends on colour alone.
"""

from collections.abc import Mapping, Sequence
from io import BytesIO
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.design.diagnosis.faults import Cell
from knowntruth.workbench.output.number_format import number
from knowntruth.workbench.plots.common import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOW: Final = (0, 114, 178)
HIGH: Final = (198, 74, 0)
SHORT: Final = (150, 80, 140)
"""Colours of a negative bias, a positive bias, and of zero coverage; red, green, blue from 0 to 255."""

EMPTY: Final = "#ececec"
"""Where there is no number."""

STRONGEST: Final = 0.75
"""How much of a colour is used at most, so that black text stays legible on it."""

NOMINAL: Final = 0.95

ROW: Final = 0.22
COLUMN: Final = 0.85
"""Height and width of a cell in inches."""

NAMES: Final = 1.9
"""Inches for the names of strategies."""


def bias_scale(cells: Sequence[Cell]) -> float:
    """Return the bias that has the full colour: the ninth decile of all absolute biases, 1 where there is none."""
    sizes = [abs(cell.found["bias"].value) for cell in cells if isfinite(cell.found["bias"].value)]
    return float(np.quantile(sizes, 0.9)) or 1.0 if sizes else 1.0


def bias_color(bias: float, scale: float) -> str:
    """Return the colour of a bias, as hexadecimal."""
    if not isfinite(bias):
        return EMPTY
    return _mixed(HIGH if bias > 0 else LOW, STRONGEST * min(abs(bias) / scale, 1.0))


def coverage_color(coverage: float) -> str:
    """Return the colour of a coverage, as hexadecimal."""
    if not isfinite(coverage):
        return EMPTY
    return _mixed(SHORT, STRONGEST * max(NOMINAL - coverage, 0.0) / NOMINAL)


def text_of_bias(cell: Cell) -> str:
    """Return a bias with its sign, or ``range`` or a dash where there is none."""
    bias = cell.found["bias"].value
    if isfinite(bias):
        return f"{'+' if bias > 0 else ''}{number(bias, 2)}"
    return "range" if isfinite(cell.found["coverage"].value) else "–"


def text_of_coverage(cell: Cell) -> str:
    """Return a coverage in percent."""
    coverage = cell.found["coverage"].value
    return f"{coverage:.0%}" if isfinite(coverage) else "–"


def draw(cells: Sequence[Cell], labels: Mapping[int, str]) -> "Figure":
    """Draw two panels per estimand, bias above coverage; ``labels`` name each cell's case, by its ``id``."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    estimands = list(dict.fromkeys(cell.estimand for cell in cells))
    columns = list(dict.fromkeys(labels.values()))
    strategies = list(dict.fromkeys(cell.strategy for cell in cells))
    width = max(style.WIDTH, NAMES + COLUMN * len(columns))
    height = (ROW * len(strategies) + 1.1) * 2 * len(estimands)
    picture = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(picture)
    panels = picture.subplots(2 * len(estimands), 1, squeeze=False)[:, 0]
    for place, estimand in enumerate(estimands):
        of_estimand = [cell for cell in cells if cell.estimand == estimand]
        name = estimand.replace("_", " ")
        scale = bias_scale(of_estimand)
        above, below = panels[2 * place], panels[2 * place + 1]
        _panel(
            above,
            of_estimand,
            labels,
            strategies,
            columns,
            text_of_bias,
            lambda cell, scale=scale: bias_color(cell.found["bias"].value, scale),
        )
        above.set_title(f"bias of the {name}")
        _panel(
            below,
            of_estimand,
            labels,
            strategies,
            columns,
            text_of_coverage,
            lambda cell: coverage_color(cell.found["coverage"].value),
        )
        below.set_title(f"coverage of the {name} (nominal 95%)")
    return picture


def png(cells: Sequence[Cell], labels: Mapping[int, str]) -> bytes:
    """Return the picture as bytes that depend on the cells alone.

    Examples
    --------
    >>> from knowntruth.design.diagnosis.faults import diagnose_cells
    >>> from knowntruth.design.diagnose import diagnose
    >>> study = {"sessions": 300, "estimands": ["verified_difference"], "truth_sessions": 300}
    >>> run = diagnose(["null"], ["naive"], 2, workers=1, **study)
    >>> cells = diagnose_cells(run.table)
    >>> png(cells, {id(cells[0]): "null"})[1:4]
    b'PNG'
    """
    with style.styled(), BytesIO() as file:
        draw(cells, labels).savefig(file, format="png", dpi=style.DPI, metadata={"Software": None})
        return file.getvalue()


def _panel(
    axes: "Axes",
    of_estimand: Sequence[Cell],
    labels: Mapping[int, str],
    strategies: list[str],
    columns: list[str],
    text: Any,
    color: Any,
) -> None:
    from matplotlib.patches import Rectangle

    for cell in of_estimand:
        x, y = columns.index(labels[id(cell)]), strategies.index(cell.strategy)
        axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=color(cell), edgecolor="white", linewidth=1.5))
        axes.text(x, y, text(cell), ha="center", va="center", fontsize=8, color="black")
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(strategies) - 0.5, -0.5)
    axes.set_xticks(range(len(columns)), [label.replace(", ", "\n") for label in columns], fontsize=8)
    axes.set_yticks(range(len(strategies)), [name.replace("_", " ") for name in strategies], fontsize=8.5)
    axes.tick_params(length=0)
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(False)


def _mixed(color: tuple[int, int, int], share: float) -> str:
    """Mix white with this share of a colour."""
    return "#" + "".join(f"{round(255 + share * (part - 255)):02x}" for part in color)
