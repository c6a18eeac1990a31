"""Every route that is said to be open is exact in a world whose probabilities are known, and closed ones are not."""

import itertools

import networkx as nx
import numpy as np
import pytest

from knowntruth.causal import dowhy_guard
from knowntruth.causal.graphs import d_separation
from knowntruth.causal.identification import exact_worlds
from knowntruth.causal.identification.estimands import (
    adjustment_formula,
    estimand_table,
    find_estimands,
    front_door_formula,
)
from knowntruth.causal.identification.instruments import find_instruments
from knowntruth.causal.identification.mediation import find_mediations

FRONT = "x>m m>y u>x u>y"


def test_front_door_table(graph_of):
    found = estimand_table(find_estimands(graph_of(FRONT, "u"), "x", "y"))
    open_routes = set(found.loc[found["identified"], "route"])
    assert open_routes == {"front door", "general"}
    assert found.set_index("route").loc["front door", "formula"] == "Σ_m P(m | x) Σ_x' P(x') P(y | x', m)"
    assert "because of hidden causes: u" in found.set_index("route").loc["back door", "assumes"]
    assert found["design"].str.len().gt(0).all()


def test_nothing_is_open_in_the_bow_but_its_reasons_are_told(graph_of):
    found = find_estimands(graph_of("x>y u>x u>y", "u"), "x", "y")
    assert not any(route.identified for route in found)
    assert all(route.assumes[0].startswith("not identified: ") for route in found)


def test_every_formula_is_exact(random_graphs):
    rng = np.random.default_rng(7)
    kinds = {"back door": 0, "front door": 0, "general": 0}
    for graph in random_graphs(rng, 150, seen=0.75, arrow=0.3):
        world = exact_worlds.random_tabular_world(graph, rng)
        joint, done = world.joint(), world.do("x").over(["x", "y"])
        for route in find_estimands(graph, "x", "y"):
            kind = route.name.split(",")[0]
            if route.identified and kind in kinds:
                assert np.allclose(route.formula.evaluate(joint), done, atol=1e-9)
                kinds[kind] += 1
    assert min(kinds.values()) > 3


def test_natural_effects_are_exact_where_open_and_wrong_where_closed(random_graphs):
    rng = np.random.default_rng(8)
    exact = wrong = 0
    for graph in random_graphs(rng, 150, seen=0.85):
        world = exact_worlds.random_tabular_world(graph, rng)
        joint = world.joint().starred("x")
        for one in find_mediations(graph, "x", "y"):
            if one.held is not None:
                value = one.expression.evaluate(joint)
                axes = [joint.names.index(name) for name in ("y", "x", "x*")]
                away = tuple(a for a in range(len(joint.names)) if a not in axes)
                got = np.transpose(value.squeeze(away), np.argsort(np.argsort(axes)))
                assert np.allclose(got, world.nested("x", "y", one.mediator), atol=1e-9)
                exact += 1
    assert exact > 30
    graph = nx.DiGraph([("x", "m"), ("m", "y"), ("x", "y"), ("u", "m"), ("u", "y")])
    nx.set_node_attributes(graph, {name: name != "u" for name in graph}, "observed")
    assert find_mediations(graph, "x", "y")[0].held is None
    world = exact_worlds.random_tabular_world(graph, rng)
    naive = world.joint().starred("x")
    from knowntruth.causal.identification.mediation import Mediation

    value = Mediation("x", "y", "m", ()).expression.evaluate(naive)
    got = np.transpose(value.squeeze(naive.names.index("m")), (1, 0, 2))
    wrong = np.abs(got - world.nested("x", "y", "m")).max()
    assert wrong > 1e-3


def test_instruments_give_the_effect_in_linear_worlds_and_what_is_none_does_not(random_graphs):
    rng = np.random.default_rng(9)
    right = wrong = conditional = 0
    for graph in random_graphs(rng, 250, density=0.3):
        world = exact_worlds.random_linear_world(graph, rng)
        offered = {one.name: one.held for one in find_instruments(graph, "x", "y")}
        effect = world.effect("x", "y")
        for name, held in offered.items():
            assert world.slope("y", "x", held, name) == pytest.approx(effect, rel=1e-6)
            right += 1
            conditional += bool(held)
        for name in set(graph.predecessors("x")) - set(offered):
            if graph.nodes[name]["observed"]:
                wrong += abs(world.slope("y", "x", [], name) - effect) > 1e-6
        assert set(offered) >= set(d_separation.instruments(graph, "x", "y"))
    assert min(right, wrong) > 20
    assert conditional > 3


@pytest.mark.slow
def test_what_dowhy_returns_is_exact_too(random_graphs):
    """DoWhy's sets and mediators through the same oracle: back doors and front doors hold, and agree with ours."""
    dowhy_guard.import_dowhy()
    from dowhy.causal_identifier.auto_identifier import EstimandType, identify_effect_auto

    rng = np.random.default_rng(10)
    doors = fronts = 0
    for graph in random_graphs(rng, 60, nodes=6, arrow=0.2):
        seen = sorted(n for n in graph if graph.nodes[n]["observed"])
        world = exact_worlds.random_tabular_world(graph, rng)
        joint, done = world.joint(), world.do("x").over(["x", "y"])
        with dowhy_guard.quietly():
            theirs = identify_effect_auto(graph, ["x"], ["y"], seen, EstimandType.NONPARAMETRIC_ATE)
        for held in theirs.backdoor_variables.values():
            assert np.allclose(adjustment_formula("x", "y", held).evaluate(joint), done, atol=1e-9)
            doors += 1
        if theirs.frontdoor_variables:
            formula = front_door_formula("x", "y", theirs.frontdoor_variables)
            assert np.allclose(formula.evaluate(joint), done, atol=1e-9)
            fronts += 1
    assert doors > 20
    assert fronts > 0


def test_the_oracle_enumerates_a_chain_by_hand(graph_of):
    world = exact_worlds.TabularWorld(graph_of("x>y"), {"x": np.array(0.3), "y": np.array([0.2, 0.9])})
    assert world.joint().values == pytest.approx(np.array([[0.7 * 0.8, 0.7 * 0.2], [0.3 * 0.1, 0.3 * 0.9]]))
    assert world.do("x").values == pytest.approx(np.array([[0.8, 0.2], [0.1, 0.9]]))


def test_the_oracle_is_what_sampling_gives(graph_of):
    """Frequencies in a large sample drawn by hand, within four standard errors of each cell."""
    rng, n = np.random.default_rng(3), 200_000
    world = exact_worlds.random_tabular_world(graph_of("u>x u>y x>m m>y", "u"), rng)
    drawn = {}
    for node in nx.topological_sort(world.graph):
        at = tuple(drawn[p] for p in sorted(world.graph.predecessors(node)))
        drawn[node] = (rng.random(n) < world.probabilities[node][at]).astype(int)
    joint = world.joint()
    for cell in itertools.product((0, 1), repeat=3):
        share = np.mean([drawn[n] == v for n, v in zip(joint.names, cell, strict=True)], axis=0)
        found = (share == 1).mean()
        chance = joint.values[cell]
        assert abs(found - chance) < 4 * np.sqrt(chance * (1 - chance) / n)
