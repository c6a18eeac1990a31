"""Every estimand by which the graph may identify an effect: formula, assumptions, and the designs that use it.

Each has one row. One that does not identify the effect stays in the table with the reason, because people ask why.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import networkx as nx
import pandas as pd

from knowntruth.causal.graphs import d_separation
from knowntruth.causal.identification import adjustment
from knowntruth.causal.identification.id_algorithm import Hedge, run_id_algorithm
from knowntruth.causal.identification.identify import join_names
from knowntruth.causal.identification.instruments import Instrument, find_instruments
from knowntruth.causal.identification.mediation import Mediation, find_mediations
from knowntruth.causal.identification.probability import Expression, Probability, Sum, latex, product, text, total

NO_HIDDEN: Final = "the adjustment blocks the paths of every common cause of treatment and outcome"
POSITIVITY: Final = "at every value of the adjustment variables, all levels of the treatment occur"


@dataclass(frozen=True, slots=True)
class Estimand:
    """One way to identify an effect.

    ``held`` are the variables that it needs in addition to treatment and outcome. ``formula`` is None if there is
    none without a model, as for an instrument. ``assumes`` are its assumptions in sentences, or the reason why it
    does not identify the effect. ``design`` names the designs that use it.
    """

    name: str
    identified: bool
    held: tuple[str, ...]
    formula: Expression | None
    assumes: tuple[str, ...]
    design: str

    @property
    def written(self) -> str:
        """The formula as plain text, empty if there is none."""
        return text(self.formula) if self.formula is not None else ""

    @property
    def typeset(self) -> str:
        """The formula in LaTeX."""
        return latex(self.formula) if self.formula is not None else ""


def find_estimands(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> tuple[Estimand, ...]:
    """Return all estimands, identified or not, in a fixed order.

    Parameters
    ----------
    graph
        Nodes with ``observed``; an analysis graph, if labels are to be taken as true values.

    Examples
    --------
    >>> graph = kt.read_graph("dag { skill [latent]  skill -> {training success}  training -> method -> success }")
    >>> [found.name for found in find_estimands(graph, "training", "success") if found.identified]
    ['front door', 'general']
    """
    small = graph.subgraph(nx.ancestors(graph, outcome) | nx.ancestors(graph, treatment) | {treatment, outcome})
    return tuple(estimand for kind in KINDS for estimand in kind(small, treatment, outcome))


def estimand_table(found: Iterable[Estimand]) -> pd.DataFrame:
    """Return estimands as a table with the columns route, identified, held, formula, latex, assumes, design.

    Examples
    --------
    >>> graph = kt.read_graph("dag { ability -> {expertise success}  expertise -> success }")
    >>> found = estimand_table(find_estimands(graph, "expertise", "success"))
    >>> print(found.loc[found["identified"], "formula"].iloc[0])
    Σ_ability P(ability) P(success | ability, expertise)
    """
    rows = [
        (r.name, r.identified, ", ".join(r.held), r.written, r.typeset, "; ".join(r.assumes), r.design) for r in found
    ]
    return pd.DataFrame(rows, columns=["route", "identified", "held", "formula", "latex", "assumes", "design"])


def adjustment_formula(treatment: str, outcome: str, held: Iterable[str]) -> Expression:
    """Return the adjustment formula for the variables in ``held``."""
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
        why = f"not identified: no observed set is sufficient, because of hidden causes: {join_names(causes)}"
        yield Estimand("back door", False, available, None, (why,), design)
        return
    for held in sets:
        formula = adjustment_formula(treatment, outcome, held)
        yield Estimand("back door, minimal", True, tuple(sorted(held)), formula, (NO_HIDDEN, POSITIVITY), design)
    yield from _efficient(graph, treatment, outcome, design)


def _efficient(graph: "nx.DiGraph[str]", treatment: str, outcome: str, design: str) -> Iterator[Estimand]:
    best, minimal = (
        find(graph, treatment, outcome) for find in (adjustment.efficient_set, adjustment.efficient_minimal_set)
    )
    for name, held in (("back door, most precise", best), ("back door, most precise of the minimal", minimal)):
        if held is not None:
            formula = adjustment_formula(treatment, outcome, held)
            yield Estimand(name, True, tuple(sorted(held)), formula, (NO_HIDDEN, POSITIVITY), design)


def _front_door(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> Iterator[Estimand]:
    design = "front door (Pearl 1995); for this study, through the specificity of prompts"
    mediators = d_separation.front_door(graph, treatment, outcome)
    if not mediators:
        why = "not identified: no observed mediators carry the whole effect without hidden causes of their own"
        yield Estimand("front door", False, (), None, (why,), design)
        return
    assumes = (
        f"{join_names(mediators)} carry the whole effect",
        f"no hidden cause affects both {treatment} and {join_names(mediators)}",
        f"no hidden cause affects both {join_names(mediators)} and {outcome} other than through {treatment}",
    )
    yield Estimand("front door", True, mediators, front_door_formula(treatment, outcome, mediators), assumes, design)


def _instruments(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> Iterator[Estimand]:
    found = find_instruments(graph, treatment, outcome)
    if not found:
        why = f"not identified: no observed variable affects {treatment}, and {outcome} only through it"
        yield Estimand("instrument", False, (), None, (why,), ENCOURAGEMENT)
    for one in found:
        yield _instrument(one, treatment, outcome)


ENCOURAGEMENT: Final = "randomized encouragement, two-stage least squares (Angrist, Imbens and Rubin 1996)"


def _instrument(one: Instrument, treatment: str, outcome: str) -> Estimand:
    adjusted = f", adjusted for {join_names(one.held)}" if one.held else ""
    assumes = (
        f"{one.name} affects {outcome} only through {treatment}{adjusted}",
        "the effect is linear and the same for everyone; or the instrument is monotone, and the effect is that among"
        " those whom it affects",
        f"{one.name} affects {treatment} by more than chance",
    )
    return Estimand(f"instrument: {one.name}", True, one.held, None, assumes, ENCOURAGEMENT)


def _mediation(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> Iterator[Estimand]:
    for one in find_mediations(graph, treatment, outcome):
        yield _mediated(one)


def _mediated(one: Mediation) -> Estimand:
    name, design = f"mediation: {one.mediator}", "causal mediation analysis (Imai, Keele and Yamamoto 2010)"
    if one.held is None:
        why = (
            f"not identified: {one.mediator} and {one.outcome} have a common cause that is hidden or affected by"
            f" {one.treatment}"
        )
        return Estimand(name, False, (), None, (why,), design)
    assumes = (
        f"{join_names(one.held)} block the back doors to {one.mediator} and to {one.outcome}",
        f"{one.treatment} affects no common cause of {one.mediator} and {one.outcome}",
        "given these, the potential outcomes under one level are independent of the mediator under another",
    )
    return Estimand(name, True, one.held, one.expression, assumes, design)


def _general(graph: "nx.DiGraph[str]", treatment: str, outcome: str) -> Iterator[Estimand]:
    found = run_id_algorithm(graph, treatment, outcome)
    design = "do-calculus (Shpitser and Pearl 2006): whatever the graph allows"
    if isinstance(found, Hedge):
        yield Estimand("general", False, (), None, (f"not identified: {found.words}",), design)
        return
    held = tuple(sorted(found.free - {treatment, outcome}))
    yield Estimand("general", True, held, found, ("only the graph", POSITIVITY), design)


KINDS: Final[tuple[Callable[["nx.DiGraph[str]", str, str], Iterator[Estimand]], ...]] = (
    _back_doors,
    _front_door,
    _instruments,
    _mediation,
    _general,
)
"""The kinds of estimands in their order. To add one, write a function and add its name here."""
