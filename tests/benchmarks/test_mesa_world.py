"""The simulator against the same world as Mesa agents: equal in distribution, and unequal where it should be."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial

import numpy as np
import pandas as pd
import pytest
from alike import differences, findings
from mesa_session import Session
from mesa_world import TRAITS, MesaWorld
from scipy import stats

from knowntruth.common.errors import InputError
from knowntruth.world.definition.registry import MECHANISMS
from knowntruth.world.definition.world import World, load
from knowntruth.world.running.sampling import interactive_sessions
from knowntruth.world.simulate import tables

PEOPLE = 6_000
"""Half of their sessions are drawn: of some 4,000 people one or more."""

LEVEL = 1e-3
"""How often all comparisons of two equal worlds together may find a difference that is not there."""

VARIABLES = (*TRAITS, *Session.RECORDED)
JOINT = (
    ("domain_expertise", "true_success"), ("domain_expertise", "gave_up"), ("domain_expertise", "hidden_defects"),
    ("coding_expertise", "true_verified_success"), ("occupation", "intended_mode"), ("month", "model_generation"),
    ("occupation", "coding_expertise"), ("intended_mode", "evidence_infrastructure"), ("intended_mode", "surface"),
    ("release_wave", "model_generation"), ("prompts", "recoveries"), ("evidence_kinds", "true_success"),
    ("intended_mode", "codebase_work"), ("occupation", "work_occupation"),
)  # fmt: skip
LEFT_OUT = {"interactive_chance"} | {
    f"{who}_propensity_{level}" for who in ("domain", "coding") for level in range(1, 6)
}
"""True chances that the simulator exports beside the draws; they happen to nobody."""

INSTRUMENTS = {m.name for m in MECHANISMS if m.rule.__module__.startswith("knowntruth.instruments")}
"""Mechanisms of the study's measuring chain, which the Mesa world does without."""

compare = partial(differences, variables=VARIABLES, joint=JOINT)


def in_mesa(world: World, people: int, seed: int) -> pd.DataFrame:
    model = MesaWorld(world, people, seed)
    model.step()
    return model.sessions().astype(float)


def simulated(world: World, people: int, seed: int) -> pd.DataFrame:
    observed, truth = tables(world, interactive_sessions(world, seed, 0, people))
    table = observed.join(truth, "session_id").to_pandas().sort_values("session_id")
    codes = {name: table[name].cat.codes for name in table.select_dtypes("category")}
    return table.assign(**codes)[["user_id", *VARIABLES]].astype(float)


@pytest.fixture(scope="module")
def published() -> World:
    return load("published")


@pytest.fixture(scope="module")
def mesa_sessions(published: World) -> pd.DataFrame:
    return in_mesa(published, PEOPLE, seed=1)


def test_mesa_tells_the_whole_world() -> None:
    of_the_world = {output.name for m in MECHANISMS if m.name not in INSTRUMENTS for output in m.outputs}
    assert of_the_world - LEFT_OUT == set(VARIABLES)


def test_equal_in_distribution(published: World, mesa_sessions: pd.DataFrame) -> None:
    assert findings(compare(simulated(published, PEOPLE, seed=1), mesa_sessions), LEVEL) == []


@pytest.mark.parametrize(
    ("mechanism", "dial", "value", "consequence"),
    [
        ("catch_chance", "base", 0.4, "caught"),
        ("recovery_chance", "by_domain", [0.4, 0.2, 0.0, -0.2, -0.5], "domain_expertise with recovery_chance"),
        ("goal_fraction", "defect_cost", 0.9, "hidden_defects with true_partial_success"),
        ("intended_mode", "home_pull", 1.6, "occupation by intended_mode"),
        ("actions", "spread", 1.0, "actions_per_prompt"),
        ("activity", "spread", 0.5, "activity"),
    ],
)
def test_one_dial_turned_is_found(
    published: World, mesa_sessions: pd.DataFrame, mechanism: str, dial: str, value: object, consequence: str
) -> None:
    turned = published.turn(**{mechanism: {dial: value}})
    assert consequence in findings(compare(simulated(turned, PEOPLE, seed=1), mesa_sessions), LEVEL)


def test_other_company_is_found(mesa_sessions: pd.DataFrame) -> None:
    strangers = np.random.default_rng(1).permutation(mesa_sessions["user_id"])
    interactive_sessions = findings(compare(mesa_sessions.assign(user_id=strangers), mesa_sessions), LEVEL)
    assert "coding_expertise again" in interactive_sessions


def test_missing_sessions_are_found(mesa_sessions: pd.DataFrame) -> None:
    once = mesa_sessions[~mesa_sessions["user_id"].duplicated()]
    interactive_sessions = findings(compare(once, mesa_sessions), LEVEL)
    assert "mean activity" in interactive_sessions
    assert all(name.startswith("mean ") for name in interactive_sessions)


def test_the_same_seed_gives_the_same_sessions(published: World) -> None:
    pd.testing.assert_frame_equal(in_mesa(published, 50, seed=4), in_mesa(published, 50, seed=4))


def nudged(value: object) -> list[object]:
    """Return other values that a dial of this kind may take; not every one is allowed for each."""
    match value:
        case dict() if value:
            first = next(iter(value))
            return [value | {first: value[first] + 1.0}]
        case list():
            return [[*value[:-1], value[-1] + 1.0]]
        case float():
            return [value + 0.5, value / 2]
    return []


def elsewhere(world: World, mechanism: str) -> Iterator[World]:
    """Yield worlds in which one dial of the mechanism is turned."""
    for dial, value in world.values()[mechanism].items():
        for other in nudged(value):
            with suppress(InputError):
                yield world.turn(**{mechanism: {dial: other}})


@pytest.mark.slow
@pytest.mark.parametrize("mechanism", [m for m in load("published").values() if m not in INSTRUMENTS])
def test_no_mechanism_can_change_unnoticed(published: World, mesa_sessions: pd.DataFrame, mechanism: str) -> None:
    assert any(
        findings(compare(simulated(other, PEOPLE, seed=1), mesa_sessions), LEVEL)
        for other in elsewhere(published, mechanism)
    )


@pytest.mark.slow
def test_equal_in_distribution_at_large(published: World) -> None:
    many = 5 * PEOPLE
    assert findings(compare(simulated(published, many, seed=1), in_mesa(published, many, seed=1)), LEVEL) == []


@pytest.mark.slow
def test_false_findings_are_as_rare_as_promised(published: World) -> None:
    pairs, level = 12, 0.1
    false = sum(
        bool(findings(compare(simulated(published, PEOPLE, 2 * k), simulated(published, PEOPLE, 2 * k + 1)), level))
        for k in range(pairs)
    )
    assert false <= stats.binom.isf(1e-3, pairs, level)
