"""Is the effect identified from observed variables? By graph criteria, and by DoWhy.

DoWhy 0.14 searches all subsets of the observed causes. It is therefore given the latent projection of the graph onto
few variables: the treatment, the outcome, one adjustment set, and the mediators and instruments that pass the
criteria of `knowntruth.causal.graphs.d_separation`. The result states whether both agree. DoWhy's general ID
algorithm is not used, because it treats hidden nodes as observed.

If the effect is *not* identified, an analyst still has to report something. `Identification.adjustment` is then the
best available adjustment: all observed variables that precede the treatment and are associated with the outcome.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import networkx as nx

from knowntruth.causal import dowhy_guard
from knowntruth.causal.graphs import d_separation
from knowntruth.causal.graphs.analysis_graph import AnalysisGraph, latent_projection, prune

Route = Literal["back door", "front door", "no effect", "none"]

PUBLISHED_CONTROLS: Final = ("mode", "value_band", "month", "task_occupation", "user_occupation")
"""Covariates of the study's preferred regression (study.md, Estimation; Table A1, column 5)."""

MAX_SEARCHED: Final = 12
"""The largest number of variables for DoWhy's search, which tries 2 to that power subsets."""


@dataclass(frozen=True, slots=True)
class Identification:
    """What the graph implies for one effect.

    ``route`` is how the effect is identified without further assumptions; an instrument alone does not count, since
    it also needs a linear or monotone effect. ``adjustment`` is sufficient if the route is the back door, and
    otherwise the best available. ``bad_controls`` are published covariates that the treatment affects in the analysis
    graph, ``moved_labels`` those that it affects as labels, in the source graph. ``contradicted`` are labels that
    stand in for true values although the source graph contradicts it. ``dowhy`` is DoWhy's own route, or "not asked"
    if its search would take too long.
    """

    treatment: str
    outcome: str
    route: Route
    adjustment: tuple[str, ...]
    minimal: tuple[str, ...]
    front_door: tuple[str, ...]
    instruments: tuple[str, ...]
    hidden_causes: tuple[str, ...]
    bad_controls: tuple[str, ...]
    moved_labels: tuple[str, ...]
    assumptions: tuple[str, ...]
    contradicted: tuple[str, ...]
    dowhy: str

    @property
    def identified(self) -> bool:
        """Whether the effect follows from observed variables and the graph alone."""
        return self.route != "none"

    @property
    def words(self) -> str:
        """The verdict in words."""
        effect = f"the effect of {self.treatment} on {self.outcome}"
        by: dict[str, str] = {
            "back door": f"{effect} is identified by adjusting for {join_names(self.minimal)}",
            "front door": f"{effect} is identified through the front door {join_names(self.front_door)}",
            "no effect": f"the graph has no directed path from {self.treatment} to {self.outcome}",
            "none": f"{effect} is not identified: hidden common causes {join_names(self.hidden_causes)} remain; "
            f"best available adjustment: {join_names(self.adjustment)}",
        }
        instrument = f"; instruments, for a linear effect: {join_names(self.instruments)}" if self.instruments else ""
        return by[self.route] + instrument


def identify(analysis: AnalysisGraph, controls: Sequence[str] = PUBLISHED_CONTROLS) -> Identification:
    """Return whether and how the effect is identified, by graph criteria and by DoWhy.

    Parameters
    ----------
    analysis
        From `knowntruth.causal.graphs.analysis_graph.analysis_graph`.
    controls
        Covariates of a published regression; the result names the bad controls among them.

    Examples
    --------
    >>> from knowntruth.causal.graphs.analysis_graph import analysis_graph
    >>> graph = kt.read_graph("dag { ability -> {expertise success}  expertise -> success }")
    >>> found = identify(analysis_graph(graph, "expertise", "success"), controls=())
    >>> found.identified, found.adjustment
    (True, ('ability',))
    """
    graph, ends = (
        prune(analysis.graph, [analysis.treatment, analysis.outcome]),
        (analysis.treatment, analysis.outcome),
    )
    available = d_separation.candidates(graph, *ends)
    closed = d_separation.blocks(graph, *ends, available)
    adjustment = d_separation.drop_irrelevant(graph, *ends, available)
    minimal = d_separation.minimal_adjustment(graph, *ends, adjustment) if closed else ()
    front, instruments = d_separation.front_door(graph, *ends), d_separation.instruments(graph, *ends)
    route = _route(graph, *ends, closed, bool(front))
    return Identification(
        *ends,
        route=route,
        adjustment=adjustment,
        minimal=minimal,
        front_door=front,
        instruments=instruments,
        hidden_causes=() if closed else d_separation.hidden_causes(graph, *ends, adjustment),
        bad_controls=_moved(analysis.graph, analysis.treatment, controls),
        moved_labels=_moved(analysis.source, analysis.true_treatment, controls),
        assumptions=analysis.assumptions,
        contradicted=analysis.contradicted,
        dowhy=_ask_dowhy(graph, ends, minimal if closed else adjustment, (*front, *instruments)),
    )


def join_names(names: Sequence[str]) -> str:
    """Return the names joined by commas, or "nothing".

    Examples
    --------
    >>> join_names(["month", "mode"])
    'month, mode'
    """
    return ", ".join(names) or "nothing"


def _route(graph: "nx.DiGraph[str]", treatment: str, outcome: str, closed: bool, front: bool) -> Route:
    if not nx.has_path(graph, treatment, outcome):
        return "no effect"
    if closed:
        return "back door"
    return "front door" if front else "none"


def _moved(graph: "nx.DiGraph[str]", treatment: str, controls: Sequence[str]) -> tuple[str, ...]:
    after = nx.descendants(graph, treatment)
    return tuple(control for control in sorted(controls) if control in after)


def _ask_dowhy(
    graph: "nx.DiGraph[str]", ends: tuple[str, str], adjustment: Sequence[str], others: Sequence[str]
) -> str:
    """Return DoWhy's route on the latent projection onto treatment, outcome, the adjustment and ``others``."""
    if len(adjustment) + len(others) > MAX_SEARCHED:
        return "not asked"
    observed = sorted({*ends, *adjustment, *others})
    small = latent_projection(graph, observed)
    if not nx.has_path(small, *ends):
        return "no effect"
    estimand = _estimand(small, *ends, observed)
    if estimand.backdoor_variables:
        return "back door"
    return "front door" if estimand.frontdoor_variables else "none"


def _estimand(graph: "nx.DiGraph[str]", treatment: str, outcome: str, observed: list[str]) -> Any:
    dowhy_guard.import_dowhy()
    from dowhy.causal_identifier.auto_identifier import EstimandType, identify_effect_auto

    with dowhy_guard.quietly():
        return identify_effect_auto(graph, [treatment], [outcome], observed, EstimandType.NONPARAMETRIC_ATE)
