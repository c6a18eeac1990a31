"""The causal graph as data: checked, with labels in place of the variables that they measure, and pruned.

A graph arrives as a `networkx.DiGraph` whose nodes carry ``observed`` (its values are a column of that name)
and, for a label made by an instrument, ``measures`` (the true variable behind it). The true variables of
interest, such as domain expertise, are hidden. A study that treats its labels as free of error therefore
uses another graph, the *analysis graph*, in which the label replaces the true variable::

    domain_expertise ──► outcome                       rated_expertise ──► outcome
          │                 │           becomes
          └► rated_expertise ◄┘                        (what else the rating reads is assumed away)

`AnalysisGraph.assumptions` lists what is assumed away, because that is where such studies go wrong.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import networkx as nx

from knowntruth.common.errors import InputError
from knowntruth.common.names import nearest

STAND_INS: Final = ("rated_expertise", "user_occupation", "mode", "value_band")
"""Labels that the study treats as free of error. An outcome that is a label is added."""


@dataclass(frozen=True, slots=True)
class AnalysisGraph:
    """The graph that an analyst uses, for one treatment and one outcome.

    ``graph`` names nodes as the observed columns do. ``source`` is the graph it was made from, with labels
    in their own place. ``stand_ins`` maps each label to the true variable that it replaces.
    """

    graph: "nx.DiGraph[str]"
    source: "nx.DiGraph[str]"
    treatment: str
    outcome: str
    stand_ins: Mapping[str, str]

    @property
    def hidden(self) -> frozenset[str]:
        """The nodes that are not observed."""
        return frozenset(n for n, seen in self.graph.nodes(data="observed") if not seen)

    @property
    def true_treatment(self) -> str:
        """The treatment's name in ``source``: the variable that the label stands for."""
        return self.stand_ins.get(self.treatment, self.treatment)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """One sentence per label: what is assumed, and where the source graph contradicts it."""
        return tuple(self._assumption(label, true) for label, true in sorted(self.stand_ins.items()))

    @property
    def contradicted(self) -> tuple[str, ...]:
        """Labels whose errors, by the source graph, are associated with the treatment or the outcome."""
        return tuple(label for label in sorted(self.stand_ins) if self.reads(label))

    def reads(self, label: str) -> tuple[str, ...]:
        """Return the direct causes that make the errors of ``label`` differential, by the source graph.

        A label's errors do not change the sign of an effect if they are independent of the other end of the
        arrow. Returned are those of its causes that are not: for the treatment's label, causes associated with
        the outcome given the true treatment (halo); for the outcome's label, causes associated with the
        treatment given the true outcome (evidence left behind without better work); for any other label,
        consequences of the treatment.
        """
        true, treatment = self.stand_ins[label], self.true_treatment
        outcome = self.stand_ins.get(self.outcome, self.outcome)
        other = outcome if true == treatment else treatment
        causes = set(self.source.predecessors(label)) - {true}
        if true not in (treatment, outcome):
            after = nx.descendants(self.source, treatment)
            causes = causes & after
        return tuple(c for c in sorted(causes) if c == other or _dependent(self.source, c, other, true))

    def _assumption(self, label: str, true: str) -> str:
        read = self.reads(label)
        sentence = f"{label} is taken to be {true} itself"
        return f"{sentence}, though by the graph it also reads {', '.join(read)}" if read else sentence


def analysis_graph(
    graph: "nx.DiGraph[str]", treatment: str, outcome: str, stand_ins: Sequence[str] | None = None
) -> AnalysisGraph:
    """Check ``graph`` and replace true variables by the labels that measure them.

    Parameters
    ----------
    graph
        Nodes with ``observed``, labels with ``measures``. Left unchanged.
    treatment, outcome
        Names of observed nodes.
    stand_ins
        Labels treated as free of error. By default those of `STAND_INS` that the graph has, and the outcome
        where it is a label.

    Raises
    ------
    InputError
        For a cycle, a node without ``observed``, a missing, hidden or isolated treatment, a missing outcome,
        a stand-in that measures nothing, or two stand-ins for one variable.

    Examples
    --------
    >>> graph = kt.read_graph("dag { ability -> {expertise success}  expertise -> success }")
    >>> analysis_graph(graph, "expertise", "success").hidden
    frozenset()
    """
    check_graph(graph)
    for role, name in (("treatment", treatment), ("outcome", outcome)):
        require_node(graph, name, role)
    mapping = _stand_ins(graph, treatment, outcome, stand_ins)
    merged = _merge(graph, mapping)
    check_graph(merged)
    for role, name in (("treatment", treatment), ("outcome", outcome)):
        _require_usable(merged, name, role)
    return AnalysisGraph(merged, sort_graph(graph), treatment, outcome, dict(sorted(mapping.items())))


def check_graph(graph: "nx.DiGraph[str]") -> None:
    """Raise `InputError` if ``graph`` has a cycle or a node that does not say whether it is observed."""
    for node, data in graph.nodes(data=True):
        if "observed" not in data:
            raise InputError(
                f"graph node {node!r} does not say whether it is observed; every node needs the attribute "
                "'observed', True or False: add it"
            )
    if not nx.is_directed_acyclic_graph(graph):
        cycle = [edge[0] for edge in nx.find_cycle(graph)]
        raise InputError(
            f"the graph has a cycle: {' -> '.join([*cycle, cycle[0]])}; a causal graph has none: "
            "remove one of these arrows"
        )


