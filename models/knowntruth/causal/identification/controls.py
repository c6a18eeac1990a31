"""Good and bad controls: what adjusting for each variable does to the estimate, with the path that shows it.

Adjusting for a variable can block a confounding path, open a blocked one, or remove part of the effect. Which of
these it does follows from the graph (Cinelli, Forney and Pearl 2024)::

    mediator            rated_expertise → mode → verified_success            removes part of the effect
    collider            rated_expertise → abandoned ← verified_success       creates a spurious association
    M-bias              rated_expertise ← u → c ← v → verified_success       the same, by hidden causes of both
    after the outcome   rated_expertise → verified_success → kept            selects sessions by their result
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import networkx as nx

from knowntruth.causal.graphs.analysis_graph import require_node
from knowntruth.causal.identification.adjustment import is_sufficient, on_causal_paths, proper_backdoor_graph
from knowntruth.common.errors import InputError

Kind = Literal[
    "mediator",
    "after a mediator",
    "after the outcome",
    "collider",
    "M-bias",
    "instrument",
    "after the treatment",
    "confounder",
    "harmless",
]

EFFECTS: Final[dict[Kind, str]] = {
    "mediator": "is on a causal path from treatment to outcome: adjusting for it removes part of the effect",
    "after a mediator": "is a consequence of a mediator: adjusting for it removes part of the effect",
    "after the outcome": "is a consequence of the outcome: adjusting for it selects sessions by their result",
    "collider": "is a common effect of treatment and a cause of the outcome: adjusting for it opens a blocked path",
    "M-bias": "is a common effect of causes of treatment and outcome: adjusting for it opens a blocked path",
    "instrument": "affects only the treatment: adjusting for it adds variance, and bias if a hidden cause remains",
    "after the treatment": "is a consequence of the treatment off the causal paths: adjusting for it is not needed",
    "confounder": "blocks a path that would bias the estimate",
    "harmless": "blocks no path and opens none; it may add precision",
}
"""What adjusting for each kind of control does."""

BAD: Final[tuple[Kind, ...]] = (
    "mediator",
    "after a mediator",
    "after the outcome",
    "collider",
    "M-bias",
    "instrument",
)
"""Kinds that add bias or variance."""


@dataclass(frozen=True, slots=True)
class Control:
    """One control: its kind, and the path that shows it, empty if there is none."""

    name: str
    kind: Kind
    path: str

    @property
    def bad(self) -> bool:
        """Whether adjusting for it adds bias or variance."""
        return self.kind in BAD

    @property
    def words(self) -> str:
        """The finding in a sentence."""
        path = f" ({self.path})" if self.path else ""
        return f"{self.name} {EFFECTS[self.kind]}{path}"


def classify_controls(
    graph: "nx.DiGraph[str]", treatment: str, outcome: str, held: Sequence[str]
) -> tuple[Control, ...]:
    """Return for each variable what adjusting for it does, given that the others are adjusted for too.

    Raises
    ------
    InputError
        If a variable is not in the graph, is hidden, or is the treatment or the outcome itself.

    Examples
    --------
    >>> graph = kt.read_graph("dag { skill -> method -> success  skill -> success }")
    >>> print(classify_controls(graph, "skill", "success", ["method"])[0].words)
    method is on a causal path ... to outcome: adjusting for it removes part of the effect (skill → method → success)
    """
    for name in held:
        require_node(graph, name, "adjustment variable")
        if name in (treatment, outcome):
            raise InputError(f"{name!r} is the treatment or the outcome, not a control; leave it out of --adjust")
        if not graph.nodes[name]["observed"]:
            raise InputError(f"the adjustment variable {name!r} is hidden; name an observed one")
    return tuple(_control(graph, treatment, outcome, name, set(held) - {name}) for name in held)


def _control(graph: "nx.DiGraph[str]", treatment: str, outcome: str, name: str, others: set[str]) -> Control:
    causal = nx.has_path(graph, treatment, outcome)
    through = on_causal_paths(graph, treatment, outcome) - {outcome} if causal else frozenset[str]()
    after = nx.descendants(graph, treatment)
    if name in through:
        return Control(name, "mediator", _directed(graph, treatment, name, outcome))
    if name in nx.descendants(graph, outcome):
        return Control(name, "after the outcome", _directed(graph, *([treatment] if causal else []), outcome, name))
    if mediators := sorted(node for node in through if nx.has_path(graph, node, name)):
        return Control(name, "after a mediator", _directed(graph, treatment, mediators[0], name))
    cut = proper_backdoor_graph(graph, treatment, outcome)
    opened = open_path(cut, treatment, outcome, others | {name}, through=name)
    if opened and not _is_open(cut, opened, others):  # adjusting for this variable opens it
        return Control(name, "collider" if name in after else "M-bias", write_path(graph, opened))
    if name in after:
        return Control(name, "after the treatment", _directed(graph, treatment, name))
    return _before(graph, cut, treatment, outcome, name, others)


def _before(
    graph: "nx.DiGraph[str]", cut: "nx.DiGraph[str]", treatment: str, outcome: str, name: str, others: set[str]
) -> Control:
    closed = open_path(cut, treatment, outcome, others, through=name)
    if closed:
        return Control(name, "confounder", write_path(graph, closed))
    past = graph.subgraph(set(graph) - {treatment})
    alone = name in nx.ancestors(graph, treatment) and not nx.has_path(past, name, outcome)
    if alone and nx.is_d_separator(cut, {name}, {outcome}, others):
        return Control(name, "instrument", _directed(graph, name, treatment))
    return Control(name, "harmless", "")


def open_path(
    graph: "nx.DiGraph[str]", one: str, other: str, held: Collection[str], through: str | None = None
) -> tuple[str, ...]:
    """Return a shortest open path between two nodes through ``through``, given ``held``; empty if there is none."""
    conditioned = set(held).union(*(nx.ancestors(graph, name) for name in held))
    waiting: list[tuple[str, ...]] = [(one,)]
    # Paths are listed by length; past the limit the graph is too dense for a path to be informative.
    for _ in range(_MAX_PATHS):
        if not waiting:
            return ()
        path = waiting.pop(0)
        for node in sorted({*graph.predecessors(path[-1]), *graph.successors(path[-1])} - set(path)):
            longer = (*path, node)
            if len(path) > 1 and not _passes(graph, longer[-3:], set(held), conditioned):
                continue
            if node == other:
                if through is None or _runs_over(graph, longer, through):
                    return longer
            else:
                waiting.append(longer)
    return ()


_MAX_PATHS: Final = 20_000


def write_path(graph: "nx.DiGraph[str]", path: Sequence[str]) -> str:
    """Return a path with its arrows.

    Examples
    --------
    >>> write_path(nx.DiGraph([("u", "x"), ("u", "y")]), ["x", "u", "y"])
    'x ← u → y'
    """
    text = path[0]
    for before, node in pairwise(path):
        text += f" {'→' if graph.has_edge(before, node) else '←'} {node}"
    return text


def describe_controls(graph: "nx.DiGraph[str]", treatment: str, outcome: str, held: Sequence[str]) -> str:
    """Return a sentence on whether a set is sufficient, and which of its variables are bad controls."""
    bad = [control.words for control in classify_controls(graph, treatment, outcome, held) if control.bad]
    verdict = "is sufficient" if is_sufficient(graph, treatment, outcome, held) else "is not sufficient"
    return f"adjusting for {', '.join(held) or 'nothing'} {verdict}" + "".join(f"; {words}" for words in bad)


def _runs_over(graph: "nx.DiGraph[str]", path: Sequence[str], name: str) -> bool:
    """Return whether ``name`` is on a path, or a consequence of one of its colliders."""
    inner = zip(path, path[1:], path[2:], strict=False)
    return name in path or any(_collides(graph, *three) and nx.has_path(graph, three[1], name) for three in inner)


def _collides(graph: "nx.DiGraph[str]", before: str, node: str, after: str) -> bool:
    return graph.has_edge(before, node) and graph.has_edge(after, node)


def _passes(graph: "nx.DiGraph[str]", three: Sequence[str], held: set[str], conditioned: set[str]) -> bool:
    """Return whether a path is open at the middle of three nodes.

    ``conditioned`` are the nodes in ``held`` and their ancestors: a collider is open if it is one of them.
    """
    before, node, after = three
    return node in conditioned if _collides(graph, before, node, after) else node not in held


def _is_open(graph: "nx.DiGraph[str]", path: Sequence[str], held: set[str]) -> bool:
    conditioned = held.union(*(nx.ancestors(graph, name) for name in held))
    triples = zip(path, path[1:], path[2:], strict=False)
    return all(_passes(graph, three, held, conditioned) for three in triples)


def _directed(graph: "nx.DiGraph[str]", *stops: str) -> str:
    """Return the shortest directed path through the given stops."""
    path = [stops[0]]
    for start, end in pairwise(stops):
        path += nx.shortest_path(graph, start, end)[1:]
    return write_path(graph, path)
