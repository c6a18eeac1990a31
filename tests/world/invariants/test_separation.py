"""Independencies: they hold, and a deleted arrow, a planted hidden cause, or shared luck makes the law fail."""

import dataclasses

import networkx as nx
import numpy as np
import pytest

from knowntruth.world.definition.world import load
from knowntruth.world.invariants.basis import basis, features
from knowntruth.world.invariants.invariant import tolerance
from knowntruth.world.invariants.separation import _first_sessions, _tested, covariances, separation, statements
from knowntruth.world.invariants.trial import Trial


def test_published_keeps_what_its_graph_implies(published):
    law = separation(published)
    assert law.holds
    assert 0 < law.worst < law.allowed


@pytest.mark.parametrize(
    "arrow",
    [
        ("tenure", "domain_breadth"),
        ("ability", "difficulty"),
        ("domain_expertise", "specificity"),
        ("intended_mode", "true_value"),
    ],
    ids=" to ".join,
)
def test_a_deleted_arrow_is_missed(published, arrow):
    deleted = nx.DiGraph(published.acting)
    deleted.remove_edge(*arrow)
    law = separation(published, deleted)
    assert not law.holds
    assert f"{arrow[1]} and {arrow[0]}" in law.note


STRONG = {
    "occupation": {"by_ability": {"software_math": 0.8, "sciences": 1.0, "management": -0.5}},
    "surface_used": {"headless": 0.5, "trend": 0.2, "by_mode": {"build": 1.5, "operate": 1.5, "understand": -1.5}},
    "intended_mode": {"trend": {"build": 0.2, "fix": -0.2}, "by_coding": {"build": 0.3, "communicate": -0.3}},
    "difficulty": {"by_occupation": {"software_math": 0.5, "business_finance": -0.5}},
    "still_in_use": {"by_domain": [-1.0, -0.5, 0.0, 0.5, 1.0], "by_occupation": {"software_math": 1.0}},
    "long_run": {"base": 0.3, "by_agent_planning": 3.0, "by_generation": 0.8},
    "error_chance": {"base": 0.7}, "catch_chance": {"base": 0.1}, "check_chance": {"base": 0.5},
    "recovery_chance": {"base": 0.3}, "quit_chance": {"base": 0.8}, "leave_chance": {"base": 0.1},
}  # fmt: skip
"""What is weak or rare in published is strong or common, so that every arrow can be seen."""


def deviations_without(trial, arrows):
    """Return how far child and former parent deviate from independence once the arrow between them is deleted."""
    values = _first_sessions(trial)
    n, found = len(values["ability"]), {}
    for parent, child in arrows:
        others = [values[p] for p in sorted(set(trial.acting.predecessors(child)) - {parent})]
        one, other = (features(values[name], trial.variables[name].categories) for name in (child, parent))
        found[parent, child] = covariances(one, [other], basis(others, n))[0] if one.size and other.size else 0.0
    return found


@pytest.mark.slow
def test_every_deleted_arrow_is_missed_where_it_is_strong():
    """Every arrow between variables with luck of their own, in published or where it is strong."""
    published, strong = Trial(load("published"), 1, 40_000), Trial(load("published").turn(**STRONG), 1, 100_000)
    tested = set(_tested(published))
    arrows = [arrow for arrow in published.acting.edges if set(arrow) <= tested]
    assert len(arrows) > 50
    allowed = tolerance(5000)
    unseen = [arrow for arrow, z in deviations_without(published, arrows).items() if z < allowed]
    assert 0 < len(unseen) < len(arrows) / 2
    assert {arrow: z for arrow, z in deviations_without(strong, unseen).items() if z < allowed} == {}


@pytest.mark.slow
def test_no_misfit_of_the_regressions_comes_to_light_in_a_large_sample():
    assert separation(Trial(load("published"), 1, 60_000)).holds


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
    found = {
        name: (parents, others)
        for name, parents, others in statements(published, published.acting, sorted(published.noisy_variables))
    }
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
    codes = np.repeat([0, 1, 2, 3], [400, 320, 275, 5]).astype(np.int8)
    assert features(codes, ("a", "b", "c", "d")).shape == (1000, 2)
