"""Small worlds whose every probability is known, to hold a formula against what intervening does.

A `Tabular` world has binary variables, some of them hidden, and a table of chances for each. All its values are
enumerated, so what can be observed (`Tabular.joint`) and what intervening does (`Tabular.do`) are exact. A `Linear`
world does the same for straight lines, in closed form. `twins` makes, for an effect that is not identified, two
worlds that look exactly the same and differ in the effect: the proof that nothing observed could tell.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import networkx as nx
import numpy as np

from knowntruth.causal.graphs.admg import Admg
from knowntruth.causal.identification.id_algorithm import Hedge
from knowntruth.causal.identification.probability import Joint
from knowntruth.common.arrays import Floats


@dataclass(frozen=True, slots=True)
class TabularWorld:
    """Binary variables on a graph; ``chances[v]`` is the chance of 1, one axis for each parent in sorted order."""

    graph: "nx.DiGraph[str]"
    chances: Mapping[str, Floats]

    @property
    def observed(self) -> tuple[str, ...]:
        """The variables that are seen, sorted."""
        return tuple(sorted(node for node, seen in self.graph.nodes(data="observed") if seen))

    def joint(self) -> Joint:
        """Return the distribution of what is observed."""
        return self._marginal({})

    def do(self, treatment: str) -> Joint:
        """Return the distributions under intervention: for each value of the treatment, that of all else observed."""
        return self._marginal({treatment: None})

    def nested(self, treatment: str, outcome: str, mediator: str) -> Floats:
        """Return ``P(outcome)`` with one value of the treatment, and the mediator as under another.

        Axes: outcome, treatment, the treatment that the mediator is told. Exact where no effect of the treatment
        moves both mediator and outcome, which the criterion of mediation demands.
        """
        after, before = nx.descendants(self.graph, treatment), nx.ancestors(self.graph, mediator)
        told = (after & before) | {mediator}
        names, second = sorted(self.graph), treatment + "*"
        axes = [*names, second]
        value = np.ones((1,) * len(axes))
        for node in names:
            if node != treatment:
                swap = {treatment: second} if node in told else {}
                value = value * self._table(node, axes, swap)
        away = tuple(axes.index(n) for n in names if n not in (outcome, treatment))
        summed = value.sum(axis=away)
        kept = [n for n in axes if n in (outcome, treatment, second)]
        return np.transpose(summed, [kept.index(n) for n in (outcome, treatment, second)])

    def _marginal(self, cut: Mapping[str, None]) -> Joint:
        names = sorted(self.graph)
        value = np.ones((1,) * len(names))
        for node in names:
            if node not in cut:
                value = value * self._table(node, names, {})
        value = np.broadcast_to(value, (2,) * len(names))
        return Joint(self.observed, np.asarray(value.sum(axis=tuple(names.index(n) for n in self._hidden()))))

    def _hidden(self) -> list[str]:
        return [node for node in self.graph if node not in self.observed]

    def _table(self, node: str, axes: list[str], swap: Mapping[str, str]) -> Floats:
        """Return the chances of one node with an axis for every variable."""
        parents = sorted(self.graph.predecessors(node))
        both = np.stack([1 - self.chances[node], self.chances[node]], axis=-1)
        named = [swap.get(parent, parent) for parent in parents] + [node]
        order = sorted(range(len(named)), key=lambda place: axes.index(named[place]))
        shape = [2 if name in named else 1 for name in axes]
        return np.transpose(both, order).reshape(shape)


def random_tabular_world(graph: "nx.DiGraph[str]", rng: np.random.Generator) -> TabularWorld:
    """Return a world on a graph with chances drawn evenly from 0.05 to 0.95, so that everything can happen."""
    return TabularWorld(
        graph, {node: rng.uniform(0.05, 0.95, (2,) * graph.in_degree(node)) for node in sorted(graph)}
    )


@dataclass(frozen=True, slots=True)
class LinearWorld:
    """Straight lines with noise of variance 1: ``weights[cause, effect]`` for each arrow."""

    graph: "nx.DiGraph[str]"
    weights: Mapping[tuple[str, str], float]

    def covariance(self) -> tuple[tuple[str, ...], Floats]:
        """Return the names, sorted, and the exact covariances of all variables."""
        names, through = self._through()
        return names, through.T @ through

    def effect(self, treatment: str, outcome: str) -> float:
        """Return what one unit of the treatment does to the outcome, along all paths."""
        names, through = self._through()
        return float(through[names.index(treatment), names.index(outcome)])

    def slope(self, outcome: str, treatment: str, given: Iterable[str], instrument: str | None = None) -> float:
        """Return the coefficient of a regression, or of the instrument's ratio, with the given variables held."""
        names, covariance = self.covariance()
        held = [names.index(name) for name in given]
        ends = [names.index(name) for name in (instrument or treatment, treatment, outcome)]
        left = covariance[np.ix_(ends, ends)]
        if held:
            left = left - covariance[np.ix_(ends, held)] @ np.linalg.solve(
                covariance[np.ix_(held, held)], covariance[np.ix_(held, ends)]
            )
        return float(left[0, 2] / left[0, 1])

    def _through(self) -> tuple[tuple[str, ...], Floats]:
        names = tuple(sorted(self.graph))
        direct = np.zeros((len(names), len(names)))
        for (cause, effect), weight in self.weights.items():
            direct[names.index(cause), names.index(effect)] = weight
        return names, np.linalg.inv(np.eye(len(names)) - direct)


