"""Identification: what the graph allows, what it assumes of the labels, and which published controls it forbids."""

from collections.abc import Iterator

from knowntruth.causal.check import Check
from knowntruth.causal.checks.rows import make_check
from knowntruth.causal.estimation.analysis import Analysis
from knowntruth.causal.identification.identify import join_names


def identification(analysis: Analysis) -> Iterator[Check]:
    """Report whether the effect is identified, whether the labels may stand in for truths, and the bad controls."""
    yield _identified(analysis)
    yield _labels(analysis)
    yield _bad_controls(analysis)


def _identified(analysis: Analysis) -> Check:
    found = analysis.identification
    remarks = {found.route: "DoWhy agrees", "not asked": "DoWhy's search of all subsets would take too long"}
    return make_check(
        analysis,
        "identification",
        "Is the effect identified from observed variables?",
        "hidden common causes left open",
        value=float(len(found.hidden_causes)),
        verdict="pass" if found.identified else "alarm",
        rule="alarm if neither back-door nor front-door adjustment identifies the effect",
        note=f"{found.words}; {remarks.get(found.dowhy, f'but DoWhy reports: {found.dowhy}')}",
    )


def _labels(analysis: Analysis) -> Check:
    found = analysis.identification
    return make_check(
        analysis,
        "label errors",
        "Are the errors of the labels independent of treatment and outcome?",
        "labels whose errors depend on them, by the graph",
        value=float(len(found.contradicted)),
        verdict="alarm" if found.contradicted else "pass",
        rule="alarm if, by the graph, a label's errors depend on treatment or outcome",
        note="; ".join(found.assumptions),
    )


def _bad_controls(analysis: Analysis) -> Check:
    found = analysis.identification
    moved = tuple(sorted({*found.bad_controls, *found.moved_labels}))
    return make_check(
        analysis,
        "bad controls",
        "Does the published regression adjust for consequences of the treatment?",
        "published covariates that the treatment affects",
        value=float(len(moved)),
        verdict="alarm" if moved else "pass",
        rule="alarm if a published covariate descends from the treatment",
        note=f"with labels taken as true values: {join_names(found.bad_controls)};"
        f" as labels: {join_names(found.moved_labels)}",
    )