def check_columns(nodes: Iterable[str], columns: Collection[str]) -> None:
    """Raise `InputError` naming the first of ``nodes`` that is marked observed but is no column."""
    for node in sorted(set(nodes) - set(columns)):
        raise InputError(
            f"graph node {node!r} is marked observed, but the data have no column of that name"
            f"{nearest(node, columns)}; add the column, or mark the node observed=False"
        )


def sort_graph(graph: "nx.DiGraph[str]") -> "nx.DiGraph[str]":
    """Return a copy with nodes and edges in alphabetical order, so that no result depends on their order."""
    copy: nx.DiGraph[str] = nx.DiGraph()
    copy.add_nodes_from((node, dict(graph.nodes[node])) for node in sorted(graph))
    copy.add_edges_from(sorted(graph.edges))
    return copy


def prune(graph: "nx.DiGraph[str]", targets: Iterable[str]) -> "nx.DiGraph[str]":
    """Return ``graph`` on ``targets`` and their ancestors: all that the effect of one on another can depend on."""
    kept = set(targets)
    for target in sorted(kept):
        kept |= nx.ancestors(graph, target)
    return sort_graph(graph.subgraph(kept))


def latent_projection(graph: "nx.DiGraph[str]", keep: Collection[str]) -> "nx.DiGraph[str]":
    """Return the latent projection of ``graph`` onto ``keep``, with hidden common causes as explicit nodes.

    A hidden node passes its parents to its children and becomes a root; a hidden root is kept only if it has
    two children that no other hidden root has in common already. The result implies the same about ``keep`` as
    ``graph`` does. Source: Evans (2016), Graphs for margins of Bayesian networks.
    """
    result = sort_graph(graph)
    hidden = [node for node in nx.lexicographical_topological_sort(result) if node not in keep]
    for node in hidden:
        parents, children = list(result.predecessors(node)), list(result.successors(node))
        result.add_edges_from((parent, child) for parent in parents for child in children)
        result.remove_edges_from([(parent, node) for parent in parents])
    result.remove_nodes_from(_superfluous(result, hidden))
    for node in result:
        result.nodes[node]["observed"] = node in keep
    return sort_graph(result)


def _superfluous(graph: "nx.DiGraph[str]", roots: Sequence[str]) -> list[str]:
    """Return the hidden roots with fewer than two children, or whose children share another hidden root."""
    children = {root: frozenset(graph.successors(root)) - set(roots) for root in roots}
    dropped = {root for root in roots if len(children[root]) < 2}
    by_size = sorted(set(roots) - dropped, key=lambda root: (-len(children[root]), root))
    for first, second in combinations(by_size, 2):
        if first not in dropped and children[second] <= children[first]:
            dropped.add(second)
    return sorted(dropped)


def _stand_ins(
    graph: "nx.DiGraph[str]", treatment: str, outcome: str, labels: Sequence[str] | None
) -> dict[str, str]:
    if labels is None:
        wanted = (*STAND_INS, treatment, outcome)
        labels = sorted({name for name in wanted if name in graph and graph.nodes[name].get("measures")})
    mapping: dict[str, str] = {}
    for label in labels:
        require_node(graph, label, "stand-in")
        true = graph.nodes[label].get("measures")
        if not true or true not in graph:
            raise InputError(
                f"{label!r} cannot stand in for anything: its node attribute 'measures' is {true!r}; name a "
                "label whose 'measures' is a node of the graph"
            )
        if true in mapping.values():
            raise InputError(f"two labels stand in for {true!r}, one of them {label!r}; keep one")
        mapping[label] = true
    return mapping


def _merge(graph: "nx.DiGraph[str]", mapping: Mapping[str, str]) -> "nx.DiGraph[str]":
    """Give each label its true variable's arrows; of the label's own arrows keep only those that leave it."""
    label_of = {true: label for label, true in mapping.items()}
    merged: nx.DiGraph[str] = nx.DiGraph()
    for node in sorted(set(graph) - set(label_of)):
        merged.add_node(node, **graph.nodes[node])
    for label in mapping:
        merged.nodes[label]["observed"] = True
    for cause, effect in sorted(graph.edges):
        ends = label_of.get(cause, cause), label_of.get(effect, effect)
        if effect not in mapping and ends[0] != ends[1]:
            merged.add_edge(*ends)
    return sort_graph(merged)


def require_node(graph: "nx.DiGraph[str]", name: str, role: str) -> None:
    """Raise `InputError` with the nearest name if the graph has no node ``name``."""
    if name not in graph:
        raise InputError(
            f"the {role} {name!r} is not in the graph; its nodes are {', '.join(sorted(graph))}: name one of them"
            f"{nearest(name, graph)}"
        )


def _require_usable(graph: "nx.DiGraph[str]", name: str, role: str) -> None:
    if not graph.nodes[name]["observed"]:
        raise InputError(
            f"the {role} {name!r} is hidden; name an observed node, or a label that measures it as a stand-in"
        )
    if graph.degree(name) == 0:
        raise InputError(
            f"the {role} {name!r} is isolated: no arrow enters or leaves it, so the graph says nothing about "
            "it; add its causes or its effects"
        )


def _dependent(graph: "nx.DiGraph[str]", one: str, other: str, given: str) -> bool:
    return not nx.is_d_separator(graph, {one}, {other}, {given})
