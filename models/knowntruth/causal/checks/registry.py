"""The steps of the checks in their order. To add one, write one new file and add one row here."""

from collections.abc import Callable, Iterator
from typing import Final

from knowntruth.causal.check import Check
from knowntruth.causal.checks.estimation import estimates
from knowntruth.causal.checks.identification import identification
from knowntruth.causal.checks.implications import implications
from knowntruth.causal.checks.machine_learning_bounds import machine_learning_bounds
from knowntruth.causal.checks.other_estimators import other_estimators
from knowntruth.causal.checks.refutation import refutations
from knowntruth.causal.checks.sensitivity import sensitivities
from knowntruth.causal.estimation.analysis import Analysis
from knowntruth.causal.sensitivity.overlap import overlap_rules

STEPS: Final[dict[str, Callable[[Analysis], Iterator[Check]]]] = {
    "identify": identification,
    "graph": implications,
    "estimate": estimates,
    "other estimators": other_estimators,
    "refute": refutations,
    "sensitivity": sensitivities,
    "bounds by machine learning": machine_learning_bounds,
    "overlap rules": overlap_rules,
}
"""DoWhy's four steps (identify, estimate, refute, sensitivity) and what is added to them."""
