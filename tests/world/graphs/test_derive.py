"""The derived graph against the code: what moves when one variable's luck is changed."""

import dataclasses

import networkx as nx
import numpy as np
import pytest

from knowntruth.datasets.schema.observed import observed_columns
from knowntruth.engine.mechanism import Parents, mechanism
from knowntruth.world.definition.registry import MECHANISMS, variables
from knowntruth.world.definition.world import load, names
from knowntruth.world.graphs.derive import acting_graph, graph
from knowntruth.world.running.run_mechanisms import run
from knowntruth.world.running.sampling import sample

WORLD = load("published")
FRAME = sample(WORLD, 3000, seed=11)
FACTUAL = run(WORLD, FRAME)


def reseeded(m):
    """The same mechanism with luck of its own, everyone else's unchanged."""

    def rule(dials, at, noise):
        return m.rule(dials, at, dataclasses.replace(noise, seed=noise.seed + 1))

    return dataclasses.replace(m, rule=rule)


@pytest.mark.parametrize("m", MECHANISMS, ids=lambda m: m.name)
def test_changing_one_mechanisms_luck_moves_its_descendants_and_nothing_else(m):
    world = dataclasses.replace(WORLD, mechanisms=tuple(reseeded(x) if x is m else x for x in MECHANISMS))
    frame = dataclasses.replace(FRAME)
    after = run(world, frame)
    own = {output.name for output in m.outputs}
    allowed = own.union(*(nx.descendants(graph(WORLD), name) for name in own))
    if m.name == "activity":  # how often people come decides who is in the frame, which is given here
        allowed = own
    moved = {name for name in FACTUAL if not np.array_equal(after[name], FACTUAL[name])}
    assert moved <= allowed
    draws = m.rule.__code__.co_names
    if any(name in draws for name in ("normal", "uniform", "happens", "choose")):
        assert moved & own


def test_every_edge_is_read_by_the_code():
    """A declared parent that a rule never reads would be an edge without a cause."""
    for m in MECHANISMS:
        read = set()

        class Spy(Parents):
            def __getattr__(self, name, read=read):
                read.add(name)
                return super().__getattr__(name)

        spying = dataclasses.replace(
            m, rule=lambda dials, at, noise, m=m, Spy=Spy: m.rule(dials, Spy(m.name, at._values), noise)
        )
        world = dataclasses.replace(WORLD, mechanisms=tuple(spying if x is m else x for x in MECHANISMS))
        run(world, FRAME, [m.outputs[0].name])
        assert read == set(m.parents), m.name


def test_an_undeclared_parent_is_refused():
    @mechanism("user", parents=("ability",), unit="SD", meaning="a cheat")
    def cheat(dials, at, noise):
        return at.ability + at.patience

    with pytest.raises(AttributeError, match="'patience', which is not among its declared parents: ability"):
        cheat(None, {"ability": np.zeros(3)}, FRAME.noise(cheat))


def test_the_graph_is_acyclic_sorted_and_marks_what_is_observed():
    g = graph(WORLD)
    assert nx.is_directed_acyclic_graph(g)
    assert list(g) == sorted(g)
    observed = {name for name, seen in g.nodes(data="observed") if seen}
    assert observed == set(observed_columns()) - {"session_id", "user_id"}
    assert all(g.nodes[n]["unit"] and g.nodes[n]["meaning"] for n in g)
    measured = {m for _, m in g.nodes(data="measures") if m}
    assert measured <= set(g)
    assert "rated_expertise" in nx.descendants(g, "ability")


def test_an_intervened_variable_has_no_parents():
    assert not list(graph(WORLD.do(domain_expertise=5)).predecessors("domain_expertise"))


def test_two_mechanisms_for_one_variable_are_refused():
    with pytest.raises(ValueError, match="ability"):
        variables((*MECHANISMS, MECHANISMS[0]))


def test_every_declared_arrow_acts_in_some_named_world():
    """What an instrument reports only when it is perfect acts with perfect instruments."""
    acting = [set(acting_graph(load(name)).edges) for name in names()]
    acting.append(set(acting_graph(WORLD.with_perfect_instruments()).edges))
    assert set(graph(WORLD).edges) - set.union(*acting) == set()


def test_arrows_at_zero_do_not_act():
    randomized, null = acting_graph(load("randomized")), acting_graph(load("null"))
    assert list(randomized.predecessors("domain_expected")) == []
    assert list(randomized.predecessors("rated_expertise")) == ["domain_expertise"]
    assert set(null.successors("domain_expertise")) <= {"rated_expertise"}
    assert not nx.has_path(null, "domain_expertise", "true_success")


def test_an_arrow_from_what_never_varies_stays():
    """In null nothing moves expectations; without the arrow the treatment would be isolated."""
    assert acting_graph(load("null")).has_edge("domain_expected", "domain_expertise")
