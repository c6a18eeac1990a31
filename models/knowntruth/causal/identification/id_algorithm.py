"""Identification in general: what intervening does, from what is observed, whatever is hidden; or why it cannot be.

After Tian and Pearl (2002) and Shpitser and Pearl (2006), in the form of districts: the effect of ``x`` on ``y`` is a
product of one factor for each district of what moves ``y`` once ``x`` is set. Each factor must be carved out of the
district of the whole graph that holds it, by summing away what nothing else depends on and by dividing where a
district falls apart. Where neither step goes on, a *hedge* is left, and no method can do it: `exact_worlds`
constructs two worlds that look the same and differ in the effect.

DoWhy 0.14 has such an algorithm too, but treats hidden nodes as observed; it "identifies" even the bow graph. y0
0.2.11 agrees on what is identified in 304 graphs, but returns P(y | x) for the napkin graph, which is wrong.
"""

from dataclasses import dataclass

import networkx as nx

from knowntruth.causal.graphs.admg import Admg, Names, to_admg
from knowntruth.causal.identification.probability import Expression, Probability, Quotient, product, total


@dataclass(frozen=True, slots=True)
class Hedge:
    """Why an effect is not identified: within ``outer``, hidden causes tie ``inner`` to the treatment for good."""

    inner: Names
    outer: Names

    @property
    def words(self) -> str:
        """The reason in a sentence."""
        inner, outer = (", ".join(sorted(names)) for names in (self.inner, self.outer))
        return f"hidden causes tie {outer} together, and nothing observed tells {inner} apart from them"


def general(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> Expression | Hedge:
    """Return a formula for ``P(outcome | do(treatment))`` in what is observed, or the hedge that forbids one.

    Parameters
    ----------
    graph
        Nodes with ``observed``; treatment and outcome are observed.

    Examples
    --------
    >>> bow = kt.read_graph("dag { u [latent]  u -> x  u -> y  x -> y }")
    >>> print(general(bow, "x", "y").words)
    hidden causes tie x, y together, and nothing observed tells y apart from them
    """
    small = to_admg(graph)
    small = small.only(small.ancestors([outcome]))
    if treatment not in small.nodes:
        return Probability((outcome,))
    set_apart = small.only(set(small.nodes) - {treatment})
    moving = set_apart.only(set_apart.ancestors([outcome]))
    factors = []
    for district in moving.districts():
        whole = small.district(next(iter(district)))
        factor = _carve(small, district, whole, _factor(small, whole))
        if isinstance(factor, Hedge):
            return factor
        factors.append(factor)
    return total(set(moving.nodes) - {outcome}, product(factors))


def _factor(graph: Admg, district: Names) -> Expression:
    """The factor of a district of the whole graph: each node given what it depends on."""
    ordered = [node for node in graph.nodes if node in district]
    return product([Probability((node,), graph.pillow(node)) for node in ordered])


def _carve(graph: Admg, wanted: Names, within: Names, factor: Expression) -> Expression | Hedge:
    """Carve the factor of ``wanted`` out of that of ``within``, which holds it and is a district of its own."""
    inside = graph.only(within)
    needed = inside.ancestors(wanted)
    if needed == wanted:
        return total(within - wanted, factor)
    if needed == within:
        return Hedge(wanted, within)
    smaller = total(within - needed, factor)
    part = inside.only(needed)
    district = part.district(next(iter(wanted)))
    return _carve(graph, wanted, district, _split(part, district, smaller))


def _split(part: Admg, district: Names, factor: Expression) -> Expression:
    """The factor of a district of ``part`` out of that of all of it: for each node, all up to it over all before."""
    terms: list[Expression] = []
    for place, node in enumerate(part.nodes):
        if node in district:
            top, bottom = total(part.nodes[place + 1 :], factor), total(part.nodes[place:], factor)
            terms.append(Quotient(top, bottom) if place else top)  # a factor sums to one over all its nodes
    return product(terms)
