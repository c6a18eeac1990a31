"""The causal graph of the main variables, from people at the top to labels at the bottom.

A world has some eighty variables. Here an arrow stands for every directed path between two of the main ones
that passes through none of the others; what is hidden from the study has a dashed outline.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

import networkx as nx

from knowntruth.workbench.plots import style
from knowntruth.workbench.results import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAIN: Final = (
    "ability", "occupation", "coding_expertise", "domain_breadth", "patience", "verifying_habit", "intended_mode",
    "domain_expertise", "difficulty", "true_value", "evidence_infrastructure", "specificity", "actions_per_prompt",
    "prompts", "trouble_met", "progress", "true_success", "evidence_kinds", "share_seen", "rated_expertise", "mode",
    "value_band", "outcome", "success_signal", "verified_success",
)  # fmt: skip
"""The variables drawn, of those that the graph has."""

FOCUS: Final = {"domain_expertise": style.TRUE.color, "rated_expertise": style.SEEN.color,
                "true_success": style.TRUE.color, "verified_success": style.SEEN.color}  # fmt: skip
"""What the study is about: the true variables and the labels that stand for them."""

SWEEPS: Final = 12


def main_graph(graph: "nx.DiGraph[str]") -> "nx.DiGraph[str]":
    """Return the graph of the main variables, an arrow for each directed path through others alone.

    Arrows that a longer path already tells are left out.
    """
    shown = [name for name in MAIN if name in graph]
    made: nx.DiGraph[str] = nx.DiGraph()
    made.add_nodes_from(shown)
    for name in shown:
        made.add_edges_from((name, end) for end in sorted(_reached(graph, name, set(shown))))
    return nx.transitive_reduction(made)


def layout(graph: "nx.DiGraph[str]") -> dict[str, tuple[float, float]]:
    """Return x and y of every node: layers by longest path, within a layer by the middle of the neighbours."""
    layers = [sorted(layer, key=MAIN.index) for layer in nx.topological_generations(graph)]
    for sweep in range(SWEEPS):
        order = range(len(layers)) if sweep % 2 == 0 else range(len(layers) - 1, -1, -1)
        for number in order:
            at = _across(layers)
            near = graph.predecessors if sweep % 2 == 0 else graph.successors
            layers[number] = sorted(layers[number], key=partial(_middle, near=near, at=at))
    across = _across(layers)
    return {name: (across[name], -depth) for depth, layer in enumerate(layers) for name in layer}


def draw(results: Results) -> "Figure":
    """Draw the graph of the main variables."""
    graph = main_graph(results.graph)
    places = layout(graph)
    depth = 1 + max(-y for _, y in places.values())
    made, (axes,) = style.figure(0.78 * depth + 0.4)
    axes.set_axis_off()
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(0.5 - depth, 0.5)
    for start, end in graph.edges:
        _arrow(axes, places[start], places[end])
    for name, place in places.items():
        _node(axes, name, place, hidden=not results.graph.nodes[name].get("observed", False))
    return made


def alt(results: Results) -> str:
    """Say what the figure shows."""
    graph = main_graph(results.graph)
    told = "; ".join(
        f"{name} is moved by {', '.join(sorted(graph.predecessors(name)))}".replace("_", " ")
        for name in ("domain_expertise", "rated_expertise", "verified_success")
        if name in graph and graph.in_degree(name)
    )
    return f"Causal graph of {len(graph)} main variables, hidden ones with a dashed outline: {told}."


def _reached(graph: "nx.DiGraph[str]", start: str, stops: set[str]) -> set[str]:
    found: set[str] = set()
    seen: set[str] = set()
    waiting = list(graph.successors(start))
    while waiting:
        name = waiting.pop()
        if name in stops:
            found.add(name)
        elif name not in seen:
            seen.add(name)
            waiting.extend(graph.successors(name))
    return found


def _across(layers: list[list[str]]) -> dict[str, float]:
    return {name: (place + 0.5) / len(layer) for layer in layers for place, name in enumerate(layer)}


def _middle(name: str, near: Callable[[str], Iterator[str]], at: dict[str, float]) -> tuple[float, int]:
    neighbours = list(near(name))
    middle = sum(at[n] for n in neighbours) / len(neighbours) if neighbours else at[name]
    return middle, MAIN.index(name)


def _arrow(axes: "Axes", start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate(
        "", xy=end, xytext=start,
        arrowprops={"arrowstyle": "-|>", "color": "#8a9098", "linewidth": 0.8, "shrinkA": 11, "shrinkB": 12,
                    "mutation_scale": 7, "connectionstyle": "arc3,rad=0.04"},
    )  # fmt: skip


def _node(axes: "Axes", name: str, place: tuple[float, float], hidden: bool) -> None:
    color = FOCUS.get(name, style.INK)
    axes.annotate(
        name.replace("_", "\n", 1).replace("_", " "), place, ha="center", va="center", fontsize=7.2, color=color,
        linespacing=1.05, fontweight="bold" if name in FOCUS else "normal",
        bbox={"boxstyle": "round,pad=0.32", "facecolor": "white", "edgecolor": color,
              "linestyle": "--" if hidden else "-", "linewidth": 1.3 if name in FOCUS else 0.8},
    )  # fmt: skip
