"""The simulator against the same world as Mesa agents: equal in distribution, and unequal where it should be."""

from functools import partial

import pandas as pd
import pytest
from alike import differences, findings
from mesa_session import Session
from mesa_world import TRAITS, MesaWorld

from knowntruth.world.engine import levels_of
from knowntruth.world.sampling import interactive, traffic
from knowntruth.world.simulate import dataset
from knowntruth.world.world import World, load

PEOPLE = 5_000
LEVEL = 1e-3
"""How often all comparisons of two equal worlds together may find a difference that is not there."""

VARIABLES = (*TRAITS, *Session.RECORDED)
JOINT = (
    ("domain_expertise", "true_success"), ("domain_expertise", "gave_up"), ("domain_expertise", "hidden_defects"),
    ("coding_expertise", "true_verified_success"), ("occupation", "intended_mode"), ("month", "model_generation"),
    ("occupation", "coding_expertise"), ("intended_mode", "evidence_infrastructure"), ("intended_mode", "surface"),
    ("release_wave", "model_generation"), ("prompts", "recoveries"), ("evidence_kinds", "true_success"),
)  # fmt: skip
LEFT_OUT = {"interactive_chance"} | {
    f"{who}_propensity_{level}" for who in ("domain", "coding") for level in range(1, 6)
}
"""True chances that the simulator exports beside the draws; they happen to nobody."""

compare = partial(differences, variables=VARIABLES, joint=JOINT)


def in_mesa(world: World, people: int, seed: int) -> pd.DataFrame:
    model = MesaWorld(world, people, seed)
    model.step()
    return model.sessions().astype(float)


def simulated(world: World, people: int, seed: int) -> pd.DataFrame:
    data = dataset(world, interactive(world, traffic(world, seed, 0, people)))
    table = data.observed.join(data.truth, "session_id").to_pandas().sort_values("session_id")
    codes = {name: table[name].cat.codes for name in table.select_dtypes("category")}
    return table.assign(**codes)[["user_id", *VARIABLES]].astype(float)


@pytest.fixture(scope="module")
def published() -> World:
    return load("published")


@pytest.fixture(scope="module")
def mesa_sessions(published: World) -> pd.DataFrame:
    return in_mesa(published, PEOPLE, seed=1)


def test_mesa_tells_the_whole_world(published: World) -> None:
    of_the_world = {
        output.name
        for m in published.mechanisms
        if not m.rule.__module__.startswith("knowntruth.instruments")
        for output in m.outputs
    }
    assert of_the_world - LEFT_OUT == set(VARIABLES)
    assert set(VARIABLES) <= set(levels_of(published))


def test_equal_in_distribution(published: World, mesa_sessions: pd.DataFrame) -> None:
    assert findings(compare(simulated(published, PEOPLE, seed=1), mesa_sessions), LEVEL) == []


def test_the_comparison_is_fair(published: World) -> None:
    p_values = compare(simulated(published, PEOPLE, seed=2), simulated(published, PEOPLE, seed=3))
    assert findings(p_values, LEVEL) == []


@pytest.mark.parametrize(
    ("mechanism", "dial", "value", "consequence"),
    [
        ("catch_chance", "base", 0.6, "caught"),
        ("recovery_chance", "by_domain", [0.4, 0.2, 0.0, -0.2, -0.5], "domain_expertise with recovery_chance"),
        ("goal_fraction", "defect_cost", 0.2, "goal_fraction"),
        ("actions", "spread", 1.0, "actions_per_prompt"),
        ("activity", "spread", 0.5, "activity"),
    ],
)
def test_one_dial_turned_is_found(
    published: World, mesa_sessions: pd.DataFrame, mechanism: str, dial: str, value: object, consequence: str
) -> None:
    elsewhere = published.turn(**{mechanism: {dial: value}})
    assert consequence in findings(compare(simulated(elsewhere, PEOPLE, seed=1), mesa_sessions), LEVEL)


def test_the_same_seed_gives_the_same_sessions(published: World) -> None:
    pd.testing.assert_frame_equal(in_mesa(published, 50, seed=4), in_mesa(published, 50, seed=4))
