"""Adjustment sets: all sufficient ones, the minimal ones, and the most precise.

A set is sufficient if it contains no node on a causal path from treatment to outcome, nor a descendant of one, and
blocks every other path (Shpitser, VanderWeele and Robins 2010). Such sets are vertex cuts of an undirected graph: the
moral graph of the ancestors of both ends, in which each node that cannot be adjusted for is removed and its
neighbours are connected. The minimal cuts are the minimal adjustment sets. They can be listed one by one in graphs of
any size (Shen and Liang 1997; van der Zander, Liskiewicz and Textor 2014).

Of all sufficient sets, the parents of the nodes on causal paths give the smallest variance (Henckel, Perkovic and
Maathuis 2022). If one of them is hidden, the best minimal set is the cut nearest to the outcome (Smucler, Sapienza
and Rotnitzky 2022). DoWhy computes both, in half a minute for ten covariates.
"""

from collections.abc import Collection, Iterator
from itertools import combinations, islice
from typing import Final

import networkx as nx

Names = frozenset[str]

MAX_LISTED: Final = 20
"""The largest number of minimal sets listed; there can be exponentially many."""

MAX_SEARCHED: Final = 12
"""The largest number of candidates of which all subsets are tried."""


def on_causal_paths(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> Names:
    """Return the nodes on directed paths from treatment to outcome, with the outcome but without the treatment."""
    after, before = nx.descendants(graph, treatment), nx.ancestors(graph, outcome)
    return frozenset((after & before) | {outcome})


def forbidden_controls(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> Names:
    """Return what must not be adjusted for: both ends, the nodes on causal paths, and their descendants."""
    if not nx.has_path(graph, treatment, outcome):
        return frozenset({treatment, outcome})
    through = on_causal_paths(graph, treatment, outcome)
    return frozenset({treatment}).union(through, *(nx.descendants(graph, node) for node in through))


def allowed_controls(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> Names:
    """Return the observed nodes that may be adjusted for."""
    seen = {node for node, observed in graph.nodes(data="observed") if observed}
    return frozenset(seen - forbidden_controls(graph, treatment, outcome))


def proper_backdoor_graph(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> "nx.DiGraph[str]":
    """Return the graph without the first arrow of every causal path; the paths that remain are not causal.

    Source: van der Zander, Liskiewicz and Textor (2014).
    """
    through = on_causal_paths(graph, treatment, outcome) if nx.has_path(graph, treatment, outcome) else frozenset()
    cut = nx.DiGraph(graph)
    cut.remove_edges_from([(treatment, child) for child in graph.successors(treatment) if child in through])
    return cut


def is_sufficient(graph: "nx.DiGraph[str]", treatment: str, outcome: str, held: Collection[str]) -> bool:
    """Return whether adjusting for these variables gives the effect.

    Examples
    --------
    >>> graph = nx.DiGraph([("u", "x"), ("u", "y"), ("x", "y")])
    >>> nx.set_node_attributes(graph, True, "observed")
    >>> is_sufficient(graph, "x", "y", ["u"]), is_sufficient(graph, "x", "y", [])
    (True, False)
    """
    if not allowed_controls(graph, treatment, outcome).issuperset(held):
        return False
    return nx.is_d_separator(proper_backdoor_graph(graph, treatment, outcome), {treatment}, {outcome}, set(held))


def all_sufficient_sets(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> tuple[Names, ...] | None:
    """Return all sufficient sets, small ones first; None if there are more candidates than `MAX_SEARCHED`."""
    candidates = sorted(allowed_controls(graph, treatment, outcome))
    if len(candidates) > MAX_SEARCHED:
        return None
    cut = proper_backdoor_graph(graph, treatment, outcome)
    tried = (set(held) for size in range(len(candidates) + 1) for held in combinations(candidates, size))
    return tuple(frozenset(held) for held in tried if nx.is_d_separator(cut, {treatment}, {outcome}, held))


def minimal_sets(
    graph: "nx.DiGraph[str]", treatment: str, outcome: str, limit: int = MAX_LISTED
) -> tuple[Names, ...]:
    """Return up to ``limit`` minimal sufficient sets, sorted; none if no set is sufficient."""
    undirected = _undirected(graph, treatment, outcome)
    if undirected.has_edge(treatment, outcome):
        return ()
    found = islice(_cuts(undirected, treatment, outcome), limit)
    return tuple(sorted(found, key=lambda held: (len(held), sorted(held))))


def efficient_set(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> Names | None:
    """Return the sufficient set of smallest variance; None if no set is sufficient or a needed one is hidden.

    The variance is asymptotic, for linear regression and for efficient nonparametric estimators alike.
    """
    if not nx.has_path(graph, treatment, outcome):
        return None
    through = on_causal_paths(graph, treatment, outcome)
    causes = frozenset(cause for node in through for cause in graph.predecessors(node))
    best = causes - forbidden_controls(graph, treatment, outcome)
    return best if is_sufficient(graph, treatment, outcome, best) else None


def efficient_minimal_set(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> Names | None:
    """Return the minimal set of smallest variance; None if no set is sufficient."""
    undirected = _undirected(graph, treatment, outcome)
    return nearest_separator(undirected, outcome, treatment)


def _undirected(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> "nx.Graph[str]":
    """Return the undirected graph of both ends and the allowed controls, whose cuts are the sufficient sets."""
    cut, allowed = proper_backdoor_graph(graph, treatment, outcome), allowed_controls(graph, treatment, outcome)
    return moralize(cut, treatment, outcome, allowed)


def moralize(graph: "nx.DiGraph[str]", one: str, other: str, allowed: Collection[str]) -> "nx.Graph[str]":
    """Return the undirected graph on two nodes and ``allowed`` whose cuts are the sets that separate the two."""
    before = nx.ancestors(graph, one) | nx.ancestors(graph, other) | {one, other}
    part = graph.subgraph(before)
    moral: nx.Graph[str] = nx.Graph(part.to_undirected())
    for node in sorted(before):
        moral.add_edges_from(combinations(sorted(part.predecessors(node)), 2))
    for node in sorted(before - set(allowed) - {one, other}):
        moral.add_edges_from(combinations(sorted(moral[node]), 2))
        moral.remove_node(node)
    return moral


def nearest_separator(graph: "nx.Graph[str]", near: str, far: str) -> Names | None:
    """Return the minimal cut between two nodes that is nearest to the first; None if they are neighbours."""
    return None if graph.has_edge(near, far) else _beyond(graph, {near}, far)


def _cuts(graph: "nx.Graph[str]", one: str, other: str) -> Iterator[Names]:
    """Yield all minimal cuts between two nodes, each once: the nearest to ``one`` first, then moved node by node."""
    first = _beyond(graph, {one}, other)
    waiting, seen = [first], {first}
    while waiting:
        cut = waiting.pop(0)
        yield cut
        side = nx.node_connected_component(graph.subgraph(set(graph) - cut), one)
        for node in sorted(cut):
            if not graph.has_edge(node, other):
                pushed = _beyond(graph, side | {node}, other)
                if pushed not in seen:
                    seen.add(pushed)
                    waiting.append(pushed)


def _beyond(graph: "nx.Graph[str]", side: set[str], other: str) -> Names:
    """Return the minimal cut nearest to ``side``."""
    around = {node for inner in side for node in graph[inner]} - side
    far = nx.node_connected_component(graph.subgraph(set(graph) - side - around), other)
    return frozenset(node for node in around if not far.isdisjoint(graph[node]))
