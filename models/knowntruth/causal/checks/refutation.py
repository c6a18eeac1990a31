"""Refutation: every refuter of the registry, and a simulated hidden cause."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from knowntruth.causal.check import Check
from knowntruth.causal.checks.rows import join_notes
from knowntruth.causal.estimation.analysis import Analysis
from knowntruth.causal.refutation.registry import REFUTERS
from knowntruth.causal.refutation.unobserved_common_cause import unobserved_common_cause
from knowntruth.causal.sensitivity import partial_r2

HIDDEN_CAUSES: Final = 5
"""Hidden causes simulated; with many rows their effects hardly differ."""


def refutations(analysis: Analysis) -> Iterator[Check]:
    """Run all refuters, then simulate a hidden cause as strong as the strongest covariate."""
    for refuter in REFUTERS:
        yield _annotate(analysis, refuter.check(analysis.sampled, analysis.seed, analysis.simulations))
    benchmarks = partial_r2.benchmarks(analysis.whole)
    like = f"the strongest covariate, {benchmarks[0].name}" if benchmarks else "is assumed"
    strength = partial_r2.strongest(benchmarks)
    yield _annotate(analysis, unobserved_common_cause(analysis.sampled, strength, like, analysis.seed, HIDDEN_CAUSES))


def _annotate(analysis: Analysis, check: Check) -> Check:
    logs = "effects are differences of logarithms" if analysis.logged else ""
    return replace(check, note=join_notes(check.note, logs, analysis.sampling))
