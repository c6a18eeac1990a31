"""Independencies: they hold, and a deleted arrow, a planted hidden cause, or shared luck makes the law fail."""

import dataclasses

import networkx as nx
import numpy as np
import pytest

from knowntruth.world.laws.basis import basis, features
from knowntruth.world.laws.separation import covariances, separation, statements


def test_published_keeps_what_its_graph_implies(published):
    law = separation(published)
    assert law.holds
    assert 0 < law.worst < law.allowed


@pytest.mark.parametrize(
    "arrow",
    [("tenure", "domain_breadth"), ("ability", "difficulty"), ("domain_expertise", "specificity"),
     ("intended_mode", "true_value")],
    ids=" to ".join,
)  # fmt: skip
def test_a_deleted_arrow_is_missed(published, arrow):
    deleted = nx.DiGraph(published.acting)
    deleted.remove_edge(*arrow)
    law = separation(published, deleted)
    assert not law.holds
    assert f"{arrow[1]} and {arrow[0]}" in law.note


def test_an_added_arrow_is_not(published):
    """A graph with more arrows implies less: nothing to break."""
    added = nx.DiGraph(published.acting)
    added.add_edge("patience", "difficulty")
    assert separation(published, added).holds


def test_a_planted_hidden_cause_is_found(broken):
    def moody(made, dials, at, noise):
        return made + 0.3 * dataclasses.replace(noise, stream="a mood that nobody declares").normal()

    law = separation(broken(patience=moody, verifying_habit=moody))
    assert not law.holds
    assert "verifying_habit" in law.note


def test_luck_shared_between_two_streams_is_found(broken):
    def borrowed(made, dials, at, noise):
        return made + 0.05 * dataclasses.replace(noise, stream="planning_share").normal()

    law = separation(broken(execution_share=borrowed))
    assert not law.holds
    assert "execution_share and planning_share" in law.note


def test_statements_leave_out_descendants_parents_and_siblings(published):
    found = {name: (parents, others) for name, parents, others in statements(
        published, published.acting, sorted(published.lucky))}  # fmt: skip
    parents, others = found["domain_expertise"]
    assert parents == ("domain_expected",)
    assert not {"domain_score", "difficulty", "domain_expected"} & set(others)
    assert {"patience", "ability", "occupation"} <= set(others)


def test_covariances_of_what_is_independent_given_a_parent_are_standard_normal():
    """Two children of one curved cause: the mean square over 100 seeds is that of a normal, to five errors."""
    found = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        cause = rng.normal(size=4000)
        one, other = (np.sin(2 * cause) + rng.normal(size=4000) for _ in range(2))
        found += covariances(one[:, None], [other[:, None]], basis([cause], 4000))
    assert abs(np.mean(np.square(found)) - 1) < 5 * np.sqrt(2 / 100)
    bare = covariances(one[:, None], [other[:, None]], basis([], 4000))
    assert bare[0] > 10


def test_what_hardly_varies_is_not_compared():
    rare = np.zeros(1000, dtype=bool)
    rare[:5] = True
    assert features(rare, ()).shape == (1000, 0)
    assert features(np.zeros(1000), ()).shape == (1000, 0)
    codes = np.repeat([0, 1, 2, 3], [400, 300, 295, 5]).astype(np.int8)
    assert features(codes, ("a", "b", "c", "d")).shape == (1000, 3)
