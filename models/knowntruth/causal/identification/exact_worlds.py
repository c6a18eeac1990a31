"""Small worlds with exactly known probabilities, to compare formulas with interventions.

A `TabularWorld` has binary variables, some of them hidden, and a table of conditional probabilities for each. All its
values are enumerated, so the observed distribution (`TabularWorld.joint`) and the interventional ones
(`TabularWorld.do`) are exact. A `LinearWorld` does the same for linear models, in closed form. For an effect that is
not identified, `indistinguishable_worlds` returns two worlds with the same observed distribution and different
effects: the proof that no observed data can decide between them.
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
    """Binary variables on a graph; ``probabilities[v]`` is that of 1, with one axis per parent in sorted order."""

    graph: "nx.DiGraph[str]"
    probabilities: Mapping[str, Floats]

    @property
    def observed(self) -> tuple[str, ...]:
        """The observed variables, sorted."""
        return tuple(sorted(node for node, seen in self.graph.nodes(data="observed") if seen))

    def joint(self) -> Joint:
        """Return the distribution of the observed variables."""
        return self._marginal({})

    def do(self, treatment: str) -> Joint:
        """Return the distribution of the other observed variables under each value of the treatment."""
        return self._marginal({treatment: None})

    def nested(self, treatment: str, outcome: str, mediator: str) -> Floats:
        """Return ``P(outcome)`` under one value of the treatment, with the mediator as under another.

        Axes: outcome, treatment, and the value of the treatment for the mediator. It is exact if the treatment
        affects no common cause of mediator and outcome, as the criterion of mediation requires.
        """
        after, before = nx.descendants(self.graph, treatment), nx.ancestors(self.graph, mediator)
        toward_mediator = (after & before) | {mediator}
        names, second = sorted(self.graph), treatment + "*"
        axes = [*names, second]
        value = np.ones((1,) * len(axes))
        for node in names:
            if node != treatment:
                swap = {treatment: second} if node in toward_mediator else {}
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
        """Return the conditional probabilities of one node, with an axis for every variable."""
        parents = sorted(self.graph.predecessors(node))
        both = np.stack([1 - self.probabilities[node], self.probabilities[node]], axis=-1)
        named = [swap.get(parent, parent) for parent in parents] + [node]
        order = sorted(range(len(named)), key=lambda place: axes.index(named[place]))
        shape = [2 if name in named else 1 for name in axes]
        return np.transpose(both, order).reshape(shape)


def random_tabular_world(graph: "nx.DiGraph[str]", rng: np.random.Generator) -> TabularWorld:
    """Return a world on a graph with probabilities uniform from 0.05 to 0.95, so that every value can occur."""
    return TabularWorld(
        graph, {node: rng.uniform(0.05, 0.95, (2,) * graph.in_degree(node)) for node in sorted(graph)}
    )


@dataclass(frozen=True, slots=True)
class LinearWorld:
    """A linear model with noise of variance 1: ``weights[cause, effect]`` for each arrow."""

    graph: "nx.DiGraph[str]"
    weights: Mapping[tuple[str, str], float]

    def covariance(self) -> tuple[tuple[str, ...], Floats]:
        """Return the names, sorted, and the exact covariances of all variables."""
        names, through = self._through()
        return names, through.T @ through

    def effect(self, treatment: str, outcome: str) -> float:
        """Return the total effect of one unit of the treatment on the outcome."""
        names, through = self._through()
        return float(through[names.index(treatment), names.index(outcome)])

    def slope(self, outcome: str, treatment: str, given: Iterable[str], instrument: str | None = None) -> float:
        """Return a regression coefficient, or the ratio of an instrument, adjusted for the given variables."""
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
    """Return two worlds with the same observed distribution and different effects, from a hedge.

    The hidden causes are fair coins, and every variable of the hedge is the parity of some of its causes. In the
    second world the inner part does not depend on the outer. The observed distributions are equal, because the roots
    of the inner part always have even parity. An intervention on the treatment breaks that in the first world only.
    None if the parity cannot reach the outcome outside the hedge. Source: Shpitser and Pearl (2006), theorem 4.

    Examples
    --------
    >>> from knowntruth.causal.graphs.admg import to_admg
    >>> from knowntruth.causal.identification.id_algorithm import run_id_algorithm
    >>> bow = kt.read_graph("dag { u [latent]  u -> x  u -> y  x -> y }")
    >>> one, other = indistinguishable_worlds(to_admg(bow), run_id_algorithm(bow, "x", "y"), "y")
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
    for uses_outer in (True, False):
        arrows = inside | routes | {a for a in outside if uses_outer or a[1] not in hedge.inner}
        coin_arrows = {
            (pair, node)
            for pair in coins
            for node in pair
            if uses_outer or node not in hedge.inner or pair <= hedge.inner
        }
        worlds.append(_parity_world(graph, hedge, coins, arrows, coin_arrows))
    return worlds[0], worlds[1]


def _toward(graph: Admg, nodes: frozenset[str], goal: frozenset[str]) -> set[tuple[str, str]]:
    """Return, for each of ``nodes`` outside ``goal``, one arrow on a shortest path into it through ``nodes``."""
    chosen: set[tuple[str, str]] = set()
    reached = set(goal)
    while new := {a: b for a, b in sorted(graph.arrows) if b in reached and a in nodes - reached}:
        chosen |= set(new.items())
        reached |= set(new)
    return chosen


def _routes(graph: Admg, roots: frozenset[str], outer: frozenset[str], outcome: str) -> set[tuple[str, str]] | None:
    """Return arrows that carry the parity of the roots to the outcome outside the hedge; None if there are none."""
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
    """Return bidirected pairs that form a spanning tree of the inner part, extended to the outer part."""
    part: nx.Graph[str] = nx.Graph()
    for pair in sorted(graph.confounded, key=sorted):
        if pair <= hedge.outer:
            part.add_edge(*sorted(pair), weight=0 if pair <= hedge.inner else 1)
    tree = nx.minimum_spanning_edges(part, data=False)
    return sorted((frozenset(edge) for edge in tree), key=sorted)


def _parity_world(
    graph: Admg,
    hedge: Hedge,
    coins: list[frozenset[str]],
    arrows: set[tuple[str, str]],
    coin_arrows: set[tuple[frozenset[str], str]],
) -> TabularWorld:
    """Return the world in which each variable of the hedge is the parity of its causes; others are fair coins."""
    world: nx.DiGraph[str] = nx.DiGraph()
    world.add_nodes_from(graph.nodes, observed=True)
    world.add_nodes_from((_coin(pair) for pair in coins), observed=False)
    world.add_edges_from(sorted(arrows))
    world.add_edges_from(sorted((_coin(pair), node) for pair, node in coin_arrows))
    probabilities = {}
    for node in world:
        parents = world.in_degree(node)
        counts = np.indices((2,) * parents).sum(axis=0) if parents else np.zeros(())
        probabilities[node] = np.asarray(counts % 2 if parents or node in hedge.outer else 0.5, dtype=np.float64)
    return TabularWorld(world, probabilities)


def _coin(pair: frozenset[str]) -> str:
    return "coin " + " ".join(sorted(pair))
