"""Through what does the effect run? Natural direct and indirect effects, and whether the graph lets them be had.

The *indirect* effect through a mediator gives everyone one level of the treatment, and the mediator the value that
it would have had under another. No experiment shows that, so more must be assumed than for the effect itself: some
set of observed variables that the treatment does not move must close the back doors from the treatment to the
mediator and to the outcome, *and* those from the mediator to the outcome (Pearl 2001; Imai, Keele and Yamamoto 2010).
A common cause of mediator and outcome that the treatment moves forbids it, even one that is observed.
"""

from dataclasses import dataclass

import networkx as nx

from knowntruth.causal.identification.probability import Expression, Probability, Starred, product, total


@dataclass(frozen=True, slots=True)
class Mediation:
    """One mediator: ``held`` closes all back doors, or is None where the natural effects cannot be had."""

    treatment: str
    outcome: str
    mediator: str
    held: tuple[str, ...] | None

    @property
    def expression(self) -> Expression | None:
        """``P(outcome)`` under the treatment, with the mediator as under its second value."""
        if self.held is None:
            return None
        moved = Starred(self.treatment, Probability((self.mediator,), (*self.held, self.treatment)))
        result = Probability((self.outcome,), (*self.held, self.treatment, self.mediator))
        weights = [Probability(self.held)] if self.held else []
        return total((*self.held, self.mediator), product([*weights, moved, result]))


def find_mediations(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> tuple[Mediation, ...]:
    """Return every observed node between treatment and outcome, sorted, with what must be held for its effects."""
    after, before = nx.descendants(graph, treatment), nx.ancestors(graph, outcome)
    seen = sorted(node for node in after & before if graph.nodes[node]["observed"])
    return tuple(Mediation(treatment, outcome, node, _held(graph, treatment, outcome, node)) for node in seen)


def _held(graph: "nx.DiGraph[str]", treatment: str, outcome: str, mediator: str) -> tuple[str, ...] | None:
    """Return a set from which nothing can be left out that closes all three back doors."""
    after, before = nx.descendants(graph, treatment), nx.ancestors(graph, outcome)
    held = sorted(node for node in before - after - {treatment} if graph.nodes[node]["observed"])
    if not _closes(graph, treatment, outcome, mediator, held):
        return None
    for node in list(held):
        rest = [other for other in held if other != node]
        if _closes(graph, treatment, outcome, mediator, rest):
            held = rest
    return tuple(held)


def _closes(graph: "nx.DiGraph[str]", treatment: str, outcome: str, mediator: str, held: list[str]) -> bool:
    no_effect = nx.DiGraph(graph)
    no_effect.remove_edges_from(list(graph.out_edges(treatment)))
    if not nx.is_d_separator(no_effect, {treatment}, {mediator, outcome}, set(held)):
        return False
    no_mediation = nx.DiGraph(graph)
    no_mediation.remove_edges_from(list(graph.out_edges(mediator)))
    return nx.is_d_separator(no_mediation, {mediator}, {outcome}, {*held, treatment})
