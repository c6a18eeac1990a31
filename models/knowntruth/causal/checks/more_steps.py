"""Further checks as rows: the graph on trial, other estimators, and bounds without straight lines.

As in `rows`, each function takes a `Case` and yields its checks one by one.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pandas as pd

from knowntruth.causal import dowhy_guard
from knowntruth.causal.check import Check, Verdict
from knowntruth.causal.checks.iv_and_front_door import iv_and_front_door
from knowntruth.causal.estimation import weighting
from knowntruth.causal.estimation.analysis import Analysis
from knowntruth.causal.estimation.partial_out import partial_out
from knowntruth.causal.estimation.regression import fit_linear
from knowntruth.causal.graphs.analysis_graph import prune
from knowntruth.causal.identification import controls
from knowntruth.causal.identification.adjustment import is_sufficient
from knowntruth.causal.refutation import graph_falsification
from knowntruth.causal.sensitivity import omitted_variable_bounds, partial_r2
from knowntruth.common.arrays import Floats

TESTED_ROWS: Final = 20_000
"""Sessions, one a user, on which the graph is tried: straight lines that are a little bent are not yet seen."""

LEARNED_ROWS: Final = 15_000
"""Sessions that the boosted trees learn from."""

OUTSIDE: Final = 0.05
"""Largest share of sessions that may have hardly any counterpart; and how near to 0 or 1 a chance then is."""

ASSUMED: Final = (0.05, 0.05)
"""Partial R² of the simulated hidden cause where no covariate offers a benchmark."""


def falsification(case: Analysis) -> Iterator[Check]:
    """Put what the graph says is independent to the test."""
    data = _one_a_user(case)
    asked = _testable(case, data)
    if not asked:
        yield _row(case, "implied independencies", "Do the data contradict the graph?", "", verdict="unavailable",
                   note="the graph implies no independence among the columns of these data")  # fmt: skip
        return
    table, number = graph_falsification.Crossproducts(data), len(asked)
    failed = graph_falsification.rejected_implications(table, asked, graph_falsification.TEST_LEVEL / number)
    worst = sorted(failed, key=lambda one: (table.p_value(one), one.words))[:3]
    yield _row(
        case, "implied independencies", "Do the data contradict the graph?", f"rejected of {number} implications",
        value=float(len(failed)), verdict="alarm" if failed else "pass", n=len(data),
        null="all that the graph says is independent is", false_alarms=graph_falsification.TEST_LEVEL,
        rule=f"alarm if any is rejected at {graph_falsification.TEST_LEVEL:.0%} divided by their number",
        note="; ".join(one.words for one in worst) or "one session a user; straight lines and shifts of categories",
    )  # fmt: skip
    yield _against_chance(case, table, asked, data)


def _against_chance(
    case: Analysis,
    table: graph_falsification.Crossproducts,
    asked: tuple[graph_falsification.Implication, ...],
    data: pd.DataFrame,
) -> Check:
    rng = np.random.default_rng(dowhy_guard.stream_seeds(case.seed, "permuted graphs", 1))
    names = sorted({name for one in asked for name in (one.one, one.other, *one.given)})
    share, failed = graph_falsification.compare_with_permutations(table, asked, names, rng)
    own = len(graph_falsification.rejected_implications(table, asked))
    return _row(
        case, "graph against chance", "Does the graph know more of the data than one with its names dealt out?",
        "share of dealt graphs that fail as few tests", value=share, n=len(data),
        verdict="pass" if share <= graph_falsification.MAX_PERMUTED_SHARE else "alarm" if own else "info",
        false_alarms=min(1.0, graph_falsification.TEST_LEVEL * len(asked)),
        rule=f"alarm if some test fails and more than {graph_falsification.MAX_PERMUTED_SHARE:.0%} of the dealt graphs do as well; "
        "information if none fails, but dealt graphs do as well: the graph says too little to be tried",
        null="all that the graph says is independent is",
        note=f"{own} of {len(asked)} tests fail, of dealt graphs {np.median(failed):.0f} in the middle",
    )  # fmt: skip


def estimators(case: Analysis) -> Iterator[Check]:
    """Estimate by other methods: weights, an instrument, a front door, where they apply."""
    yield from weighting.group_estimates(case)
    yield from iv_and_front_door(case)


def own_adjustment(case: Analysis, held: Sequence[str]) -> Iterator[Check]:
    """Say what the graph thinks of the analyst's own choice, and estimate by it."""
    said = controls.describe_controls(case.graph, case.treatment, case.outcome, held)
    fit = fit_linear(partial_out(case.data, case.treatment, case.outcome, tuple(held)))
    value, lower, upper = case.scaled(*fit.interval())
    bad = [one for one in controls.classify_controls(case.graph, case.treatment, case.outcome, held) if one.bad]
    enough = is_sufficient(case.graph, case.treatment, case.outcome, held)
    yield _row(
        case, "your adjustment", "Does what you would hold leave the effect and nothing else?",
        f"{case.unit}, one level", value=value, lower=lower, upper=upper,
        verdict="alarm" if bad or not enough else "pass", null="what is held closes every path but the causal ones",
        rule="alarm if by the graph it does not suffice, or one of it does harm", note=said,
    )  # fmt: skip


