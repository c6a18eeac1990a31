"""Implications: tests of the independencies that the graph implies."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from knowntruth.causal import dowhy_guard
from knowntruth.causal.check import Check
from knowntruth.causal.checks.rows import make_check, unavailable
from knowntruth.causal.estimation.analysis import Analysis
from knowntruth.causal.graphs.analysis_graph import prune
from knowntruth.causal.refutation import graph_falsification
from knowntruth.causal.refutation.graph_falsification import Crossproducts, Implication

MAX_TESTED_ROWS: Final = 20_000
"""Sessions, one per user, on which the graph is tested. With more, even slight nonlinearity would be rejected."""

QUESTION: Final = "Do the data contradict the graph?"
NULL: Final = "all independencies that the graph implies hold"


def implications(analysis: Analysis) -> Iterator[Check]:
    """Test the implied independencies, and compare the graph with graphs whose names are permuted."""
    data = _one_per_user(analysis)
    tested = _testable(analysis, data)
    if not tested:
        reason = "the graph implies no independence among the columns of these data"
        yield unavailable(analysis, "implied independencies", QUESTION, reason)
        return
    table, level = Crossproducts(data), graph_falsification.TEST_LEVEL
    failed = graph_falsification.rejected_implications(table, tested, level / len(tested))
    worst = sorted(failed, key=lambda one: (table.p_value(one), one.words))[:3]
    yield make_check(
        analysis,
        "implied independencies",
        QUESTION,
        f"rejected of {len(tested)} implications",
        value=float(len(failed)),
        verdict="alarm" if failed else "pass",
        n=len(data),
        null=NULL,
        false_alarms=level,
        rule=f"alarm if any is rejected at {level:.0%} divided by their number",
        note="; ".join(one.words for one in worst) or "one session per user; linear effects and shifts of categories",
    )
    yield _permuted(analysis, table, tested, len(data))


def _permuted(analysis: Analysis, table: Crossproducts, tested: tuple[Implication, ...], n: int) -> Check:
    rng = np.random.default_rng(dowhy_guard.stream_seeds(analysis.seed, "permuted graphs", 1))
    names = sorted({name for one in tested for name in (one.one, one.other, *one.given)})
    share, failed = graph_falsification.compare_with_permutations(table, tested, names, rng)
    own, limit = (
        len(graph_falsification.rejected_implications(table, tested)),
        graph_falsification.MAX_PERMUTED_SHARE,
    )
    return make_check(
        analysis,
        "graph against chance",
        "Does the graph fit the data better than graphs with permuted names?",
        "share of permuted graphs that fail as few tests",
        value=share,
        n=n,
        verdict="pass" if share <= limit else "alarm" if own else "info",
        false_alarms=min(1.0, graph_falsification.TEST_LEVEL * len(tested)),
        rule=f"alarm if some test fails and more than {limit:.0%} of permuted graphs do as well;"
        " information if no test fails and permuted graphs do as well: the graph implies too little to be tested",
        null=NULL,
        note=f"{own} of {len(tested)} tests fail; median of permuted graphs {np.median(failed):.0f}",
    )


def _one_per_user(analysis: Analysis) -> pd.DataFrame:
    """Return one random session per user, with the observed nodes that have no gaps and vary."""
    rng = np.random.default_rng(dowhy_guard.stream_seeds(analysis.seed, "rows for the graph", 1))
    users = analysis.data["user_id"].to_numpy()
    shuffled = rng.permutation(len(users))
    _, first = np.unique(users[shuffled], return_index=True)
    chosen = np.sort(shuffled[first])
    if len(chosen) > MAX_TESTED_ROWS:
        chosen = np.sort(rng.choice(chosen, size=MAX_TESTED_ROWS, replace=False))
    data = analysis.data.iloc[chosen].reset_index(drop=True)
    usable = [node for node, seen in analysis.graph.nodes(data="observed") if seen and node in data]
    return data[[node for node in usable if data[node].notna().all() and data[node].nunique() > 1]]


def _testable(analysis: Analysis, data: pd.DataFrame) -> tuple[Implication, ...]:
    """Return the implications among the columns of the data, for the ancestors of treatment and outcome.

    Consequences of the outcome are left out: such columns are often computed from each other by nonlinear rules.
    """
    graph = prune(analysis.graph, [analysis.treatment, analysis.outcome])
    for node in graph:
        graph.nodes[node]["observed"] = node in data
    return graph_falsification.implications(graph)
