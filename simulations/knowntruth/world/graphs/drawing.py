"""The picture of a graph: boxes coloured by level, hidden variables dashed, two stories told in colour.

Text stays text, so that a picture can be searched, and nothing but the graph gets into the file, so that the same
graph gives the same bytes.
"""

import io
from typing import TYPE_CHECKING, Any, Final, cast

import networkx as nx

from knowntruth.world.graphs.layout import Places, places

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import FancyBboxPatch

FILLS: Final = {"user": "#fdf1dc", "session": "#e4f0f8", "label": "#ececec"}
LEVELS: Final = {"user": "a person's", "session": "a session's", "label": "an instrument's"}

STORIES: Final = {
    "ability": ("#8a5aa5", "what hidden ability moves"),
    "domain_expertise": ("#c64a00", "what domain expertise moves"),
}
"""Variables whose arrows are set off, with colour and meaning."""

PLAIN: Final = "#a3a9b0"
INK: Final = "#222222"
INCHES: Final = (1.75, 0.95)
"""From one place to the next, across and down."""

DENSE_INCHES: Final = (1.9, 0.34)
"""The same in layers, where a name stands on one line."""

POINTS_PER_INCH: Final = 72
"""The resolution of SVG; sizes measured at another would not be those that are drawn."""

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
        made = Figure(figsize=(right - left, high - low), dpi=POINTS_PER_INCH)
        FigureCanvasSVG(made)
        axes = made.add_axes((0, 0, 1, 1), xlim=(left, right), ylim=(low, high))
        axes.set_axis_off()
        _key(axes, graph)
        boxes = {name: _node(axes, name, graph.nodes[name], spots[name], dense) for name in sorted(graph)}
        made.draw_without_rendering()  # now the boxes know their size, and arrows can end at their edges
        _arrows(axes, graph, spots, boxes)
        text = io.StringIO()
        made.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()


def _bounds(spots: Places) -> tuple[float, float, float, float]:
    """Return left, right, lowest and highest, in inches, with room for boxes and for the key on top."""
    across, down = zip(*spots.values(), strict=True)
    return min(across) - 1.0, max(max(across) + 1.0, min(across) + 5.0), min(down) - 0.4, max(down) + 1.1


def _arrows(axes: "Axes", graph: "nx.DiGraph[str]", spots: Places, boxes: dict[str, "FancyBboxPatch"]) -> None:
    """Draw all arrows under the boxes, those of the stories over the others."""
    from matplotlib.patches import FancyArrowPatch

    for cause, effect in sorted(graph.edges, key=lambda edge: (edge[0] in STORIES, edge)):
        told = cause in STORIES
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
                zorder=3 if told else 2,
                color=STORIES[cause][0] if told else PLAIN,
                linewidth=1.3 if told else 0.7,
            )
        )


def _node(axes: "Axes", name: str, node: dict[str, Any], spot: tuple[float, float], dense: bool) -> "FancyBboxPatch":
    """Draw one variable and return its box."""
    text = name.replace("_", " ") if dense else name.replace("_", "\n", 1).replace("_", " ")
    drawn = axes.annotate(
        text,
        spot,
        ha="center",
        va="center",
        fontsize=7 if dense else 8.5,
        zorder=4,
        linespacing=1.05,
        color=STORIES.get(name, (INK, ""))[0],
        bbox={
            "boxstyle": "round,pad=0.25",
            "facecolor": FILLS.get(str(node.get("level")), "white"),
            "edgecolor": STORIES.get(name, (INK, ""))[0],
            "linewidth": 0.8,
            "linestyle": "-" if node.get("observed", True) else "--",
        },
    )
    return cast("FancyBboxPatch", drawn.get_bbox_patch())


def _key(axes: "Axes", graph: "nx.DiGraph[str]") -> None:
    """Say what fill, outline and colour mean."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    levels = {str(level) for _, level in graph.nodes(data="level")}
    handles: list[Any] = [
        Patch(facecolor=FILLS[level], edgecolor=INK, label=text) for level, text in LEVELS.items() if level in levels
    ]
    handles.append(Patch(facecolor="white", edgecolor=INK, linestyle="--", label="hidden from the study"))
    handles += [Line2D([], [], color=color, label=text) for name, (color, text) in STORIES.items() if name in graph]
    axes.legend(handles=handles, loc="upper left", ncols=3, frameon=False, fontsize=8, borderaxespad=0.6)
