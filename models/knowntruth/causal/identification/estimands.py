"""Every way by which the graph lets an effect be had, side by side: the formula, what it assumes, and who uses it.

One row a route. A route that is closed stays in the table with the reason, because "why can I not do this?" is the
question that people ask.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import networkx as nx
import pandas as pd

from knowntruth.causal.graphs import d_separation
from knowntruth.causal.identification import adjustment
from knowntruth.causal.identification.id_algorithm import Hedge, general
from knowntruth.causal.identification.identify import join_names
from knowntruth.causal.identification.instruments import Instrument, find_instruments
from knowntruth.causal.identification.mediation import Mediation, find_mediations
from knowntruth.causal.identification.probability import Expression, Probability, Sum, latex, product, text, total

NO_HIDDEN: Final = "every common cause of treatment and outcome is held or cut off by what is held"
SAME_VALUES: Final = "at every value of what is held, all levels of the treatment occur"


@dataclass(frozen=True, slots=True)
class Estimand:
    """One way to an effect.

    ``held`` is what the route needs beside treatment and outcome. ``formula`` is None where there is none without a
    model, as for an instrument. ``assumes`` are sentences; for a closed route, why it is closed. ``design`` says
    which published design this is.
    """

    name: str
    identified: bool
    held: tuple[str, ...]
    formula: Expression | None
    assumes: tuple[str, ...]
    design: str

    @property
    def written(self) -> str:
        """The formula as plain text; for an instrument, its ratio."""
        return text(self.formula) if self.formula is not None else ""

    @property
    def typeset(self) -> str:
        """The formula in LaTeX."""
        return latex(self.formula) if self.formula is not None else ""


def find_estimands(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> tuple[Estimand, ...]:
    """Return all routes, open and closed, in a fixed order.

    Parameters
    ----------
    graph
        Nodes with ``observed``; for labels at their word, an analysis graph.

    Examples
    --------
    >>> from knowntruth.causal.graphs.read import read_graph
    >>> graph = read_graph("dag { skill [latent]  skill -> {training success}  training -> method -> success }")
    >>> [route.name for route in find_estimands(graph, "training", "success") if route.identified]
    ['front door', 'general']
    """
    small = graph.subgraph(nx.ancestors(graph, outcome) | nx.ancestors(graph, treatment) | {treatment, outcome})
    return tuple(route for ways in KINDS for route in ways(small, treatment, outcome))


def estimand_table(found: Iterable[Estimand]) -> pd.DataFrame:
    """Return routes as a table: route, identified, held, formula, latex, assumes, design.

    Examples
    --------
    >>> from knowntruth.causal.graphs.read import read_graph
    >>> graph = read_graph("dag { ability -> {expertise success}  expertise -> success }")
    >>> found = estimand_table(find_estimands(graph, "expertise", "success"))
    >>> print(found.loc[found["identified"], "formula"].iloc[0])
    Σ_ability P(ability) P(success | ability, expertise)
    """
    rows = [
        (r.name, r.identified, ", ".join(r.held), r.written, r.typeset, "; ".join(r.assumes), r.design) for r in found
    ]
    return pd.DataFrame(rows, columns=["route", "identified", "held", "formula", "latex", "assumes", "design"])


def adjustment_formula(treatment: str, outcome: str, held: Iterable[str]) -> Expression:
    """Return the adjustment formula for some held variables."""
    names = tuple(sorted(held))
    weights = [Probability(names)] if names else []
    return total(names, product([*weights, Probability((outcome,), (*names, treatment))]))


def front_door_formula(treatment: str, outcome: str, mediators: Sequence[str]) -> Expression:
    """Return the front-door formula for some mediators."""
    names = tuple(sorted(mediators))
    inner = Sum((treatment,), product([Probability((treatment,)), Probability((outcome,), (treatment, *names))]))
    return total(names, product([Probability(names, (treatment,)), inner]))


def _back_doors(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> Iterator[Estimand]:
    design = "regression on controls (the study's Table A1), matching, weighting, doubly robust estimation"
    sets = adjustment.minimal_sets(graph, treatment, outcome)
    if not sets:
        available = d_separation.drop_irrelevant(
            graph, treatment, outcome, d_separation.candidates(graph, treatment, outcome)
        )
        causes = d_separation.hidden_causes(graph, treatment, outcome, available)
        why = f"closed: no observed set suffices, since hidden causes stay open: {join_names(causes)}"
        yield Estimand("back door", False, available, None, (why,), design)
        return
    for held in sets:
        formula = adjustment_formula(treatment, outcome, held)
        yield Estimand("back door, minimal", True, tuple(sorted(held)), formula, (NO_HIDDEN, SAME_VALUES), design)
    yield from _efficient(graph, treatment, outcome, design)


def _efficient(graph: "nx.DiGraph[str]", treatment: str, outcome: str, design: str) -> Iterator[Estimand]:
    best, least = (
        find(graph, treatment, outcome) for find in (adjustment.efficient_set, adjustment.efficient_minimal_set)
    )
    for name, held in (("back door, most precise", best), ("back door, most precise of the minimal", least)):
        if held is not None:
            formula = adjustment_formula(treatment, outcome, held)
            yield Estimand(name, True, tuple(sorted(held)), formula, (NO_HIDDEN, SAME_VALUES), design)


def _front_door(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> Iterator[Estimand]:
    design = "front door (Pearl 1995); for this study, through the specificity of prompts"
    mediators = d_separation.front_door(graph, treatment, outcome)
    if not mediators:
        why = "closed: no observed mediators carry the whole effect untouched by what is hidden"
        yield Estimand("front door", False, (), None, (why,), design)
        return
    assumes = (
        f"{join_names(mediators)} carry the whole effect",
        f"nothing hidden moves both {treatment} and {join_names(mediators)}",
        f"nothing hidden moves both {join_names(mediators)} and {outcome} but through {treatment}",
    )
    yield Estimand("front door", True, mediators, front_door_formula(treatment, outcome, mediators), assumes, design)


def _instruments(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> Iterator[Estimand]:
    found = find_instruments(graph, treatment, outcome)
    if not found:
        why = f"closed: nothing observed moves {treatment} and reaches {outcome} through it alone"
        yield Estimand("instrument", False, (), None, (why,), ENCOURAGEMENT)
    for one in found:
        yield _instrument(one, treatment, outcome)


ENCOURAGEMENT: Final = "randomised encouragement, two-stage least squares (Angrist, Imbens and Rubin 1996)"


def _instrument(one: Instrument, treatment: str, outcome: str) -> Estimand:
    held = f", with {join_names(one.held)} held" if one.held else ""
    assumes = (
        f"{one.name} reaches {outcome} through {treatment} alone{held}",
        "the effect is the same for everyone, on a straight line; or nobody is moved the wrong way, and the effect is"
        " that on those who are moved",
        f"{one.name} moves {treatment} by more than chance would",
    )
    return Estimand(f"instrument: {one.name}", True, one.held, None, assumes, ENCOURAGEMENT)


def _mediation(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> Iterator[Estimand]:
    for one in find_mediations(graph, treatment, outcome):
        yield _mediated(one)


def _mediated(one: Mediation) -> Estimand:
    name, design = f"mediation: {one.mediator}", "causal mediation analysis (Imai, Keele and Yamamoto 2010)"
    if one.held is None:
        why = f"closed: something not held, or moved by {one.treatment}, moves {one.mediator} and {one.outcome} both"
        return Estimand(name, False, (), None, (why,), design)
    assumes = (
        f"{join_names(one.held)} close the back doors to {one.mediator} and to {one.outcome}",
        f"no cause of both {one.mediator} and {one.outcome} is moved by {one.treatment}",
        "what a person would do under one level is independent of what they would do under another, given these",
    )
    return Estimand(name, True, one.held, one.expression, assumes, design)


def _general(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> Iterator[Estimand]:
    found = general(graph, treatment, outcome)
    design = "do-calculus (Shpitser and Pearl 2006): whatever the graph allows"
    if isinstance(found, Hedge):
        yield Estimand("general", False, (), None, (f"closed: {found.words}",), design)
        return
    held = tuple(sorted(found.free - {treatment, outcome}))
    yield Estimand("general", True, held, found, ("the graph, and nothing else", SAME_VALUES), design)


KINDS: Final[tuple[Callable[["nx.DiGraph[str]", str, str], Iterator[Estimand]], ...]] = (
    _back_doors, _front_door, _instruments, _mediation, _general,
)  # fmt: skip
"""The kinds of routes in their order; a new one is a function and a name here."""
