"""For each strategy a world in which its assumptions hold and one in which they do not, as data.

The worlds start from `randomized`, where expertise is randomized and every instrument perfect, or from `confounded`
with perfect instruments, and differ in what the strategy is about. Raters that err are mechanisms of the tests' own,
so that each has one flaw and no other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd
import pytest

from knowntruth.datasets.schema.estimands import estimand as named
from knowntruth.engine.dials import Dials, chance, dial
from knowntruth.engine.links import to_level
from knowntruth.engine.mechanism import mechanism
from knowntruth.strategies.base.question import make_question
from knowntruth.strategies.registry import STRATEGIES
from knowntruth.world.audits.validation import validation_sample
from knowntruth.world.definition.world import World, load
from knowntruth.world.mechanisms.behaviour import Specificity
from knowntruth.world.mechanisms.tasks import Difficulty, DomainExpected
from knowntruth.world.simulate import Dataset, simulate
from knowntruth.world.truths.effects import effect
from knowntruth.world.truths.estimands import TRUE_OUTCOMES

Adds = Callable[[Dataset, pd.DataFrame], pd.DataFrame]
Asks = Callable[[Dataset], dict[str, Any]]


@dataclass(frozen=True)
class Trial:
    """The conditions under which a strategy is tested: two worlds, extra columns, and the question.

    ``adds`` adds columns that an ordinary study lacks; ``adds_failing`` does so in the world where the assumptions
    fail, if the flaw is in a column.
    """

    holds: Callable[[], World]
    fails: Callable[[], World]
    estimand: str = "activity_ratio"
    adds: Adds = lambda data, observed: observed
    adds_failing: Adds | None = None
    asks: Asks = lambda data: {}
    treatment: tuple[str, int, int] = ("domain_expertise", 5, 1)
    sessions: int = 12_000

    def draw(self, sessions: int, seed: int, holds: bool = True) -> tuple[pd.DataFrame, dict[str, Any]]:
        """Return observed rows, and what to ask beside the estimand."""
        data = drawn(self.holds if holds else self.fails, sessions, seed)
        adds = self.adds if holds or self.adds_failing is None else self.adds_failing
        return adds(data, data.observed.to_pandas()), {"seed": seed} | self.asks(data)

    def truth(self, sessions: int, seed: int, holds: bool = True) -> tuple[float, float]:
        """Return the true effect and its Monte Carlo error."""
        return true_effect(self.holds if holds else self.fails, self.estimand, self.treatment, sessions, seed)


@lru_cache(maxsize=4)
def drawn(world: Callable[[], World], sessions: int, seed: int) -> Dataset:
    """Sessions of a world; trials share worlds, so the last few are kept."""
    return simulate(world(), sessions, seed=seed)


@cache
def true_effect(
    world: Callable[[], World], estimand: str, treatment: tuple[str, int, int], sessions: int, seed: int
) -> tuple[float, float]:
    """The true contrast of two levels of a treatment, and its Monte Carlo error."""
    asked, (cause, to, versus) = named(estimand), treatment
    outcome, ratio = TRUE_OUTCOMES[asked.outcome], asked.scale == "ratio"
    found = effect(world(), cause, outcome, seed=seed, to=to, versus=versus, sessions=sessions, ratio=ratio)
    return float(found["value"][0]), float(found["mcse"][0])


# Worlds -----------------------------------------------------------------------------------------------------------

STRAIGHT = {
    "specificity": {"by_domain": [-1.0, -0.5, 0.0, 0.5, 1.0]},
    "difficulty": {"by_domain": [0.0] * 5},
    "planning_share": {"by_level": [0.0] * 5},
}
"""Each level worth as much as the next, on the logarithm of actions."""

ABLE = {"domain_breadth": {"by_ability": 0.9, "spread": 0.3}, "domain_expected": {"by_breadth": 0.8}}
"""Able people know more."""


@cache
def by_lot() -> World:
    return load("randomized").turn(**STRAIGHT)


@cache
def confounded() -> World:
    """Hidden ability moves expertise, specificity and the choice of tasks; instruments are perfect."""
    return load("confounded").with_perfect_instruments().turn(**STRAIGHT)


MODE_GAIN = np.array([0.0, 0.5, -0.4, -0.5, 0.0, -0.2, 0.0, 0.3, -0.5])


@mechanism("session", parents=("domain_breadth", "occupation", "intended_mode", "encouraged"), dials=DomainExpected,
           unit="SD", meaning="expected command of this task's domain")  # fmt: skip
def domain_expected(dials, at, noise):
    """People know some kinds of work better than others, and nothing hidden goes with it."""
    return dials.mean + dials.by_breadth * at.domain_breadth + MODE_GAIN[at.intended_mode]


@cache
def sorted_by_mode() -> World:
    """The mode of work moves both expertise and outcomes, and is observed: all that there is to hold."""
    world = by_lot()
    return world.with_mechanism(domain_expected, **world.values()["domain_expected"])


# Raters -----------------------------------------------------------------------------------------------------------


class Rater(Dials):
    """One flaw each."""

    spread: float = dial("error", "levels", 0, 5)
    halo: float = dial("pull of the visible outcome", "levels", -5, 5)
    unclear: float = chance("share left unclear in a session of 1,000 words")
    by_words: float = dial("change with each doubling of the words", "log odds", -5, 5)
    at_odds: float = dial("gain where a novice asks as an expert would, or the reverse", "log odds", -5, 5)


@mechanism("label", parents=("domain_expertise", "progress", "open_trouble", "specificity", "words_per_prompt",
                             "prompts"), dials=Rater, measures="domain_expertise")  # fmt: skip
def rated_expertise(dials, at, noise):
    """The true level, but for one flaw."""
    finished = (at.progress >= 1.0) & ~at.open_trouble
    score = at.domain_expertise + dials.halo * (finished - 0.5)
    score = score + dials.spread * noise.normal("error")
    words = np.log2(at.prompts * at.words_per_prompt / 1000.0)
    odds = np.log(dials.unclear / (1 - dials.unclear)) if dials.unclear else -50.0
    above = (at.domain_expertise - 3.0) / 2.0
    odds = odds + dials.by_words * words - dials.at_odds * above * (at.specificity - above)
    unclear = noise.uniform("unclear") < 1.0 / (1.0 + np.exp(-odds))
    return np.where(unclear, 0, to_level(score, (1.5, 2.5, 3.5, 4.5))).astype(np.int8)


def rated_with(world: World, **flaws: float) -> World:
    none = dict.fromkeys(("spread", "halo", "unclear", "by_words", "at_odds"), 0.0)
    return world.with_mechanism(rated_expertise, **(none | flaws))


# Columns that an ordinary study lacks ------------------------------------------------------------------------------


def truth_as(name: str, variable: str) -> Adds:
    """Give the observed rows a true variable under a name."""
    return lambda data, observed: observed.assign(**{name: data.truth[variable].to_numpy()})


def first_prompt(data: Dataset, observed: pd.DataFrame) -> pd.DataFrame:
    """The same rater on the first prompt, where there is no outcome to be impressed by."""
    world = data.world.turn(rated_expertise={"halo": 0.0})
    ratings = simulate(world, len(observed), seed=data.seed).observed.to_pandas()["rated_expertise"]
    return observed.assign(first_prompt_expertise=ratings)


def two_tests(data: Dataset, observed: pd.DataFrame) -> pd.DataFrame:
    """Two tests of ability, each with errors of its own."""
    rng, ability = np.random.default_rng(data.seed), data.truth["ability"].to_numpy()
    errors = rng.normal(size=(2, len(ability)))
    return observed.assign(negative_control_exposure=ability + errors[0], negative_control_proxy=ability + errors[1])


def tainted_tests(data: Dataset, observed: pd.DataFrame) -> pd.DataFrame:
    """The same, but one test asks for the domain of the tasks."""
    level = data.truth["domain_expertise"].to_numpy()
    tested = two_tests(data, observed)
    return tested.assign(negative_control_proxy=tested["negative_control_proxy"] + 2.0 * level)


def warm_up(data: Dataset, observed: pd.DataFrame) -> pd.DataFrame:
    """A task that everybody knows equally well, done on the same day."""
    equal = simulate(data.world.do(domain_expertise=3), len(observed), seed=data.seed).observed.to_pandas()
    return observed.assign(negative_control_outcome=equal["actions_per_prompt"])


def warm_up_too_easy(data: Dataset, observed: pd.DataFrame) -> pd.DataFrame:
    """The same, on a task so easy that ability does not show."""
    world = data.world.do(domain_expertise=3, specificity=0.0, difficulty=0.0)
    equal = simulate(world, len(observed), seed=data.seed).observed.to_pandas()
    return observed.assign(negative_control_outcome=equal["actions_per_prompt"])


def validated(data: Dataset) -> dict[str, Any]:
    """The true level of every fifth session was found out."""
    sessions = data.observed.num_rows
    return {"validation": validation_sample(data, sessions // 5, seed=data.seed)}


# Mechanisms that break one assumption ------------------------------------------------------------------------------


@mechanism("session", parents=("domain_expertise", "ability", "coding_expertise", "encouraged"), dials=Specificity,
           unit="SD", meaning="how specific the user's requests are")  # fmt: skip
def specificity(dials, at, noise):
    """Who is encouraged also learns to ask, whatever they know of the domain."""
    known = np.array(dials.by_domain)[at.domain_expertise - 1] + dials.by_ability * at.ability
    return known + 0.5 * at.encouraged + dials.spread * noise.normal()


@mechanism("session", parents=("intended_mode", "occupation", "ability", "domain_expertise", "release_wave", "month"),
           dials=Difficulty, unit="SD", meaning="difficulty of the task")  # fmt: skip
def difficulty(dials, at, noise):
    """The early wave takes on harder tasks from January to February, new model or not."""
    busy = (at.release_wave == 1) & np.isin(at.month, (3, 4))
    return 0.8 * busy + dials.by_ability * at.ability + dials.spread * noise.normal()


@mechanism("label", parents=("judged_success", "success_signal"), measures="true_verified_success")
def verified_success(dials, at, noise):
    """A judge who says yes now and then, whatever there is to see."""
    return noise.uniform() < 0.02


def with_own(world: World, own) -> World:
    """Put a mechanism in, with the dials of the one whose place it takes."""
    name = own.outputs[0].name
    return world.with_mechanism(own, **world.values().get(name, {}))


def experts_before_a_blind_judge() -> World:
    """Nearly all are experts and do well, and the judge does not see it."""
    world = confounded().turn(
        domain_level={"cuts": [-1.5, -1.45, -1.4, -1.35]}, specificity={"by_domain": [-3.0, -1.5, 0.0, 1.5, 2.0]}
    )
    return with_own(world, verified_success)


def knowing_hurts() -> World:
    """Who knows the domain asks less precisely."""
    world = load("null").with_perfect_instruments()
    return world.turn(**ABLE, specificity={"by_domain": [1.0, 0.5, 0.0, -0.5, -1.0]})


def able_try_harder_things() -> World:
    """Able people know more, but take on tasks so hard that they do worse."""
    return confounded().turn(difficulty={"by_ability": 2.0}, specificity={"by_ability": -1.0})


# Trials -----------------------------------------------------------------------------------------------------------

IN_MODES = {"holds": sorted_by_mode, "fails": confounded}
MEASURED = {"fails": lambda: rated_with(by_lot(), spread=0.4, halo=2.0), "asks": validated,
            "estimand": "verified_difference"}  # fmt: skip

TRIALS: Final = {
    "naive": Trial(by_lot, sorted_by_mode, sessions=24_000),
    "published": Trial(sorted_by_mode, lambda: load("bad_controls").turn(**STRAIGHT)),
    "weighting": Trial(**IN_MODES),
    "matching": Trial(**IN_MODES),
    "doubly_robust": Trial(**IN_MODES),
    "double_machine_learning": Trial(**IN_MODES, sessions=6_000),
    "within_user": Trial(
        lambda: by_lot().turn(**ABLE, difficulty={"by_ability": 0.3}, specificity={"by_ability": 0.7}),
        lambda: rated_with(by_lot(), halo=2.0),
        sessions=24_000,
    ),
    "instrumental_variable": Trial(
        lambda: load("encouragement").with_perfect_instruments().turn(**STRAIGHT),
        lambda: with_own(load("encouragement").with_perfect_instruments().turn(**STRAIGHT), specificity),
    ),
    "front_door": Trial(
        lambda: (
            load("null")
            .with_perfect_instruments()
            .turn(**STRAIGHT, **ABLE)
            .turn(specificity={"by_ability": 0.0, "by_coding": [0.0] * 5}, difficulty={"by_ability": 0.5})
        ),
        lambda: (
            load("null")
            .with_perfect_instruments()
            .turn(**STRAIGHT, **ABLE)
            .turn(specificity={"by_ability": 0.7, "by_coding": [0.0] * 5}, difficulty={"by_ability": 0.5})
        ),
        adds=truth_as("specificity", "specificity"),
    ),
    "difference_in_differences": Trial(
        lambda: load("release").turn(action_pace={"by_generation": 0.3}),
        lambda: with_own(load("release").turn(action_pace={"by_generation": 0.3}), difficulty),
        treatment=("model_generation", 3, 2),
        sessions=40_000,
    ),
    "first_prompt": Trial(
        lambda: rated_with(by_lot(), halo=2.0),
        lambda: rated_with(by_lot(), halo=2.0, spread=1.5),
        adds=first_prompt,
    ),
    "regression_calibration": Trial(lambda: rated_with(by_lot(), spread=0.7), **MEASURED),
    "simex": Trial(lambda: rated_with(by_lot(), spread=0.4), **MEASURED),
    "bayesian_measurement": Trial(
        lambda: rated_with(by_lot(), spread=0.4, halo=2.0),
        lambda: rated_with(confounded(), spread=0.4, halo=2.0),
        asks=validated,
        estimand="verified_difference",
        sessions=40_000,
    ),
    "negative_control_outcome": Trial(confounded, confounded, adds=warm_up, adds_failing=warm_up_too_easy),
    "double_negative_control": Trial(confounded, confounded, adds=two_tests, adds_failing=tainted_tests),
    "selection_weighting": Trial(
        lambda: rated_with(by_lot(), unclear=0.4, by_words=-0.7),
        lambda: rated_with(by_lot(), unclear=0.4, at_odds=4.0),
        sessions=24_000,
    ),
    "no_assumption_bounds": Trial(confounded, experts_before_a_blind_judge, estimand="verified_difference"),
    "monotone_response": Trial(confounded, knowing_hurts, estimand="verified_difference"),
    "monotone_selection": Trial(confounded, able_try_harder_things, estimand="verified_difference"),
    "monotone_both": Trial(confounded, able_try_harder_things, estimand="verified_difference"),
}


class Trials(dict[str, Trial]):
    """The trials by strategy. A missing one fails the test in words."""

    def __missing__(self, name: str) -> Trial:
        pytest.fail(
            f"strategy {name!r} has no trial; add a row {name!r}: Trial(holds, fails) to TRIALS in {__file__}: a"
            " function that returns a world in which its assumptions hold, and one that returns a world in which they"
            " fail"
        )


@pytest.fixture(scope="session")
def trials() -> Trials:
    return Trials(TRIALS)


# One table on which every strategy can answer -----------------------------------------------------------------------

RELEASE = {"third_from": 2.5, "pace": 6.0, "late_by": 2.0}


def everything_world() -> World:
    """Encouraged at random, released to in waves, rated with a little error, some left unclear."""
    world = load("encouragement").with_perfect_instruments().turn(**STRAIGHT, model_generation=RELEASE)
    return rated_with(world, spread=0.3, halo=0.2, unclear=0.05)


@pytest.fixture(scope="session")
def everything() -> tuple[pd.DataFrame, dict[str, Any]]:
    """Observed rows with every column that any strategy needs, and what to ask beside the estimand."""
    data = simulate(everything_world(), 2_000, seed=5)
    observed = data.observed.to_pandas()
    for adds in (truth_as("specificity", "specificity"), first_prompt, two_tests, warm_up):
        observed = adds(data, observed)
    read = {column for one in STRATEGIES.values() for column in one.columns(make_question())}
    # A column that nothing makes is reported by test_complete.py.
    kept = ["session_id", *sorted((read | {"verified_success"}) & set(observed))]
    return observed[kept], {"seed": 3, "support": (1.0, 1e4)} | validated(data)
