"""Run all checks on one table of sessions, for each outcome: identify, estimate, refute, sensitivity.

>>> from knowntruth.causal.checks.run import run
>>> checks = run(observed, graph, seed=1)  # doctest: +SKIP
>>> frame(checks, timings=False).to_csv("checks.csv")  # doctest: +SKIP

The regression, its intervals and the sensitivity statistics use every row. The refuters refit the regression dozens
of times. Above a row limit they use a random sample of rows, and their notes state it.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import networkx as nx
import pandas as pd

from knowntruth.causal.check import Check
from knowntruth.causal.checks.own_adjustment import own_adjustment
from knowntruth.causal.checks.registry import STEPS
from knowntruth.causal.estimation.analysis import prepare
from knowntruth.causal.graphs.analysis_graph import AnalysisGraph, analysis_graph, check_columns, prune
from knowntruth.causal.identification.controls import classify_controls
from knowntruth.causal.identification.identify import identify
from knowntruth.common.errors import InputError
from knowntruth.common.progress import Progress, no_progress

TREATMENT: Final = "rated_expertise"
OUTCOMES: Final = ("actions_per_prompt", "verified_success")

ROW_LIMIT: Final = 50_000
"""The largest number of rows for the refuters; one simulation then takes about a tenth of a second."""

SIMULATIONS: Final = 20
"""Simulations of each refuter (DoWhy's default is 100)."""


def run(
    observed: pd.DataFrame,
    graph: "nx.DiGraph[str]",
    *,
    outcomes: Sequence[str] = OUTCOMES,
    treatment: str = TREATMENT,
    stand_ins: Sequence[str] | None = None,
    adjust: Sequence[str] = (),
    seed: int,
    row_limit: int = ROW_LIMIT,
    simulations: int = SIMULATIONS,
    progress: Progress | None = None,
) -> list[Check]:
    """Run all checks and return them in a fixed order, outcome by outcome.

    Parameters
    ----------
    observed
        Sessions with the observed columns; those without a clear goal or a treatment value are left out.
    graph
        The causal graph as data; see `knowntruth.causal.graphs.analysis_graph`.
    outcomes, treatment
        Observed nodes.
    stand_ins
        Labels to be taken as the true values; by default those of the study.
    adjust
        Controls of the analyst's own choice; they get a check of their own.
    seed
        The same seed and data give the same checks, except for timings.
    row_limit, simulations
        The largest number of rows, and the number of simulations, of each refuter.
    progress
        Called with a phrase and the share done, 0 to 1.

    Raises
    ------
    InputError
        If the graph or the data cannot be analysed; the message names the node or column.

    Examples
    --------
    >>> graph = kt.read_graph("dag { rated_expertise -> verified_success }")
    >>> run(pd.DataFrame(), graph, outcomes=["verified_success"], seed=1, simulations=1)
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: simulations is 1; a standard deviation needs 2 or more: raise it
    """
    _require_simulations(row_limit, simulations)
    total, report = len(outcomes) * (len(STEPS) + 1), progress or no_progress
    checks: list[Check] = []
    for position, outcome in enumerate(outcomes):
        done = position * (len(STEPS) + 1)
        report(f"{outcome}: graph and regression", done / total)
        start = time.perf_counter()
        analyst = analysis_graph(graph, treatment, outcome, stand_ins)
        _check_graph(analyst, observed, adjust)
        analysis = prepare(observed, analyst.graph, identify(analyst), seed, row_limit, simulations)
        for number, (name, step) in enumerate(STEPS.items(), start=1):
            report(f"{outcome}: {name}", (done + number) / total)
            checks.extend(_timed(step(analysis), start))
            start = time.perf_counter()
        if adjust:
            checks.extend(_timed(own_adjustment(analysis, adjust), start))
    report("checks done", 1.0)
    return checks


def _check_graph(analyst: AnalysisGraph, observed: pd.DataFrame, adjust: Sequence[str]) -> None:
    """Check that the observed ancestors and the analyst's controls are nodes and columns."""
    ancestors = prune(analyst.graph, [analyst.treatment, analyst.outcome])
    check_columns((n for n, seen in ancestors.nodes(data="observed") if seen), observed.columns)
    classify_controls(analyst.graph, analyst.treatment, analyst.outcome, adjust)
    check_columns(adjust, observed.columns)


def _timed(checks: Iterator[Check], start: float) -> Iterator[Check]:
    """Yield the checks with their seconds; the first of an outcome includes the graph and the regression."""
    for check in checks:
        yield replace(check, seconds=time.perf_counter() - start)
        start = time.perf_counter()


def _require_simulations(row_limit: int, simulations: int) -> None:
    if simulations < 2:
        raise InputError(f"simulations is {simulations}; a standard deviation needs 2 or more: raise it")
    if row_limit < 200:
        raise InputError(f"row_limit is {row_limit}; the refuters need 200 rows or more: raise it")
