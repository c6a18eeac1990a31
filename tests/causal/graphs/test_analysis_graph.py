import itertools
import subprocess
import sys

import networkx as nx
import numpy as np
import pytest

from knowntruth.causal.graphs.analysis_graph import analysis_graph, check_columns, latent_projection, prune
from knowntruth.common.errors import InputError


@pytest.mark.parametrize(
    ("arrows", "hidden", "says"),
    [
        ("x>y y>z z>x", "", "cycle: x -> y -> z -> x"),
        ("x>y", "x", "treatment 'x' is hidden"),
        ("x>y", "y", "outcome 'y' is hidden"),
        ("a>y", "", "treatment 'x' is not in the graph"),
        ("x>a", "", "outcome 'y' is not in the graph"),
    ],
)
def test_bad_graphs_are_refused_by_name(graph_of, arrows, hidden, says):
    with pytest.raises(InputError, match=says):
        analysis_graph(graph_of(arrows, hidden), "x", "y")


def test_isolated_treatment_and_silent_node_are_refused(graph_of):
    graph = graph_of("a>y")
    graph.add_node("x", observed=True)
    with pytest.raises(InputError, match="'x' is isolated"):
        analysis_graph(graph, "x", "y")
    graph.add_node("mute")
    with pytest.raises(InputError, match="'mute' does not say"):
        analysis_graph(graph, "a", "y")


def test_observed_node_without_a_column_is_refused():
    with pytest.raises(InputError, match="'mode' is marked observed"):
        check_columns(["mode", "month"], ["month"])


def test_label_takes_the_place_of_what_it_measures(graph_of):
    graph = graph_of("t>y t>label y>label label>after c>t", "t", {"label": "t"})
    analysis = analysis_graph(graph, "label", "y")
    assert sorted(analysis.graph.edges) == [("c", "label"), ("label", "after"), ("label", "y")]
    assert analysis.graph.nodes["label"]["observed"]
    assert analysis.assumptions == ("label is taken to be t itself, though by the graph it also reads y",)
    assert "t" in graph, "the graph given is left as it was"


def test_errors_that_go_with_nothing_do_not_contradict_a_label(graph_of):
    graph = graph_of("t>y t>cue cue>label noise>label", ("t", "cue", "noise"), {"label": "t"})
    assert analysis_graph(graph, "label", "y").contradicted == ()


def test_evidence_that_follows_the_treatment_contradicts_the_outcome_label(graph_of):
    graph = graph_of("t>done t>tests tests>label done>label", "done", {"label": "done"})
    assert analysis_graph(graph, "t", "label").reads("label") == ("tests",)


def test_stand_ins_must_measure_something_and_only_once(graph_of):
    graph = graph_of("t>y t>a t>b", "t", {"a": "t", "b": "t"})
    with pytest.raises(InputError, match="'y' cannot stand in"):
        analysis_graph(graph, "a", "y", stand_ins=["y"])
    with pytest.raises(InputError, match="two labels stand in for 't'"):
        analysis_graph(graph, "a", "y", stand_ins=["a", "b"])


def test_pruning_keeps_causes_alone(graph_of):
    graph = graph_of("c>x x>y x>after y>after other>after")
    assert list(prune(graph, ["x", "y"])) == ["c", "x", "y"]


def random_graph(rng, nodes, arrows):
    """A random DAG over single letters, in which letters at random are hidden."""
    names = [chr(97 + i) for i in range(nodes)]
    pairs = list(itertools.combinations(names, 2))
    chosen = rng.choice(len(pairs), size=arrows, replace=False)
    graph = nx.DiGraph()
    graph.add_nodes_from(names)
    graph.add_edges_from(pairs[i] for i in chosen)
    for name in names:
        graph.nodes[name]["observed"] = bool(rng.random() < 0.6)
    return graph


@pytest.mark.parametrize("seed", range(12))
def test_projection_implies_what_the_graph_implies(seed):
    graph = random_graph(np.random.default_rng(seed), 8, 12)
    keep = [node for node in graph if graph.nodes[node]["observed"]]
    small = latent_projection(graph, keep)
    compared = 0
    for one, other in itertools.combinations(keep, 2):
        rest = [node for node in keep if node not in (one, other)]
        assert nx.has_path(graph, one, other) == nx.has_path(small, one, other)
        for size in range(len(rest) + 1):
            for given in itertools.combinations(rest, size):
                in_graph = nx.is_d_separator(graph, {one}, {other}, set(given))
                assert in_graph == nx.is_d_separator(small, {one}, {other}, set(given))
                compared += 1
    assert compared or len(keep) < 2


def test_projection_does_not_depend_on_the_order_of_arrows():
    graph = random_graph(np.random.default_rng(3), 9, 16)
    shuffled = nx.DiGraph()
    shuffled.add_nodes_from(reversed(list(graph.nodes(data=True))))
    shuffled.add_edges_from(reversed(list(graph.edges)))
    keep = {node for node in graph if graph.nodes[node]["observed"]}
    assert list(latent_projection(graph, keep).edges) == list(latent_projection(shuffled, keep).edges)


def test_importing_every_module_loads_no_heavy_library():
    heavy = ("dowhy", "pymc", "arviz", "nutpie", "pyfixest", "matplotlib")
    code = f"""
import importlib, pkgutil, sys
import knowntruth.causal as package
for found in pkgutil.walk_packages(package.__path__, "knowntruth.causal."):
    importlib.import_module(found.name)
print([name for name in {heavy!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
