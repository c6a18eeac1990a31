import os
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from knowntruth.causal.check import COLUMNS, frame
from knowntruth.causal.checks.run import run
from knowntruth.causal.refutation.registry import REFUTERS
from knowntruth.common.errors import InputError

REFUTER_NAMES = [refuter.hypothesis.name for refuter in REFUTERS]
ONE_A_USER = ("implied independencies", "graph against chance", "overlap rules")
SMALL = {"seed": 1, "simulations": 4}


@pytest.fixture(scope="module")
def table(sessions):
    data = sessions(1500, hidden=0.3, on_outcome=0.2)
    data["rated_expertise"] = data["rated_expertise"].mask(np.arange(len(data)) % 10 == 0)
    data["clear_goal"] = np.arange(len(data)) % 12 > 0
    return data


@pytest.fixture(scope="module")
def checks(table, study_graph):
    return run(table, study_graph(ability=True), **SMALL)


def of(checks, name, outcome="actions_per_prompt"):
    return next(check for check in checks if (check.name, check.outcome) == (name, outcome))


def test_all_four_steps_for_both_outcomes(checks):
    names = [check.name for check in checks if check.outcome == "actions_per_prompt"]
    assert names == [
        "identification",
        "label errors",
        "bad controls",
        "implied independencies",
        "graph against chance",
        "naive contrast",
        "published adjustment",
        "linear regression",
        "expert against novice",
        "expert against novice, by level",
        "weighting",
        "doubly robust",
        *REFUTER_NAMES,
        "unobserved common cause",
        "robustness value",
        "E-value",
        "benchmark cause",
        "overlap",
        "partially linear bounds",
        "non-parametric bounds",
        "overlap rules",
    ]
    assert {c.name for c in checks if c.outcome == "verified_success"} == {*names, "logistic regression"}
    assert of(checks, "identification").verdict == "alarm"
    assert "ability" in of(checks, "identification").note


def test_only_rated_sessions_with_a_clear_goal_enter(table, checks):
    enters = table["clear_goal"] & table["rated_expertise"].notna()
    assert {check.n for check in checks if check.name not in ONE_A_USER} == {int(enters.sum())}
    assert all(check.n < enters.sum() for check in checks if check.name in ONE_A_USER)


def test_every_alarm_has_a_null_and_a_rule_and_tests_their_false_alarms(checks):
    for check in checks:
        if check.verdict in ("pass", "alarm"):
            assert check.rule.startswith("alarm if")
    for name in [*REFUTER_NAMES, "implied independencies", "overlap rules"]:
        assert 0 < of(checks, name).false_alarms <= 0.05
        assert of(checks, name).null


def test_actions_are_ratios_and_success_a_difference(checks):
    line, ends = of(checks, "linear regression"), of(checks, "expert against novice")
    assert line.value > 1
    assert ends.value == pytest.approx(line.value**4)
    line, ends = (of(checks, name, "verified_success") for name in ("linear regression", "expert against novice"))
    assert 0 < line.value < 0.2
    assert ends.value == pytest.approx(4 * line.value)


def test_by_level_needs_no_line(study_graph, sessions):
    """Where only experts differ, the contrast by level sees all of it and the line does not."""
    data = sessions(6000, activity=0.0, seed=6)
    expert = (data["rated_expertise"] == 5).to_numpy()
    data["actions_per_prompt"] = data["actions_per_prompt"] * np.where(expert, 1.5, 1.0)
    found = run(data, study_graph(), outcomes=["actions_per_prompt"], **SMALL)
    check = of(found, "expert against novice, by level")
    assert check.lower < 1.5 < check.upper
    assert check.lower > 1


