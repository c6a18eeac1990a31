"""The causal graph of the main variables, from people at the top to labels at the bottom.

A world has some hundred variables. Here those of the prompt-by-prompt loop stand together as one, the *course*
of the session, and an arrow stands for every directed path between two drawn variables that passes through none
of the others. Nothing that is drawn is typed in: places and groups are, the arrows come from the world.
"""

from typing import TYPE_CHECKING, Final

import networkx as nx

from knowntruth.workbench.plots import style
from knowntruth.workbench.results import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COURSE: Final = "course"
COURSE_MEMBERS: Final = (
    "misconception_chance", "error_chance", "catch_chance", "check_chance", "recovery_chance", "quit_chance",
    "leave_chance", "progress_pace", "prompts", "progress", "trouble_met", "open_trouble", "gave_up", "caught",
    "corrected", "hidden_defects", "checks",
)  # fmt: skip
COURSE_MEANING: Final = "what happens prompt by prompt: progress, errors, checks, corrections, trouble, giving up"

ROWS: Final = (
    (("ability", 0.5),),
    (("occupation", 0.17), ("coding_expertise", 0.83)),
    (("intended_mode", 0.3), ("verifying_habit", 0.86)),
    (("domain_expertise", 0.5),),
    (("difficulty", 0.16), ("specificity", 0.5), ("evidence_infrastructure", 0.84)),
    ((COURSE, 0.5),),
    (("actions_per_prompt", 0.14), ("true_success", 0.5), ("evidence_kinds", 0.84)),
    (("value_band", 0.1), ("mode", 0.36), ("judged_success", 0.62), ("success_signal", 0.88)),
    (("rated_expertise", 0.22), ("verified_success", 0.78)),
)
"""What is drawn: rows from top to bottom, in each the variables and their place from left to right."""

MAIN: Final = tuple(name for row in ROWS for name, _ in row)

STORIES: Final = (
    ("out", "ability", "#8a5aa5", "hidden ability moves both sides: confounding"),
    ("out", "domain_expertise", style.TRUE.color, "what expertise does: the effect"),
    ("in", "rated_expertise", style.SEEN.color, "what the rating reads: the label"),
)
"""Arrows that are set off: those out of, or into, one variable; with colour and meaning."""

PLAIN: Final = "#b3b8be"


def main_graph(graph: "nx.DiGraph[str]") -> "nx.DiGraph[str]":
    """Return the graph of the main variables: an arrow for each directed path through others alone."""
    merged = nx.relabel_nodes(graph, dict.fromkeys(COURSE_MEMBERS, COURSE))
    shown = [name for name in MAIN if name in merged]
    made: nx.DiGraph[str] = nx.DiGraph()
    made.add_nodes_from(shown)
    for name in shown:
        made.add_edges_from((name, end) for end in sorted(_reached(merged, name, set(shown)) - {name}))
    return made


def hidden(graph: "nx.DiGraph[str]", name: str) -> bool:
    """Whether the study did not see a drawn variable; the course is seen in part only."""
    return not graph.nodes[name].get("observed", False) if name in graph else True


def draw(results: Results) -> "Figure":
    """Draw the graph of the main variables, the arrows that make the argument on top and in colour."""
    from matplotlib.lines import Line2D  # noqa: PLC0415 - heavy: loaded when used

    graph = main_graph(results.graph)
    places = {name: (x, -depth) for depth, row in enumerate(ROWS) for name, x in row if name in graph}
    made, (axes,) = style.figure(0.8 * len(ROWS) + 0.6)
    axes.set_axis_off()
    axes.set_xlim(-0.04, 1.04)
    axes.set_ylim(0.5 - len(ROWS), 0.5)
    edges = sorted(graph.edges, key=lambda edge: (_color(edge) != PLAIN, edge))
    for start, end in edges:
        _arrow(axes, places[start], places[end], _color((start, end)))
    for name, place in places.items():
        _node(axes, name, place, hidden(results.graph, name))
    lines = [Line2D([], [], color=color, label=label) for _, _, color, label in STORIES]
    made.legend(handles=lines, loc="outside upper left")
    return made


def alt(results: Results) -> str:
    """Say what the figure shows."""
    graph = main_graph(results.graph)
    told = "; ".join(
        f"{name} is moved by {', '.join(sorted(graph.predecessors(name)))}".replace("_", " ")
        for name in ("domain_expertise", "rated_expertise", "verified_success")
        if name in graph
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


def _color(edge: tuple[str, str]) -> str:
    for side, name, color, _ in STORIES:
        if edge[0 if side == "out" else 1] == name:
            return color
    return PLAIN


def _arrow(axes: "Axes", start: tuple[float, float], end: tuple[float, float], color: str) -> None:
    told = color != PLAIN
    axes.annotate(
        "", xy=end, xytext=start, zorder=3 if told else 2,
        arrowprops={"arrowstyle": "-|>", "color": color, "linewidth": 1.3 if told else 0.7, "shrinkA": 10,
                    "shrinkB": 13, "mutation_scale": 9 if told else 6, "connectionstyle": "arc3,rad=0.06"},
    )  # fmt: skip


def _node(axes: "Axes", name: str, place: tuple[float, float], unseen: bool) -> None:
    ends = {end: color for _, end, color, _ in STORIES}
    color = ends.get(name, style.INK)
    axes.annotate(
        name.replace("_", "\n", 1).replace("_", " "), place, ha="center", va="center", fontsize=7.6, color=color,
        linespacing=1.05, fontweight="bold" if name in ends else "normal", zorder=4,
        bbox={"boxstyle": "round,pad=0.32", "facecolor": "white", "edgecolor": color,
              "linestyle": "--" if unseen else "-", "linewidth": 1.3 if name in ends else 0.8},
    )  # fmt: skip
