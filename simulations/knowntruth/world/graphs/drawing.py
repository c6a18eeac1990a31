"""Draw a causal graph as SVG: boxes coloured by level, hidden variables dashed, the arrows of two causes coloured.

Text stays text, so the picture can be searched. The file depends on the graph alone, so the same graph gives the same
bytes.
"""

import io
from typing import TYPE_CHECKING, Any, Final, cast

import networkx as nx

from knowntruth.world.graphs.layout import Places, places

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import FancyBboxPatch

FILLS: Final = {"user": "#fdf1dc", "session": "#e4f0f8", "label": "#ececec"}
LEVELS: Final = {"user": "user level", "session": "session level", "label": "label (from an instrument)"}

HIGHLIGHTED: Final = {
    "ability": ("#8a5aa5", "effects of hidden ability"),
    "domain_expertise": ("#c64a00", "effects of domain expertise"),
}
"""Variables whose arrows are highlighted, with colour and label."""

PLAIN: Final = "#a3a9b0"
INK: Final = "#222222"
INCHES: Final = (1.75, 0.95)
"""Distance of two neighbours, across and down, in inches."""

DENSE_INCHES: Final = (1.9, 0.34)
"""The same for graphs in layers, where a name takes one line."""

POINTS_PER_INCH: Final = 72
"""The resolution of SVG; text sizes measured at another resolution would be wrong."""

RULES: Final = {"svg.fonttype": "none", "svg.hashsalt": "knowntruth", "font.family": "DejaVu Sans"}


def svg(graph: "nx.DiGraph[str]") -> str:
    """Return the picture of a graph as SVG text."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    where = places(graph)
    dense = len(graph) > 30
    unit = DENSE_INCHES if dense else INCHES
    spots = {name: (across * unit[0], -down * unit[1]) for name, (across, down) in where.items()}
    with mpl.rc_context(cast(Any, RULES)):
        left, right, low, high = _bounds(spots)
        figure = Figure(figsize=(right - left, high - low), dpi=POINTS_PER_INCH)
        FigureCanvasSVG(figure)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(left, right), ylim=(low, high))
        axes.set_axis_off()
        _legend(axes, graph)
        boxes = {name: _node(axes, name, graph.nodes[name], spots[name], dense) for name in sorted(graph)}
        figure.draw_without_rendering()  # sets the size of the boxes, at whose edges the arrows end
        _arrows(axes, graph, spots, boxes)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()


def _bounds(spots: Places) -> tuple[float, float, float, float]:
    """Return left, right, lowest and highest, in inches, with room for boxes and for the legend on top."""
    across, down = zip(*spots.values(), strict=True)
    return min(across) - 1.0, max(max(across) + 1.0, min(across) + 5.0), min(down) - 0.4, max(down) + 1.1


def _arrows(axes: "Axes", graph: "nx.DiGraph[str]", spots: Places, boxes: dict[str, "FancyBboxPatch"]) -> None:
    """Draw all arrows under the boxes, highlighted ones over the others."""
    from matplotlib.patches import FancyArrowPatch

    for cause, effect in sorted(graph.edges, key=lambda edge: (edge[0] in HIGHLIGHTED, edge)):
        highlighted = cause in HIGHLIGHTED
        axes.add_patch(
            FancyArrowPatch(
                spots[cause],
                spots[effect],
                patchA=boxes[cause],
                patchB=boxes[effect],
                shrinkA=0,
                shrinkB=1,
                arrowstyle="-|>",
                mutation_scale=8,
                connectionstyle="arc3,rad=0.05",
                zorder=3 if highlighted else 2,
                color=HIGHLIGHTED[cause][0] if highlighted else PLAIN,
                linewidth=1.3 if highlighted else 0.7,
            )
        )


def _node(axes: "Axes", name: str, node: dict[str, Any], spot: tuple[float, float], dense: bool) -> "FancyBboxPatch":
    """Draw one variable and return its box."""
    text = name.replace("_", " ") if dense else name.replace("_", "\n", 1).replace("_", " ")
    annotation = axes.annotate(
        text,
        spot,
        ha="center",
        va="center",
        fontsize=7 if dense else 8.5,
        zorder=4,
        linespacing=1.05,
        color=HIGHLIGHTED.get(name, (INK, ""))[0],
        bbox={
            "boxstyle": "round,pad=0.25",
            "facecolor": FILLS.get(str(node.get("level")), "white"),
            "edgecolor": HIGHLIGHTED.get(name, (INK, ""))[0],
            "linewidth": 0.8,
            "linestyle": "-" if node.get("observed", True) else "--",
        },
    )
    return cast("FancyBboxPatch", annotation.get_bbox_patch())


def _legend(axes: "Axes", graph: "nx.DiGraph[str]") -> None:
    """Add the legend of fill, outline and colour."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    levels = {str(level) for _, level in graph.nodes(data="level")}
    handles: list[Any] = [
        Patch(facecolor=FILLS[level], edgecolor=INK, label=text) for level, text in LEVELS.items() if level in levels
    ]
    handles.append(Patch(facecolor="white", edgecolor=INK, linestyle="--", label="hidden from the study"))
    handles += [
        Line2D([], [], color=color, label=text) for name, (color, text) in HIGHLIGHTED.items() if name in graph
    ]
    axes.legend(handles=handles, loc="upper left", ncols=3, frameon=False, fontsize=8, borderaxespad=0.6)