@pytest.mark.slow
def test_the_stored_table_is_the_same_in_any_process(table, study_graph, tmp_path):
    data, graph = tmp_path / "data.parquet", tmp_path / "graph.txt"
    table.to_parquet(data)
    source = study_graph(ability=True)
    graph.write_text(repr((list(source.nodes(data=True)), list(source.edges))))
    code = f"""
import ast, networkx as nx, pandas as pd
from pathlib import Path
from knowntruth.causal.check import frame
from knowntruth.causal.checks.run import run
nodes, edges = ast.literal_eval(Path({str(graph)!r}).read_text())
graph = nx.DiGraph()
graph.add_nodes_from(nodes), graph.add_edges_from(edges)
checks = run(pd.read_parquet({str(data)!r}), graph, seed=1, simulations=2)
print(frame(checks, timings=False).to_csv(index=False), end="")
"""
    printed = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        for seed in ("0", "1")
    ]
    assert printed[0].stdout == printed[1].stdout
    assert not printed[0].stderr, "no warnings, no log lines, no progress bars"
    here = frame(run(pd.read_parquet(data), source, seed=1, simulations=2), timings=False).to_csv(index=False)
    assert here == printed[0].stdout


def test_table_has_fixed_columns_and_timings_apart(checks):
    assert tuple(frame(checks).columns) == COLUMNS
    assert "seconds" not in frame(checks, timings=False)
    assert tuple(frame([]).columns) == COLUMNS


def test_row_limit_is_told_and_leaves_the_estimate_alone(table, study_graph, checks):
    limited = run(table, study_graph(ability=True), row_limit=500, **SMALL)
    placebo = of(limited, "placebo treatment")
    assert placebo.n == 500
    assert "on a random 500 of" in placebo.note
    assert of(limited, "linear regression").value == of(checks, "linear regression").value


def test_progress_rises_to_one(table, study_graph):
    told = []
    run(table, study_graph(), outcomes=["verified_success"], progress=lambda *step: told.append(step), **SMALL)
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == 1


@pytest.mark.parametrize("verified", [0.0, 0.06])
def test_sensitivity_informs_where_no_effect_is_claimed_and_judges_otherwise(sessions, study_graph, verified):
    found = run(sessions(1500, verified=verified), study_graph(), outcomes=["verified_success"], **SMALL)
    line = of(found, "linear regression", "verified_success")
    nothing = line.lower <= 0 <= line.upper
    for name in ("E-value", "benchmark cause", "unobserved common cause"):
        assert (of(found, name, "verified_success").verdict == "info") == nothing
    assert not (nothing and verified), "an effect of this size is seen in 1,500 sessions"


def test_bad_input_is_refused_by_name(table, study_graph):
    with pytest.raises(InputError, match="'mode' is marked observed"):
        run(table.drop(columns="mode"), study_graph(), **SMALL)
    with pytest.raises(InputError, match="only 50 sessions"):
        run(table[table["clear_goal"] & table["rated_expertise"].notna()].head(50), study_graph(), **SMALL)
    with pytest.raises(InputError, match="treatment 'zeal'"):
        run(table, study_graph(), treatment="zeal", **SMALL)
    with pytest.raises(InputError, match="simulations is 1"):
        run(table, study_graph(), seed=1, simulations=1)
    with pytest.raises(InputError, match="row_limit is 3"):
        run(table, study_graph(), seed=1, row_limit=3)
    with pytest.raises(InputError, match="'actions_per_prompt' holds values that are not positive"):
        run(table.assign(actions_per_prompt=0.0), study_graph(), **SMALL)


def test_missing_published_covariates_and_levels_are_said_not_hidden(table, study_graph):
    data = table.drop(columns="task_occupation")
    data = data[data["rated_expertise"].fillna(3) > 1]
    graph = study_graph()
    graph.remove_node("task_occupation")
    found = run(pd.DataFrame(data), graph, outcomes=["verified_success"], **SMALL)
    for name in ("published adjustment", "expert against novice, by level"):
        assert of(found, name, "verified_success").verdict == "unavailable"


@pytest.mark.slow
def test_the_whole_study_takes_a_minute_and_a_half(sessions, study_graph):
    start = time.perf_counter()
    found = run(sessions(398_198), study_graph(ability=True), seed=1)
    assert time.perf_counter() - start < 90
    assert of(found, "linear regression").n == 398_198
    assert of(found, "data subset").n == 50_000
