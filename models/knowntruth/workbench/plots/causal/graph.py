"""The causal graph of the main variables, from people at the top to labels at the bottom.

The variables and their places are defined in ``knowntruth.world.graphs.layout``; here the arrows of the study's main
argument are coloured.
"""

from typing import TYPE_CHECKING, Final

import networkx as nx

from knowntruth.workbench.plots.common import style
from knowntruth.workbench.results.study_results import Results
from knowntruth.world.graphs.layout import ROWS, main_graph

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STORIES: Final = (
    ("out", "ability", "#8a5aa5", "hidden ability affects both sides: confounding"),
    ("out", "domain_expertise", style.TRUE.color, "effects of expertise"),
    ("in", "rated_expertise", style.SEEN.color, "causes of the rating: measurement"),
)
"""Arrows that are highlighted: those out of, or into, one variable; with colour and meaning."""

PLAIN: Final = "#b3b8be"


def hidden(graph: "nx.DiGraph[str]", name: str) -> bool:
    """Whether the study did not see a drawn variable; the course is only partly observed."""
    return not graph.nodes[name].get("observed", False) if name in graph else True


def draw(results: Results) -> "Figure":
    """Draw the graph of the main variables, with the arrows of the argument on top and in colour."""
    from matplotlib.lines import Line2D

    graph = main_graph(results.graph)
    places = {name: (x, -depth) for depth, row in enumerate(ROWS) for name, x in row if name in graph}
    picture, (axes,) = style.figure(0.8 * len(ROWS) + 0.6)
    axes.set_axis_off()
    axes.set_xlim(-0.04, 1.04)
    axes.set_ylim(0.5 - len(ROWS), 0.5)
    edges = sorted(graph.edges, key=lambda edge: (_color(edge) != PLAIN, edge))
    for start, end in edges:
        _arrow(axes, places[start], places[end], _color((start, end)))
    for name, place in places.items():
        _node(axes, name, place, hidden(results.graph, name))
    lines = [Line2D([], [], color=color, label=label) for _, _, color, label in STORIES]
    picture.legend(handles=lines, loc="outside upper left")
    return picture


def alt(results: Results) -> str:
    """Describe the figure in words."""
    graph = main_graph(results.graph)
    causes = "; ".join(
        f"{name} is caused by {', '.join(sorted(graph.predecessors(name)))}".replace("_", " ")
        for name in ("domain_expertise", "rated_expertise", "verified_success")
        if name in graph
    )
    return f"Causal graph of {len(graph)} main variables, hidden ones with a dashed outline: {causes}."


def _color(edge: tuple[str, str]) -> str:
    for side, name, color, _ in STORIES:
        if edge[0 if side == "out" else 1] == name:
            return color
    return PLAIN


def _arrow(axes: "Axes", start: tuple[float, float], end: tuple[float, float], color: str) -> None:
    highlighted = color != PLAIN
    axes.annotate(
        "",
        xy=end,
        xytext=start,
        zorder=3 if highlighted else 2,
        arrowprops={
            "arrowstyle": "-|>",
            "color": color,
            "linewidth": 1.3 if highlighted else 0.7,
            "shrinkA": 10,
            "shrinkB": 13,
            "mutation_scale": 9 if highlighted else 6,
            "connectionstyle": "arc3,rad=0.06",
        },
    )


def _node(axes: "Axes", name: str, place: tuple[float, float], unseen: bool) -> None:
    ends = {end: color for _, end, color, _ in STORIES}
    color = ends.get(name, style.INK)
    axes.annotate(
        name.replace("_", "\n", 1).replace("_", " "),
        place,
        ha="center",
        va="center",
        fontsize=7.6,
        color=color,
        linespacing=1.05,
        fontweight="bold" if name in ends else "normal",
        zorder=4,
        bbox={
            "boxstyle": "round,pad=0.32",
            "facecolor": "white",
            "edgecolor": color,
            "linestyle": "--" if unseen else "-",
            "linewidth": 1.3 if name in ends else 0.8,
        },
    )
