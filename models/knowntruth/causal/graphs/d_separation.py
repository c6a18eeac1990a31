"""What a graph implies about adjustment, front doors, instruments and hidden common causes.

All criteria here are tests of d-separation, exact and cheap however large the graph is. They answer the
question of identification completely for adjustment: if the observed causes of treatment and outcome that the
treatment does not affect fail to block every back door, no set of observed variables does (van der Zander,
Liskiewicz and Textor 2014). DoWhy searches all subsets instead, so it is given
a graph small enough for that search to finish.
"""

from collections.abc import Collection, Iterable, Sequence

import networkx as nx


def backdoor_graph(graph: "nx.DiGraph[str]", treatment: str) -> "nx.DiGraph[str]":
    """Return ``graph`` without the arrows out of ``treatment``: its remaining paths are its back doors."""
    return _without_arrows_out(graph, [treatment])


def blocks(graph: "nx.DiGraph[str]", treatment: str, outcome: str, adjustment: Collection[str]) -> bool:
    """Return whether ``adjustment`` blocks every back door; none of it may descend from the treatment."""
    if not nx.descendants(graph, treatment).isdisjoint(adjustment):
        return False
    return nx.is_d_separator(backdoor_graph(graph, treatment), {treatment}, {outcome}, set(adjustment))


def candidates(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> tuple[str, ...]:
    """Return the observed causes of treatment or outcome that the treatment does not affect, sorted."""
    causes = nx.ancestors(graph, treatment) | nx.ancestors(graph, outcome)
    after = nx.descendants(graph, treatment) | {treatment, outcome}
    return tuple(sorted(node for node in causes - after if graph.nodes[node]["observed"]))


def drop_irrelevant(
    graph: "nx.DiGraph[str]", treatment: str, outcome: str, adjustment: Iterable[str]
) -> tuple[str, ...]:
    """Drop from ``adjustment`` what is independent of the outcome given the rest, without the treatment's effects.

    Such variables, instruments among them, block no back door. Adjusting for them adds variance, and where a
    hidden cause is left it adds bias (Henckel, Perkovic and Maathuis 2022; Pearl 2010).
    """
    kept = sorted(adjustment)
    open_graph = backdoor_graph(graph, treatment)
    for node in list(kept):
        rest = set(kept) - {node}
        if nx.is_d_separator(open_graph, {node}, {outcome}, rest):
            kept.remove(node)
    return tuple(kept)


def minimal_adjustment(
    graph: "nx.DiGraph[str]", treatment: str, outcome: str, adjustment: Iterable[str]
) -> tuple[str, ...]:
    """Return a subset of a blocking ``adjustment`` from which nothing can be left out, found in sorted order."""
    kept = sorted(adjustment)
    for node in list(kept):
        rest = [other for other in kept if other != node]
        if blocks(graph, treatment, outcome, rest):
            kept = rest
    return tuple(kept)


def instruments(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> tuple[str, ...]:
    """Return the observed causes of the treatment that reach the outcome through it alone, sorted."""
    open_graph = backdoor_graph(graph, treatment)
    return tuple(
        node
        for node in sorted(nx.ancestors(graph, treatment) - {outcome})
        if graph.nodes[node]["observed"] and nx.is_d_separator(open_graph, {node}, {outcome}, set())
    )


def front_door(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> tuple[str, ...]:
    """Return the largest set of observed mediators that satisfies the front-door criterion, or nothing.

    The set carries every directed path, no back door leads from the treatment to it, and the treatment
    blocks every back door from it to the outcome (Pearl 1995). Mediators that break the second or third
    condition by themselves are removed in turn; what remains is returned if it carries every path.
    """
    after, before = nx.descendants(graph, treatment), nx.ancestors(graph, outcome)
    unconfounded = backdoor_graph(graph, treatment)
    kept = [
        node
        for node in sorted(after & before)
        if graph.nodes[node]["observed"] and nx.is_d_separator(unconfounded, {treatment}, {node}, set())
    ]
    while kept:
        confounded = _confounded_with(graph, treatment, outcome, kept)
        if not confounded:
            break
        kept = [node for node in kept if node not in confounded]
    return tuple(kept) if kept and _carries_all(graph, treatment, outcome, kept) else ()


def _confounded_with(graph: "nx.DiGraph[str]", treatment: str, outcome: str, mediators: Sequence[str]) -> set[str]:
    cut = _without_arrows_out(graph, mediators)
    return {node for node in mediators if not nx.is_d_separator(cut, {node}, {outcome}, {treatment})}


def _carries_all(graph: "nx.DiGraph[str]", treatment: str, outcome: str, mediators: Sequence[str]) -> bool:
    rest = graph.subgraph(set(graph) - set(mediators))
    return not nx.has_path(rest, treatment, outcome)


def _without_arrows_out(graph: "nx.DiGraph[str]", nodes: Sequence[str]) -> "nx.DiGraph[str]":
    cut = nx.DiGraph(graph)
    cut.remove_edges_from(list(graph.out_edges(nodes)))
    return cut


def hidden_causes(
    graph: "nx.DiGraph[str]", treatment: str, outcome: str, adjustment: Collection[str]
) -> tuple[str, ...]:
    """Name the hidden common causes of treatment and outcome that ``adjustment`` leaves open, sorted.

    A hidden node counts if unadjusted paths lead from it to the treatment and, past the treatment, to the
    outcome, and these paths diverge at the node itself. Where a back door is open without such a node, because
    adjusting for a common effect opened it, the hidden causes of the adjusted variables are named.
    """
    free = graph.subgraph(set(graph) - set(adjustment))
    past = free.subgraph(set(free) - {treatment})
    to_treatment, to_outcome = nx.ancestors(free, treatment), nx.ancestors(past, outcome)
    common = sorted(n for n in to_treatment & to_outcome if not graph.nodes[n]["observed"])
    forks = tuple(node for node in common if not _one_way_out(free, node, treatment, outcome))
    if forks or blocks(graph, treatment, outcome, adjustment):
        return forks
    return tuple(sorted({p for z in adjustment for p in graph.predecessors(z) if not graph.nodes[p]["observed"]}))


def _one_way_out(graph: "nx.DiGraph[str]", node: str, treatment: str, outcome: str) -> bool:
    """Return whether all paths from ``node`` to both ends go through one later node, the actual fork."""
    ends = {treatment, outcome}
    for gate in sorted(nx.descendants(graph, node) - ends):
        rest = graph.subgraph(set(graph) - {gate})
        past = rest.subgraph(set(rest) - {treatment})
        if not nx.has_path(rest, node, treatment) and not nx.has_path(past, node, outcome):
            return True
    return False
