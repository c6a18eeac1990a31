"""Good and bad controls: what each variable that is held does to the estimate, with the path that shows it.

Holding a variable can close a path that should be closed, or open one that was closed, or cut the effect itself.
Which of these it does follows from the graph (Cinelli, Forney and Pearl 2024)::

    mediator            rated_expertise → mode → verified_success            cuts part of the effect
    collider            rated_expertise → abandoned ← verified_success       makes an association out of nothing
    M-bias              rated_expertise ← u → c ← v → verified_success       the same, by hidden causes of both
    after the outcome   rated_expertise → verified_success → kept            picks sessions by their result
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
    "mediator", "after a mediator", "after the outcome", "collider", "M-bias", "instrument", "after the treatment",
    "confounder", "harmless",
]  # fmt: skip

SAYS: Final[dict[Kind, str]] = {
    "mediator": "stands between treatment and outcome: holding it cuts part of the effect",
    "after a mediator": "follows from what stands between treatment and outcome: holding it cuts part of the effect",
    "after the outcome": "follows from the outcome: holding it picks sessions by their result",
    "collider": "follows from the treatment and from a cause of the outcome: holding it ties the two together",
    "M-bias": "is a common effect of what moves treatment and outcome: holding it opens a path that was closed",
    "instrument": "moves the treatment alone: holding it adds variance, and bias where a hidden cause is left",
    "after the treatment": "follows from the treatment off the causal paths: holding it is not needed",
    "confounder": "closes a path that would bias the estimate",
    "harmless": "closes nothing and opens nothing; it may add precision",
}
"""What each kind of control does."""

BAD: Final[tuple[Kind, ...]] = (
    "mediator",
    "after a mediator",
    "after the outcome",
    "collider",
    "M-bias",
    "instrument",
)
"""Kinds that do harm."""


@dataclass(frozen=True, slots=True)
class Control:
    """One held variable: its kind, and the path that shows it, empty where there is none to show."""

    name: str
    kind: Kind
    path: str

    @property
    def bad(self) -> bool:
        """Whether holding it does harm."""
        return self.kind in BAD

    @property
    def words(self) -> str:
        """The finding in a sentence."""
        write_path = f" ({self.path})" if self.path else ""
        return f"{self.name} {SAYS[self.kind]}{write_path}"


def classify_controls(
    graph: "nx.DiGraph[str]", treatment: str, outcome: str, held: Sequence[str]
) -> tuple[Control, ...]:
    """Say of each held variable what holding it does, the others being held too.

    Raises
    ------
    InputError
        If a variable is not in the graph, is hidden, or is the treatment or the outcome itself.

    Examples
    --------
    >>> from knowntruth.causal.graphs.read import read_graph
    >>> graph = read_graph("dag { skill -> method -> success  skill -> success }")
    >>> print(classify_controls(graph, "skill", "success", ["method"])[0].words)
    method stands between treatment and outcome: holding it cuts part of the effect (skill → method → success)
    """
    for name in held:
        require_node(graph, name, "adjustment variable")
        if name in (treatment, outcome):
            raise InputError(f"{name!r} is the treatment or the outcome and cannot be held; leave it out of --adjust")
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
    if opened and not _is_open(cut, opened, others):  # it is open because this one is held
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
    """Return a shortest open path between two nodes that runs over ``through``, or nothing."""
    wet = set(held).union(*(nx.ancestors(graph, name) for name in held))
    waiting: list[tuple[str, ...]] = [(one,)]
    # Paths are listed by length; past the limit the graph is too dense for a path to teach anything.
    for _ in range(_MAX_PATHS):
        if not waiting:
            return ()
        path = waiting.pop(0)
        for node in sorted({*graph.predecessors(path[-1]), *graph.successors(path[-1])} - set(path)):
            longer = (*path, node)
            if len(path) > 1 and not _passes(graph, longer[-3:], set(held), wet):
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
    drawn = path[0]
    for before, node in pairwise(path):
        drawn += f" {'→' if graph.has_edge(before, node) else '←'} {node}"
    return drawn


def describe_controls(graph: "nx.DiGraph[str]", treatment: str, outcome: str, held: Sequence[str]) -> str:
    """Return in a sentence whether a set suffices, and which of it does harm."""
    bad = [control.words for control in classify_controls(graph, treatment, outcome, held) if control.bad]
    verdict = "suffices" if is_sufficient(graph, treatment, outcome, held) else "does not suffice"
    return f"holding {', '.join(held) or 'nothing'} {verdict}" + "".join(f"; {words}" for words in bad)


def _runs_over(graph: "nx.DiGraph[str]", path: Sequence[str], name: str) -> bool:
    """Whether a path has ``name`` on it, or a collider of which ``name`` is a consequence."""
    inner = zip(path, path[1:], path[2:], strict=False)
    return name in path or any(_collides(graph, *three) and nx.has_path(graph, three[1], name) for three in inner)


def _collides(graph: "nx.DiGraph[str]", before: str, node: str, after: str) -> bool:
    return graph.has_edge(before, node) and graph.has_edge(after, node)


def _passes(graph: "nx.DiGraph[str]", three: Sequence[str], held: set[str], wet: set[str]) -> bool:
    """Whether a path goes on over the middle of three nodes; ``wet`` are those with a consequence that is held."""
    before, node, after = three
    return node in wet if _collides(graph, before, node, after) else node not in held


def _is_open(graph: "nx.DiGraph[str]", path: Sequence[str], held: set[str]) -> bool:
    wet = held.union(*(nx.ancestors(graph, name) for name in held))
    triples = zip(path, path[1:], path[2:], strict=False)
    return all(_passes(graph, three, held, wet) for three in triples)


def _directed(graph: "nx.DiGraph[str]", *stops: str) -> str:
    """Return the shortest way along arrows over the given stops."""
    path = [stops[0]]
    for start, end in pairwise(stops):
        path += nx.shortest_path(graph, start, end)[1:]
    return write_path(graph, path)
