"""All the checks on one table of sessions: identify, estimate, refute, sensitivity, for each outcome.

>>> from knowntruth.causal.checks.run import run
>>> checks = run(observed, graph, seed=1)  # doctest: +SKIP
>>> frame(checks, timings=False).to_csv("checks.csv")  # doctest: +SKIP

The regression, its intervals and the sensitivity statistics use every row. The refuters refit the regression
dozens of times, so above a row limit they work on rows drawn by seed, and their notes say so.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import networkx as nx
import pandas as pd

from knowntruth.causal.check import Check
from knowntruth.causal.checks import more_steps
from knowntruth.causal.checks.steps import STEPS
from knowntruth.causal.estimation.analysis import prepare
from knowntruth.causal.graphs.analysis_graph import analysis_graph, check_columns, prune
from knowntruth.causal.identification.controls import classify_controls
from knowntruth.causal.identification.identify import identify
from knowntruth.common.errors import InputError
from knowntruth.common.progress import Progress, no_progress

TREATMENT: Final = "rated_expertise"
OUTCOMES: Final = ("actions_per_prompt", "verified_success")

ROW_LIMIT: Final = 50_000
"""Rows that the refuters use at most: one simulation then takes about a tenth of a second."""

SIMULATIONS: Final = 20
"""Simulations of each refuter, DoWhy's own default being 100."""


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
        Labels to be taken at their word; by default those of the study.
    adjust
        Variables that the analyst would hold: what the graph says of them, and what the estimate would be.
    seed
        The same seed and data give the same checks, timings aside.
    row_limit, simulations
        Most rows, and simulations, of each refuter.
    progress
        Called with a phrase and the share done, 0 to 1.

    Raises
    ------
    InputError
        For a graph or data that cannot be analysed, with the node or column at fault.

    Examples
    --------
    >>> import pandas as pd
    >>> from knowntruth.causal.graphs.read import read_graph
    >>> graph = read_graph("dag { rated_expertise -> verified_success }")
    >>> run(pd.DataFrame(), graph, outcomes=["verified_success"], seed=1, simulations=1)
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: simulations is 1; a spread needs 2 or more: raise it
    """
    _require_simulations(row_limit, simulations)
    cases, report = len(outcomes) * (len(STEPS) + 1), progress or no_progress
    checks: list[Check] = []
    for position, outcome in enumerate(outcomes):
        done = position * (len(STEPS) + 1)
        report(f"{outcome}: graph and regression", done / cases)
        start = time.perf_counter()
        analysis = analysis_graph(graph, treatment, outcome, stand_ins)
        ancestors = prune(analysis.graph, [treatment, outcome])
        check_columns((n for n, seen in ancestors.nodes(data="observed") if seen), observed.columns)
        classify_controls(analysis.graph, treatment, outcome, adjust)
        check_columns(adjust, observed.columns)
        case = prepare(observed, analysis.graph, identify(analysis), seed, row_limit, simulations)
        for step, (name, rows) in enumerate(STEPS.items(), start=1):
            report(f"{outcome}: {name}", (done + step) / cases)
            checks.extend(_timed(rows(case), start))
            start = time.perf_counter()
        if adjust:
            checks.extend(_timed(more_steps.own_adjustment(case, adjust), start))
    report("checks done", 1.0)
    return checks


def _timed(checks: Iterator[Check], start: float) -> Iterator[Check]:
    """Give each check its seconds; the first of a case bears what all of them share, graph and regression."""
    for check in checks:
        yield replace(check, seconds=time.perf_counter() - start)
        start = time.perf_counter()


def _require_simulations(row_limit: int, simulations: int) -> None:
    if simulations < 2:
        raise InputError(f"simulations is {simulations}; a spread needs 2 or more: raise it")
    if row_limit < 200:
        raise InputError(f"row_limit is {row_limit}; the refuters need 200 rows or more: raise it")
