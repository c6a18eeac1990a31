"""Make the row of a check from an analysis."""

from typing import Any

from knowntruth.causal.check import Check
from knowntruth.causal.estimation.analysis import Analysis
from knowntruth.causal.estimation.regression import Fit


def make_check(analysis: Analysis, name: str, question: str, statistic: str, **fields: Any) -> Check:
    """Return a check of an analysis; ``fields`` are further fields of `Check`, ``n`` by default all its rows."""
    return Check(
        name, question, analysis.treatment, analysis.outcome, statistic, **({"n": analysis.whole.n} | fields)
    )


def unavailable(analysis: Analysis, name: str, question: str, reason: str) -> Check:
    """Return the row of a check that these data do not allow."""
    return make_check(analysis, name, question, "", verdict="unavailable", note=reason)


def effect_check(analysis: Analysis, name: str, question: str, fit: Fit, levels: float, note: str) -> Check:
    """Return the row of an estimate, with its 95% interval, for a difference of ``levels`` levels."""
    value, lower, upper = analysis.scaled(*fit.interval(levels))
    steps = "one level" if levels == 1 else f"{levels:g} levels"
    statistic = f"{analysis.unit}, {steps}"
    return make_check(analysis, name, question, statistic, value=value, lower=lower, upper=upper, note=note)


def join_notes(*notes: str) -> str:
    """Return the notes that are not empty, joined by semicolons."""
    return "; ".join(note for note in notes if note)
