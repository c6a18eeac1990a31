"""Your adjustment: what the graph says about the analyst's own choice of controls, and the estimate with them."""

from collections.abc import Iterator, Sequence

from knowntruth.causal.check import Check
from knowntruth.causal.checks.rows import make_check
from knowntruth.causal.estimation.analysis import Analysis
from knowntruth.causal.estimation.partial_out import partial_out
from knowntruth.causal.estimation.regression import fit_linear
from knowntruth.causal.identification.adjustment import is_sufficient
from knowntruth.causal.identification.controls import classify_controls, describe_controls


def own_adjustment(analysis: Analysis, controls: Sequence[str]) -> Iterator[Check]:
    """Yield the one check of the analyst's ``controls``."""
    graph, treatment, outcome = analysis.graph, analysis.treatment, analysis.outcome
    fit = fit_linear(partial_out(analysis.data, treatment, outcome, tuple(controls)))
    value, lower, upper = analysis.scaled(*fit.interval())
    bad = any(control.bad for control in classify_controls(graph, treatment, outcome, controls))
    yield make_check(
        analysis,
        "your adjustment",
        "Does adjusting for your controls leave the effect and nothing else?",
        f"{analysis.unit}, one level",
        value=value,
        lower=lower,
        upper=upper,
        verdict="alarm" if bad or not is_sufficient(graph, treatment, outcome, controls) else "pass",
        null="the controls block every path that is not causal",
        rule="alarm if, by the graph, the controls are not sufficient, or one of them adds bias",
        note=describe_controls(graph, treatment, outcome, controls),
    )
