"""Interventions: consistency, common noise, and refusal of the impossible."""

import networkx as nx
import numpy as np
import pytest

from knowntruth.common.errors import InputError
from knowntruth.engine.intervention import Along, Policy, Shift
from knowntruth.world.definition.world import load, names
from knowntruth.world.graphs.derive import graph
from knowntruth.world.running.run_mechanisms import run
from knowntruth.world.running.sampling import sample


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("treatment", ["domain_expertise", "coding_expertise"])
def test_the_observed_outcome_is_the_potential_outcome_at_the_level_received(name, treatment):
    world = load(name)
    frame = sample(world, 1500, seed=3)
    factual = run(world, frame)
    received = factual[treatment] if treatment == "domain_expertise" else factual[treatment][frame.owner]
    for level in range(1, 6):
        potential = run(world.do(**{treatment: level}), frame)
        same = received == level
        for variable in (
            "actions_per_prompt",
            "true_success",
            "true_verified_success",
            "rated_expertise",
            "price_usd",
        ):
            assert np.array_equal(potential[variable][same], factual[variable][same]), (variable, level)


@pytest.mark.parametrize(
    "variable", ["domain_expertise", "difficulty", "specificity", "recovery_chance", "rated_expertise"]
)
def test_an_intervention_moves_descendants_only(variable):
    world = load("published")
    frame = sample(world, 1500, seed=3)
    factual = run(world, frame)
    change = Shift(0.5) if variable in ("difficulty", "specificity") else {"recovery_chance": 0.9}.get(variable, 5)
    after = run(world.do(**{variable: change}), frame)
    moved = {name for name in factual if not np.array_equal(after[name], factual[name])}
    assert variable in moved
    assert moved <= {variable} | nx.descendants(graph(world), variable)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"domain_expertize": 3}, "did you mean 'domain_expertise'"),
        ({"domain_expertise": 6}, "a number from 1 to 5"),
        ({"occupation": "astronaut"}, "allowed are management"),
        ({"recovery_chance": 1.5}, "a number from 0 to 1"),
        ({"goal": "maybe"}, "a number from 0 to 1"),
    ],
)
def test_impossible_interventions_are_refused(wanted, message):
    with pytest.raises(InputError, match=message):
        load("published").do(**wanted)


def test_categories_are_set_by_name_and_the_last_word_counts():
    world = load("published").do(intended_mode="fix").do(intended_mode="build", domain_expertise=2)
    frame = sample(world, 200, seed=3)
    values = run(world, frame, ("intended_mode", "domain_expertise"))
    assert set(values["intended_mode"]) == {1}
    assert set(values["domain_expertise"]) == {2}
    assert world.factual().interventions == ()


@pytest.mark.parametrize("treatment", ["domain_expertise", "coding_expertise", "intended_mode"])
def test_running_again_only_what_moves_changes_nothing(treatment):
    world = load("published")
    frame = sample(world, 1500, seed=3)
    changed = world.do(**{treatment: "build" if treatment == "intended_mode" else 4})
    whole, quick = run(changed, frame), run(changed, frame, given=run(world, frame))
    assert all(np.array_equal(whole[name], quick[name]) for name in whole)


def test_a_policy_sees_the_natural_value_and_the_parents():
    """Able people are held to easy tasks: a rule of the variable's own parents."""
    world = load("published")
    frame = sample(world, 1500, seed=3)
    factual = run(world, frame)
    held = world.do(
        difficulty=Policy(lambda natural, at: np.where(at.ability > 0, np.minimum(natural, 0.0), natural))
    )
    after = run(held, frame)
    able = factual["ability"][frame.owner] > 0
    assert (after["difficulty"][able] <= 0).all()
    assert np.array_equal(after["difficulty"][~able], factual["difficulty"][~able])
    assert graph(held).has_edge("ability", "difficulty")


def test_a_policy_may_read_declared_parents_only():
    world = load("published").do(difficulty=Policy(lambda natural, at: natural + at.patience))
    with pytest.raises(AttributeError, match="not among its declared parents"):
        run(world, sample(world, 50, seed=3))


def test_along_changes_what_the_named_children_see_and_nothing_else():
    world = load("published")
    frame = sample(world, 1500, seed=3)
    factual = run(world, frame)
    after = run(world.do(domain_expertise=Along(5, into=("difficulty",))), frame)
    whole = run(world.do(domain_expertise=5), frame)
    assert np.array_equal(after["difficulty"], whole["difficulty"])
    assert np.array_equal(after["specificity"], factual["specificity"])
    assert np.array_equal(after["catch_chance"], factual["catch_chance"])
    everywhere = tuple(graph(world).successors("domain_expertise"))
    same = run(world.do(domain_expertise=Along(5, into=everywhere, elsewhere=1)), frame)
    assert all(np.array_equal(same[name], whole[name]) for name in whole if name != "domain_expertise")


def test_a_path_needs_an_arrow():
    with pytest.raises(InputError, match="domain_expertise has no arrow into actions"):
        load("published").do(domain_expertise=Along(5, into=("actions",)))
