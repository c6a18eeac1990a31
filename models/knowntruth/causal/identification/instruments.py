"""Instruments: variables that affect the outcome only through the treatment, if need be given some covariates.

An instrument identifies an effect only with an assumption beyond the graph: the effect is linear and the same for
everyone, or the instrument is monotone (Angrist, Imbens and Rubin 1996). Candidates need not be causes of the
treatment; a variable that shares a cause with it is enough (Brito and Pearl 2002; van der Zander, Textor and
Liskiewicz 2015).
"""

from dataclasses import dataclass

import networkx as nx

from knowntruth.causal.identification.adjustment import moralize, nearest_separator, proper_backdoor_graph


@dataclass(frozen=True, slots=True)
class Instrument:
    """A variable, and the covariates given which it is an instrument."""

    name: str
    held: tuple[str, ...]


def find_instruments(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> tuple[Instrument, ...]:
    """Return every instrument of the graph, sorted, each with the covariates that it needs."""
    found = []
    barred = nx.descendants(graph, treatment) | {treatment, outcome}
    for name in sorted(set(graph) - barred):
        if graph.nodes[name]["observed"] and (held := _held(graph, treatment, outcome, name)) is not None:
            found.append(Instrument(name, held))
    return tuple(found)


def _held(graph: "nx.DiGraph[str]", treatment: str, outcome: str, name: str) -> tuple[str, ...] | None:
    """Return covariates that separate a candidate from the outcome except through the effect; None if there are none.

    Given them, the candidate must still be associated with the treatment.
    """
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
