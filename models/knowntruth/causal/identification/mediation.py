"""Mediation: natural direct and indirect effects, and whether the graph identifies them.

The *indirect* effect through a mediator gives everyone one level of the treatment, and the mediator the value that it
would have under another. No experiment shows that, so it needs more assumptions than the effect itself. Some set of
observed variables that the treatment does not affect must block the back doors from the treatment to the mediator and
to the outcome, *and* those from the mediator to the outcome (Pearl 2001; Imai, Keele and Yamamoto 2010). A common
cause of mediator and outcome that the treatment affects rules it out, even if it is observed.
"""

from dataclasses import dataclass

import networkx as nx

from knowntruth.causal.identification.probability import Expression, Probability, Starred, product, total


@dataclass(frozen=True, slots=True)
class Mediation:
    """One mediator: ``held`` blocks all back doors; it is None if the natural effects are not identified."""

    treatment: str
    outcome: str
    mediator: str
    held: tuple[str, ...] | None

    @property
    def expression(self) -> Expression | None:
        """``P(outcome)`` under one value of the treatment, the mediator as under another; None if not identified."""
        if self.held is None:
            return None
        moved = Starred(self.treatment, Probability((self.mediator,), (*self.held, self.treatment)))
        result = Probability((self.outcome,), (*self.held, self.treatment, self.mediator))
        weights = [Probability(self.held)] if self.held else []
        return total((*self.held, self.mediator), product([*weights, moved, result]))


def find_mediations(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> tuple[Mediation, ...]:
    """Return every observed mediator, sorted, with the covariates that identify its effects."""
    after, before = nx.descendants(graph, treatment), nx.ancestors(graph, outcome)
    seen = sorted(node for node in after & before if graph.nodes[node]["observed"])
    return tuple(Mediation(treatment, outcome, node, _held(graph, treatment, outcome, node)) for node in seen)


def _held(graph: "nx.DiGraph[str]", treatment: str, outcome: str, mediator: str) -> tuple[str, ...] | None:
    """Return a minimal set that blocks the back doors of all three pairs; None if there is none."""
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