def random_linear_world(graph: "nx.DiGraph[str]", rng: np.random.Generator) -> LinearWorld:
    """Return a linear world on a graph, with weights from 0.3 to 1 of either sign."""
    signs = rng.choice([-1.0, 1.0], graph.number_of_edges())
    sizes = rng.uniform(0.3, 1.0, graph.number_of_edges())
    return LinearWorld(graph, dict(zip(sorted(graph.edges), (signs * sizes).tolist(), strict=True)))


def indistinguishable_worlds(graph: Admg, hedge: Hedge, outcome: str) -> tuple[TabularWorld, TabularWorld] | None:
    """Return two worlds with the same observed distribution and different effects, from the hedge between them.

    Fair coins are the hidden causes, and every variable of the hedge is the parity of some of its causes; in the
    second world the inner part does not hear the outer. What is observed is the same: the roots of the inner part
    always have even parity. Once the treatment is set, the first world loses that and the second does not. None if
    the parity cannot reach the outcome outside the hedge. Source: Shpitser and Pearl (2006), theorem 4.

    Examples
    --------
    >>> from knowntruth.causal.graphs.admg import to_admg
    >>> from knowntruth.causal.identification.id_algorithm import general
    >>> from knowntruth.causal.graphs.read import read_graph
    >>> bow = read_graph("dag { u [latent]  u -> x  u -> y  x -> y }")
    >>> one, other = indistinguishable_worlds(to_admg(bow), general(bow, "x", "y"), "y")
    >>> one.joint().values.tolist() == other.joint().values.tolist()
    True
    >>> one.do("x").over(["x", "y"]).tolist() == other.do("x").over(["x", "y"]).tolist()
    False
    """
    roots = frozenset(n for n in hedge.inner if not any(a == n and b in hedge.inner for a, b in graph.arrows))
    routes = _routes(graph, roots, hedge.outer, outcome)
    if routes is None:
        return None
    inside, outside = _toward(graph, hedge.inner, roots), _toward(graph, hedge.outer, hedge.inner)
    coins = _spanning(graph, hedge)
    worlds = []
    for hears_outer in (True, False):
        heard = inside | routes | {a for a in outside if hears_outer or a[1] not in hedge.inner}
        tossed = {
            (pair, node)
            for pair in coins
            for node in pair
            if hears_outer or node not in hedge.inner or pair <= hedge.inner
        }
        worlds.append(_parity_world(graph, hedge, coins, heard, tossed))
    return worlds[0], worlds[1]


def _toward(graph: Admg, nodes: frozenset[str], goal: frozenset[str]) -> set[tuple[str, str]]:
    """For each of ``nodes`` outside ``goal``, one arrow on a shortest way into it through ``nodes``."""
    chosen: set[tuple[str, str]] = set()
    reached = set(goal)
    while new := {a: b for a, b in sorted(graph.arrows) if b in reached and a in nodes - reached}:
        chosen |= set(new.items())
        reached |= set(new)
    return chosen


def _routes(graph: Admg, roots: frozenset[str], outer: frozenset[str], outcome: str) -> set[tuple[str, str]] | None:
    """Arrows that carry the parity of the roots to the outcome past the hedge; None if there are none."""
    free = (set(graph.nodes) - outer) | roots | {outcome}
    ways = _toward(graph, frozenset(free), frozenset({outcome}))
    next_of = dict(ways)
    used: set[tuple[str, str]] = set()
    for root in sorted(roots - {outcome}):
        node = root
        while node != outcome:
            if node not in next_of or (next_of[node] in roots - {outcome}):
                return None
            used.add((node, next_of[node]))
            node = next_of[node]
    return used if outcome in roots or outcome not in outer else None


def _spanning(graph: Admg, hedge: Hedge) -> list[frozenset[str]]:
    """Tied pairs that connect the inner part by itself and then all of the outer, without a ring."""
    part: nx.Graph[str] = nx.Graph()
    for pair in sorted(graph.tied, key=sorted):
        if pair <= hedge.outer:
            part.add_edge(*sorted(pair), weight=0 if pair <= hedge.inner else 1)
    tree = nx.minimum_spanning_edges(part, data=False)
    return sorted((frozenset(edge) for edge in tree), key=sorted)


def _parity_world(
    graph: Admg,
    hedge: Hedge,
    coins: list[frozenset[str]],
    heard: set[tuple[str, str]],
    tossed: set[tuple[frozenset[str], str]],
) -> TabularWorld:
    """Return the world in which each variable of the hedge is the parity of what it hears; others are coins."""
    made: nx.DiGraph[str] = nx.DiGraph()
    made.add_nodes_from(graph.nodes, observed=True)
    made.add_nodes_from((_coin(pair) for pair in coins), observed=False)
    made.add_edges_from(sorted(heard))
    made.add_edges_from(sorted((_coin(pair), node) for pair, node in tossed))
    chances = {}
    for node in made:
        parents = made.in_degree(node)
        counts = np.indices((2,) * parents).sum(axis=0) if parents else np.zeros(())
        chances[node] = np.asarray(counts % 2 if parents or node in hedge.outer else 0.5, dtype=np.float64)
    return TabularWorld(made, chances)


def _coin(pair: frozenset[str]) -> str:
    return "coin " + " ".join(sorted(pair))
