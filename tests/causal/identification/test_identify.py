import itertools
import time

import networkx as nx
import numpy as np
import pytest

from knowntruth.causal.graphs import d_separation
from knowntruth.causal.graphs.analysis_graph import analysis_graph
from knowntruth.causal.identification.identify import identify

KNOWN = [
    # arrows, hidden, route, minimal adjustment, front door, instruments, hidden causes
    ("x>y u>x u>y", "u", "none", (), (), (), ("u",)),  # the bow
    ("x>y c>x c>y", "", "back door", ("c",), (), (), ()),
    ("x>m m>y c>x c>y", "", "back door", ("c",), ("m",), (), ()),
    ("x>m m>y u>x u>y", "u", "front door", (), ("m",), (), ("u",)),
    ("x>m m>y u>x u>y u>m", "u", "none", (), (), (), ("u",)),
    ("z>x x>y u>x u>y", "u", "none", (), (), ("z",), ("u",)),
    ("z>x x>y u>x u>y z>y", "u", "none", (), (), (), ("u",)),
    ("x>y x>s y>s", "", "back door", (), (), (), ()),  # a collider is nobody's business
    ("x>y u>x u>c v>c v>y", "uv", "back door", (), (), (), ()),  # M: adjusting would harm
    ("x>y u>x u>c v>c v>y c>x c>y", "uv", "none", (), (), (), ("u", "v")),  # butterfly
    ("x>y u>d d>x d>y", "ud", "none", (), (), (), ("d",)),  # named at the fork, not upstream of it
    ("y>x", "", "no effect", (), (), (), ()),
]


@pytest.mark.parametrize(("arrows", "hidden", "route", "minimal", "front", "instruments", "causes"), KNOWN)
def test_textbook_graphs(graph_of, arrows, hidden, route, minimal, front, instruments, causes):
    found = identify(analysis_graph(graph_of(arrows, hidden), "x", "y"))
    got = (found.route, found.minimal, found.front_door, found.instruments, found.hidden_causes)
    assert got == (route, minimal, front, instruments, causes)
    assert found.dowhy == route
    assert "x on y" in found.words or "from x to y" in found.words


