"""The latent projection of a causal graph: arrows, and pairs of nodes with a hidden common cause.

The latent projection of a graph onto its observed nodes is an acyclic directed mixed graph. Nodes that are
connected by paths of such pairs form a *district*, and the joint probability factorizes into one factor per district.
The identification of effects with hidden causes rests on this (Tian and Pearl 2002; Evans 2016).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import networkx as nx

from knowntruth.causal.graphs.analysis_graph import latent_projection

Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Admg:
    """Observed nodes in topological order, arrows between them, and pairs with a hidden common cause."""

    nodes: tuple[str, ...]
    arrows: frozenset[tuple[str, str]]
    confounded: frozenset[Names]

    def subgraph(self, keep: Collection[str]) -> "Admg":
        """Return the graph on some of its nodes, with the edges between them."""
        kept = frozenset(keep)
        return Admg(
            tuple(node for node in self.nodes if node in kept),
            frozenset(arrow for arrow in self.arrows if kept.issuperset(arrow)),
            frozenset(pair for pair in self.confounded if pair <= kept),
        )

    def parents(self, nodes: Iterable[str]) -> Names:
        """Return the direct causes of any of the nodes."""
        of = frozenset(nodes)
        return frozenset(cause for cause, effect in self.arrows if effect in of)

    def ancestors(self, nodes: Iterable[str]) -> Names:
        """Return the nodes and all their causes."""
        found, new = frozenset[str](), frozenset(nodes)
        while new:
            found |= new
            new = self.parents(new) - found
        return found

    def districts(self) -> tuple[Names, ...]:
        """Return the sets of nodes connected by hidden common causes, in topological order."""
        graph: nx.Graph[str] = nx.Graph()
        graph.add_nodes_from(self.nodes)
        graph.add_edges_from((min(pair), max(pair)) for pair in self.confounded)
        found = [frozenset(part) for part in nx.connected_components(graph)]
        return tuple(sorted(found, key=lambda part: min(self.nodes.index(node) for node in part)))

    def district(self, node: str) -> Names:
        """Return the district of one node."""
        return next(part for part in self.districts() if node in part)

    def before(self, node: str) -> tuple[str, ...]:
        """Return the nodes before one in the topological order."""
        return self.nodes[: self.nodes.index(node)]

    def pillow(self, node: str) -> tuple[str, ...]:
        """Return the Markov pillow: its district among the nodes so far and their causes, in order."""
        so_far = self.subgraph([*self.before(node), node])
        district = so_far.district(node)
        return tuple(n for n in so_far.nodes if n in (district | so_far.parents(district)) - {node})


def to_admg(graph: "nx.DiGraph[str]") -> Admg:
    """Return the latent projection of a graph onto its observed nodes.

    Examples
    --------
    >>> bow = nx.DiGraph([("x", "y"), ("u", "x"), ("u", "y")])
    >>> nx.set_node_attributes(bow, {"x": True, "y": True, "u": False}, "observed")
    >>> to_admg(bow).districts() == (frozenset({"x", "y"}),)
    True
    """
    observed = [node for node, seen in graph.nodes(data="observed") if seen]
    small = latent_projection(graph, observed)
    confounded = set()
    for hidden in set(small) - set(observed):
        children = sorted(small.successors(hidden))
        confounded |= {frozenset((a, b)) for i, a in enumerate(children) for b in children[i + 1 :]}
    order = tuple(n for n in nx.lexicographical_topological_sort(small) if n in set(observed))
    arrows = frozenset((a, b) for a, b in small.edges if small.nodes[a]["observed"])
    return Admg(order, arrows, frozenset(confounded))
