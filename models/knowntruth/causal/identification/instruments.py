"""Instruments: what moves the treatment and reaches the outcome through it alone, if need be with something held.

An instrument identifies an effect only with an assumption beside the graph: that the effect is the same for everyone,
as on a straight line, or that the instrument moves nobody the wrong way (Angrist, Imbens and Rubin 1996). Candidates
need not be causes of the treatment; a variable that shares a cause with it will do (Brito and Pearl 2002; van der
Zander, Textor and Liskiewicz 2015).
"""

from dataclasses import dataclass

import networkx as nx

from knowntruth.causal.identification.adjustment import moralize, nearest_separator, proper_backdoor_graph


@dataclass(frozen=True, slots=True)
class Instrument:
    """A variable, and what must be held for it to be an instrument."""

    name: str
    held: tuple[str, ...]


def find_instruments(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> tuple[Instrument, ...]:
    """Return every instrument that the graph offers, sorted, each with what must be held."""
    found = []
    barred = nx.descendants(graph, treatment) | {treatment, outcome}
    for name in sorted(set(graph) - barred):
        if graph.nodes[name]["observed"] and (held := _held(graph, treatment, outcome, name)) is not None:
            found.append(Instrument(name, held))
    return tuple(found)


def _held(graph: "nx.DiGraph[str]", treatment: str, outcome: str, name: str) -> tuple[str, ...] | None:
    """Return what separates a candidate from the outcome, the effect aside, and leaves it tied to the treatment."""
    cut = proper_backdoor_graph(graph, treatment, outcome)
    barred = nx.descendants(graph, treatment) | nx.descendants(graph, outcome) | {treatment, outcome, name}
    allowed = {node for node, seen in graph.nodes(data="observed") if seen} - barred
    undirected = moralize(cut, name, outcome, allowed)
    if not nx.has_path(undirected, name, outcome):
        held: frozenset[str] | None = frozenset()
    else:
        held = nearest_separator(undirected, outcome, name)
    if held is None or nx.is_d_separator(graph, {name}, {treatment}, set(held)):
        return None
    return tuple(sorted(held))