def random_graph(rng, nodes):
    names = [f"n{i}" for i in range(nodes)]
    graph = nx.DiGraph()
    graph.add_nodes_from(names)
    graph.add_edges_from(pair for pair in itertools.combinations(names, 2) if rng.random() < 0.35)
    for name in names:
        graph.nodes[name]["observed"] = bool(rng.random() < 0.65)
    treatment, outcome = names[nodes // 2], names[-1]
    for name in (treatment, outcome):
        graph.nodes[name]["observed"] = True
    graph.add_edge(treatment, outcome) if rng.random() < 0.5 else None
    return graph, treatment, outcome


def subsets(names):
    return (set(s) for size in range(len(names) + 1) for s in itertools.combinations(names, size))


def observed(graph, but):
    return [node for node in graph if graph.nodes[node]["observed"] and node not in but]


def is_front_door(graph, treatment, outcome, mediators):
    """Pearl's three conditions as they stand, by listing paths."""
    if not mediators or mediators & (nx.ancestors(graph, treatment) | nx.descendants(graph, outcome)):
        return False
    paths = nx.all_simple_paths(graph, treatment, outcome)
    if not all(mediators & set(path) for path in paths):
        return False
    cut = nx.DiGraph(graph)
    cut.remove_edges_from(list(graph.out_edges(treatment)))
    if not nx.is_d_separator(cut, {treatment}, mediators, set()):
        return False
    cut = nx.DiGraph(graph)
    cut.remove_edges_from(list(graph.out_edges(mediators)))
    return nx.is_d_separator(cut, mediators, {outcome}, {treatment})


def test_criteria_agree_with_search_of_all_subsets_and_with_dowhy():
    rng = np.random.default_rng(11)
    routes = {"back door": 0, "front door": 0, "none": 0, "no effect": 0}
    for _ in range(150):
        graph, x, y = random_graph(rng, 8)
        if graph.degree(x) == 0 or graph.degree(y) == 0:
            continue
        found = identify(analysis_graph(graph, x, y))
        routes[found.route] += 1
        after = nx.descendants(graph, x) | {x, y}
        can_close = [s for s in subsets(observed(graph, after)) if d_separation.blocks(graph, x, y, s)]
        if found.route == "back door":
            assert set(found.minimal) in can_close
            assert set(found.adjustment) in can_close
            assert not [s for s in can_close if s < set(found.minimal)]
        elif found.route in ("none", "front door"):
            assert not can_close
            assert found.hidden_causes
            doors = [s for s in subsets(observed(graph, {x, y})) if is_front_door(graph, x, y, s)]
            assert bool(doors) == (found.route == "front door")
        assert found.dowhy == found.route
    assert min(routes["back door"], routes["none"]) > 20
    assert routes["front door"] > 0


def test_controls_that_the_treatment_moves_are_named(study_graph):
    found = identify(analysis_graph(study_graph(), "rated_expertise", "actions_per_prompt"))
    assert found.bad_controls == ("value_band",)
    assert "value_band" not in found.adjustment
    assert found.route == "back door"


def test_a_label_that_follows_the_work_done_is_named_too(study_graph):
    graph = study_graph(more="difficulty>mode")
    found = identify(analysis_graph(graph, "rated_expertise", "actions_per_prompt"))
    assert found.moved_labels == ("mode", "value_band")
    assert found.bad_controls == ("value_band",)


def test_hidden_ability_is_named_and_the_best_adjustment_is_pre_treatment(study_graph):
    graph = study_graph(ability=True)
    analysis = analysis_graph(graph, "rated_expertise", "verified_success")
    found = identify(analysis)
    assert not found.identified
    assert found.hidden_causes == ("ability",)
    assert not set(found.adjustment) & nx.descendants(analysis.graph, "rated_expertise")
    assert "ability" in found.words
    assert found.adjustment == ("mode", "user_occupation")


def test_variables_that_tell_nothing_of_the_outcome_are_left_out(graph_of):
    found = identify(analysis_graph(graph_of("z>x c>x c>y x>y u>x u>y", "u"), "x", "y"))
    assert found.adjustment == ("c",)
    assert found.instruments == ("z",)


def test_eighty_nodes_take_no_time():
    rng = np.random.default_rng(5)
    names = [f"n{i:02}" for i in range(80)]
    graph = nx.DiGraph()
    graph.add_nodes_from((name, {"observed": bool(rng.random() < 0.4)}) for name in names)
    graph.add_edges_from(pair for pair in itertools.combinations(names, 2) if rng.random() < 0.05)
    for name in ("n40", "n79"):
        graph.nodes[name]["observed"] = True
    graph.add_edges_from([("n40", "n79"), ("n39", "n40")])
    identify(analysis_graph(graph, "n40", "n79"))  # pays for the import of DoWhy
    start = time.perf_counter()
    identify(analysis_graph(graph, "n40", "n79"))
    assert time.perf_counter() - start < 5


def test_the_published_world_leaves_ability_open():
    """The graph of the simulator itself, as data: the study's effects are not identified, and DoWhy agrees."""
    from knowntruth.world.definition.world import load
    from knowntruth.world.graphs.derive import graph

    source = graph(load("published"))
    for outcome in ("actions_per_prompt", "verified_success"):
        analysis = analysis_graph(source, "rated_expertise", outcome)
        found = identify(analysis)
        assert (found.route, found.dowhy) == ("none", "none")
        assert found.hidden_causes == ("ability",)
        assert not set(found.adjustment) & nx.descendants(analysis.graph, "rated_expertise")
        assert "rated_expertise" in found.contradicted
        assert "mode" in found.moved_labels
