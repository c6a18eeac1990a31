"""The graph on trial: DoWhy's tests on graphs without hidden nodes, and known verdicts where there are some."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from knowntruth.causal import dowhy_guard
from knowntruth.causal.identification import exact_worlds
from knowntruth.causal.refutation.graph_falsification import (
    TEST_LEVEL,
    Crossproducts,
    Implication,
    compare_with_permutations,
    implications,
    rejected_implications,
)


def drawn(graph, n, seed):
    """Rows of a linear world on a graph, its observed columns."""
    rng = np.random.default_rng(seed)
    world = exact_worlds.random_linear_world(graph, rng)
    data = {}
    for node in nx.topological_sort(graph):
        data[node] = rng.normal(size=n) + sum(world.weights[p, node] * data[p] for p in graph.predecessors(node))
    return pd.DataFrame({node: data[node] for node in sorted(graph) if graph.nodes[node]["observed"]})


def partial_correlation(one, other, given=None):
    """The p-value of a partial correlation of two columns, in the form that DoWhy's `falsify_graph` takes."""
    parts = [np.asarray(part, dtype=float).reshape(len(one), -1) for part in (one, other)]
    ones = np.ones((len(one), 1))
    held = ones if given is None else np.hstack([ones, np.asarray(given, dtype=float).reshape(len(one), -1)])
    left = [part - held @ np.linalg.lstsq(held, part)[0] for part in parts]
    squared = float((left[0][:, 0] @ left[1][:, 0]) ** 2 / ((left[0] ** 2).sum() * (left[1] ** 2).sum()))
    freedom = len(one) - held.shape[1] - 1
    return float(2 * stats.t.sf(np.sqrt(squared * freedom / (1 - squared)), freedom))


CHAIN = "a>b b>c c>d a>e e>d"


def test_implications_of_known_graphs(graph_of):
    assert [one.words for one in implications(graph_of("a>b b>c"))] == ["c ⫫ a | b"]
    assert {one.words for one in implications(graph_of("a>b u>b u>c", "u"))} == {"a ⫫ c", "c ⫫ a"}
    assert implications(graph_of("x>y u>x u>y", "u")) == ()


def test_implications_hold_by_separation(random_graphs):
    rng = np.random.default_rng(2)
    total = 0
    for graph in random_graphs(rng, 60, nodes=7, density=0.3):
        for one in implications(graph):
            assert nx.is_d_separator(graph, {one.one}, {one.other}, set(one.given))
            total += 1
    assert total > 100


def test_one_table_of_crossproducts_gives_the_partial_correlation(graph_of):
    data = drawn(graph_of(CHAIN), 400, 1)
    table = Crossproducts(data)
    for given in ([], ["b"], ["b", "e"]):
        ours = table.p_value(Implication("c", "a", tuple(given)))
        theirs = partial_correlation(
            data["c"].to_numpy(), data["a"].to_numpy(), data[given].to_numpy() if given else None
        )
        assert ours == pytest.approx(theirs, rel=1e-6)


def test_tests_are_dowhys_own_without_hidden_nodes(graph_of):
    dowhy_guard.import_dowhy()
    from dowhy.gcm.falsify import FalsifyConst, validate_lmc

    graph = graph_of(CHAIN)
    data = drawn(graph, 300, 4)
    wrong = nx.relabel_nodes(graph, {"b": "e", "e": "b"})
    for candidate in (graph, wrong):
        with dowhy_guard.quietly():
            theirs = validate_lmc(
                nx.DiGraph(candidate.edges), data, independence_test=partial_correlation,
                conditional_independence_test=partial_correlation, significance_level=TEST_LEVEL, n_jobs=1,
            )  # fmt: skip
        ours = {(one.one, one.other): Crossproducts(data).p_value(one) for one in implications(candidate)}
        known = {pair: p for pair, (p, _) in theirs[FalsifyConst.P_VALUES].items() if pair in ours}
        assert len(known) >= len(ours) - 1
        for pair, p in known.items():
            assert ours[pair] == pytest.approx(p, rel=1e-6, abs=1e-12)


def test_false_alarms_are_as_stated(graph_of):
    graph, asked = graph_of(CHAIN), implications(graph_of(CHAIN))
    replicates = 150
    alarms = single = 0
    for seed in range(replicates):
        table = Crossproducts(drawn(graph, 200, seed))
        single += len(rejected_implications(table, asked))
        alarms += bool(rejected_implications(table, asked, TEST_LEVEL / len(asked)))
    band = 4 * np.sqrt(TEST_LEVEL * (1 - TEST_LEVEL) / (replicates * len(asked) / 2))
    assert abs(single / (replicates * len(asked)) - TEST_LEVEL) < band
    assert alarms / replicates < TEST_LEVEL + 4 * np.sqrt(TEST_LEVEL * (1 - TEST_LEVEL) / replicates)


def test_categories_count_with_all_their_values():
    """A category that shifts nothing on average along its codes, but shifts each value, is seen; noise is not."""
    rng, n, replicates = np.random.default_rng(3), 400, 100
    false = 0
    for _ in range(replicates):
        group, other = rng.integers(0, 6, n), rng.integers(0, 4, n)
        data = pd.DataFrame({"g": pd.Categorical(group), "o": pd.Categorical(other), "y": rng.normal(size=n)})
        false += Crossproducts(data).p_value(Implication("o", "g", ())) < 0.05
    assert abs(false / replicates - 0.05) < 4 * np.sqrt(0.05 * 0.95 / replicates)
    shifted = data.assign(y=data["y"] + np.array([1, -1, 0, 0, -1, 1])[group])
    assert Crossproducts(shifted).p_value(Implication("y", "g", ())) < 1e-6


def test_a_right_graph_beats_chance_and_a_wrong_one_does_not(graph_of):
    arrows = "a>b b>c c>d d>e e>f"
    right = graph_of(arrows)
    data = drawn(right, 1500, 5)
    table, names = Crossproducts(data), sorted(right)
    share, counts = compare_with_permutations(table, implications(right), names, np.random.default_rng(1))
    assert share <= 0.05
    assert np.median(counts) > 3
    wrong = graph_of("a>d d>f f>b b>e e>c")
    share, _ = compare_with_permutations(table, implications(wrong), names, np.random.default_rng(1))
    assert share > 0.05
    assert rejected_implications(table, implications(wrong), TEST_LEVEL / 10)


def test_a_hidden_cause_that_the_graph_leaves_out_is_found(graph_of):
    true = graph_of("a>x x>y b>y u>a u>b", "u")
    data = drawn(true, 2000, 6)
    claimed = graph_of("a>x x>y b>y")
    assert rejected_implications(Crossproducts(data), implications(claimed), TEST_LEVEL / 10)
    assert not rejected_implications(Crossproducts(data), implications(true), TEST_LEVEL / 10)


def test_columns_that_determine_each_other_raise_no_alarm():
    rng = np.random.default_rng(7)
    month = rng.integers(0, 7, 400)
    data = pd.DataFrame({"m": pd.Categorical(month), "g": month // 3 + 1.0, "y": rng.normal(size=400)})
    assert Crossproducts(data).p_value(Implication("g", "y", ("m",))) == 1.0