def learning(case: Analysis) -> Iterator[Check]:
    """Learn what covariates say, and bound the effect for a hidden cause as strong as the strongest of them."""
    rng = np.random.default_rng(dowhy_guard.stream_seeds(case.seed, "rows for the learners", 1))
    chosen = np.sort(rng.choice(len(case.data), size=min(LEARNED_ROWS, len(case.data)), replace=False))
    data = case.data.iloc[chosen].reset_index(drop=True)
    level = data[case.treatment].to_numpy(dtype=np.float64)
    upper = (level >= weighting.MIN_UPPER_LEVEL).astype(np.float64)
    if upper.min() == upper.max() or not case.identification.adjustment:
        return
    _, users = np.unique(data["user_id"].to_numpy(), return_inverse=True)
    features = pd.DataFrame({name: _codes(data[name]) for name in case.identification.adjustment})
    outcome = data[case.outcome].to_numpy(dtype=np.float64)
    seed = dowhy_guard.stream_seeds(case.seed, "learners", 1)[0]
    found = omitted_variable_bounds.learn_bounds(features, outcome, level, upper, users, seed)
    yield _overlap(case, found.chance)
    line = "What would a hidden cause as strong as the strongest covariate leave, covariates acting as they like?"
    yield _bounded(case, "partially linear bounds", line, f"{case.unit}, one level", found.line)
    two = f"{case.unit}, levels {weighting.MIN_UPPER_LEVEL} and up against the rest"
    yield _bounded(case, "non-parametric bounds", f"{line[:-1]}, and no line at all?", two, found.groups)


def _overlap(case: Analysis, chance: Floats) -> Check:
    outside = float(np.mean((chance < OUTSIDE) | (chance > 1 - OUTSIDE)))
    return _row(
        case, "overlap", "Are there sessions of both groups at every value of what is held?",
        f"share of sessions whose chance of the upper levels is under {OUTSIDE:.0%} or over {1 - OUTSIDE:.0%}",
        value=outside, verdict="alarm" if outside > OUTSIDE else "pass", n=len(chance),
        rule=f"alarm if more than {OUTSIDE:.0%}", null="everyone could be in either group",
        note=f"chances from {chance.min():.3f} to {chance.max():.3f}, learned by boosted trees",
    )  # fmt: skip


def _bounded(
    case: Analysis, name: str, question: str, statistic: str, found: omitted_variable_bounds.BoundedEffect
) -> Check:
    benchmarks = partial_r2.benchmarks(case.whole)
    strength = partial_r2.hidden_strength(benchmarks[0]) if benchmarks else ASSUMED
    reach = 1.96 * found.error
    low, high = found.bounds(strength[0], min(strength[1], 1.0))
    at_once = abs(found.value) <= reach
    verdict: Verdict = "info" if at_once else "alarm" if low - reach <= 0 <= high + reach else "pass"
    value, lower, upper = case.scaled(found.value, low - reach, high + reach)
    return _row(
        case, name, question, statistic, value=value, lower=lower, upper=upper, verdict=verdict, n=found.n,
        rule="alarm if the bounds, with the 95% interval, hold no effect; information if the interval does at once",
        null="none: it is a what-if",
        note=f"robustness value {found.robustness:.3f}; limits are bounds; boosted trees on {found.n:,} rows",
    )  # fmt: skip


def _one_a_user(case: Analysis) -> pd.DataFrame:
    rng = np.random.default_rng(dowhy_guard.stream_seeds(case.seed, "rows for the graph", 1))
    users = case.data["user_id"].to_numpy()
    shuffled = rng.permutation(len(users))
    _, first = np.unique(users[shuffled], return_index=True)
    chosen = np.sort(shuffled[first])
    if len(chosen) > TESTED_ROWS:
        chosen = np.sort(rng.choice(chosen, size=TESTED_ROWS, replace=False))
    data = case.data.iloc[chosen].reset_index(drop=True)
    usable = [node for node, seen in case.graph.nodes(data="observed") if seen and node in data]
    return data[[node for node in usable if data[node].notna().all() and data[node].nunique() > 1]]


def _testable(case: Analysis, data: pd.DataFrame) -> tuple[graph_falsification.Implication, ...]:
    """Return the implications among the columns of the data, of the part of the graph that the effect hangs on.

    What follows from the outcome is left out: such columns are often worked out from each other, by rules that are no
    straight lines.
    """
    graph = prune(case.graph, [case.treatment, case.outcome])
    for node in graph:
        graph.nodes[node]["observed"] = node in data
    return graph_falsification.implications(graph)


def _codes(column: "pd.Series[float]") -> Floats:
    """Categories by the number of their text; numbers as they are."""
    if pd.api.types.is_numeric_dtype(column):
        return np.asarray(column, dtype=np.float64)
    return np.asarray(column.astype(str).astype("category").cat.codes, dtype=np.float64)


def _row(
    case: Analysis, name: str, question: str, statistic: str, *, value: float = float("nan"), lower: float = float("nan"),
    upper: float = float("nan"), verdict: Verdict = "info", rule: str = "none: for information", null: str = "",
    false_alarms: float = float("nan"), n: int = 0, note: str = "",
) -> Check:  # fmt: skip
    return Check(name, question, case.treatment, case.outcome, statistic, value, lower, upper, verdict, rule, null,
                 false_alarms, n or case.whole.n, note)  # fmt: skip
