"""The main view of a world's graph, and the position of each variable.

A world has over a hundred variables. The main view merges those of the prompt-by-prompt loop into one, the *course*
of the session. An arrow stands for every directed path between two shown variables that passes through none of the
others. Positions and groups are defined here; the arrows come from the world.
"""

from typing import Final

import networkx as nx
import numpy as np

Places = dict[str, tuple[float, float]]
"""Each variable's position: across, and down from 0; one unit is the distance of two neighbours."""

COURSE: Final = "course"
COURSE_MEMBERS: Final = (
    "misconception_chance", "error_chance", "catch_chance", "check_chance", "recovery_chance", "quit_chance",
    "leave_chance", "progress_pace", "prompts", "progress", "trouble_met", "open_trouble", "gave_up", "caught",
    "corrected", "hidden_defects", "checks",
)  # fmt: skip
COURSE_MEANING: Final = "what happens prompt by prompt: progress, errors, checks, corrections, trouble, giving up"

ROWS: Final = (
    (("ability", 0.42),),
    (("occupation", 0.17), ("coding_expertise", 0.83)),
    (("intended_mode", 0.3), ("verifying_habit", 0.86)),
    (("domain_expertise", 0.5),),
    (("difficulty", 0.16), ("specificity", 0.57), ("evidence_infrastructure", 0.84)),
    ((COURSE, 0.48),),
    (("actions_per_prompt", 0.14), ("true_success", 0.5), ("evidence_kinds", 0.84)),
    (("value_band", 0.1), ("mode", 0.36), ("judged_success", 0.62), ("success_signal", 0.88)),
    (("rated_expertise", 0.22), ("verified_success", 0.78)),
)
"""The main view: rows from top to bottom, in each the variables and their place from left (0) to right (1)."""

MAIN: Final = tuple(name for row in ROWS for name, _ in row)
ROW_WIDTH: Final = 5.0
SWEEPS: Final = 8


def main_graph(graph: "nx.DiGraph[str]") -> "nx.DiGraph[str]":
    """Return the graph of the main variables that ``graph`` has, with their attributes.

    Examples
    --------
    >>> from knowntruth.world.graphs.derive import acting_graph
    >>> main_graph(acting_graph(kt.load_world("mediation"))).has_edge("domain_expertise", "course")
    False
    """
    merged = nx.relabel_nodes(graph, dict.fromkeys(COURSE_MEMBERS, COURSE))
    if COURSE in merged:
        merged.nodes[COURSE].update(level="session", observed=False, measures=None, unit="", meaning=COURSE_MEANING)
    shown = sorted(name for name in MAIN if name in merged)
    main: nx.DiGraph[str] = nx.DiGraph()
    main.add_nodes_from((name, dict(merged.nodes[name])) for name in shown)
    for name in shown:
        main.add_edges_from((name, end) for end in sorted(_reachable_stops(merged, name, set(shown)) - {name}))
    return main


def places(graph: "nx.DiGraph[str]") -> Places:
    """Return a position for every node: that of the main view if all nodes belong to it, and layers otherwise.

    In layers a variable stands to the right of all its causes. The order within a layer follows the barycentre sweeps
    of Sugiyama, Tagawa and Toda (1981, doi:10.1109/TSMC.1981.4308636).
    """
    if set(graph) <= set(MAIN):
        rows = {name: (x * ROW_WIDTH, float(down)) for down, row in enumerate(ROWS) for name, x in row}
        return {name: rows[name] for name in graph}
    return _layered(graph)


def _layered(graph: "nx.DiGraph[str]") -> Places:
    layers = [sorted(layer) for layer in nx.topological_generations(graph)]
    tallest = max(len(layer) for layer in layers)
    down = {name: float(k) for layer in layers for k, name in enumerate(layer)}
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for layer in layers if forward else layers[::-1]:
            near = graph.predecessors if forward else graph.successors
            wanted = {name: float(np.mean([down[n] for n in near(name)] or [down[name]])) for name in layer}
            layer.sort(key=lambda name: (wanted[name], name))
            top = (tallest - len(layer)) / 2
            down |= {name: top + k for k, name in enumerate(layer)}
    return {name: (float(across), down[name]) for across, layer in enumerate(layers) for name in layer}


def _reachable_stops(graph: "nx.DiGraph[str]", start: str, stops: set[str]) -> set[str]:
    """Return the ``stops`` to which a directed path leads that passes through no other stop."""
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
