"""Tasks: when sessions happen, the kind of work, the expertise of the user in its domain, and its difficulty."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from knowntruth.common.arrays import Values
from knowntruth.datasets.schema.categories import MODEL_TIERS, MODES, MONTHS, OCCUPATIONS, SURFACES
from knowntruth.engine.dials import (
    ByMode,
    Dials,
    PerLevel,
    PerMonth,
    SomeModes,
    SomeOccupations,
    Threat,
    by_mode,
    by_occupation,
    chance,
    dial,
    table,
)
from knowntruth.engine.links import logistic, logit
from knowntruth.engine.mechanism import Parents, mechanism, variable
from knowntruth.engine.noise import Noise
from knowntruth.engine.trades import OWN_TRADE
from knowntruth.world.mechanisms.users import EARLIEST_JOIN, LevelDials, level_outputs, level_values

HEADLESS = "headless"
"""Sessions without a human turn: in the traffic, never in the study's sample."""

MIDDLE_MONTH = 3
"""Trends are relative to January 2026, the middle of the window, so they do not change its averages."""


class Month(Dials):
    """When sessions happen."""

    weights: PerMonth = table("relative traffic of each month", "weight")


@mechanism("session", parents=("month_joined",), dials=Month)
def month(dials: Month, at: Parents, noise: Noise) -> Values:
    """A month of the window, not before the account was opened."""
    joined = np.arange(EARLIEST_JOIN, len(MONTHS))
    open_yet = np.arange(len(MONTHS)) >= joined[:, None]
    weights = np.log(np.asarray(dials.weights))
    return noise.choose(np.where(open_yet, weights, -np.inf), at.month_joined - EARLIEST_JOIN)


class ModelGeneration(Dials):
    """Which generation of the model answers."""

    second_from: float = dial("month at which generation 2 takes half of the traffic of 1", "months", -5, 15)
    third_from: float = dial("month at which generation 3 takes half of the traffic of 2", "months", -5, 15)
    pace: float = dial("how fast people move over", "log odds per month", 0.1, 20)
    late_by: float = dial("by how much later the late wave gets generation 3", "months", 0, 20)


@mechanism("session", parents=("month", "release_wave"), dials=ModelGeneration)
def model_generation(dials: ModelGeneration, at: Parents, noise: Noise) -> Values:
    """Two releases, each adopted along a logistic curve."""
    draw = logit(noise.uniform())
    second = draw < dials.pace * (at.month - dials.second_from)
    third = draw < dials.pace * (at.month - dials.third_from - dials.late_by * (at.release_wave - 1))
    return (1 + second + (second & third)).astype(np.int8)


class ModelTier(Dials):
    """Which capability tier answers."""

    large: float = chance("share of the large tier in January 2026")
    trend: float = dial("its growth", "log odds per month", -2, 2)


@mechanism("session", parents=("month",), dials=ModelTier)
def model_tier(dials: ModelTier, at: Parents, noise: Noise) -> Values:
    """A logistic trend over the months."""
    large = noise.happens(logistic(logit(dials.large) + dials.trend * (at.month - MIDDLE_MONTH)))
    return large.astype(np.int8) * np.int8(MODEL_TIERS.index("large"))


class IntendedMode(Dials):
    """What kind of work people come with."""

    threat: ClassVar[Threat] = "tasks"
    base: ByMode = table(
        "log weight of each mode for a software engineer of coding level 3 in January 2026", "log odds"
    )
    trend: SomeModes = table("growth of each mode", "log odds per month")
    by_coding: SomeModes = table("shift with each level of coding expertise", "log odds per level")
    elsewhere: SomeModes = table("shift for everyone who is not a software engineer", "log odds")
    home_pull: float = dial("how much likelier people come with their own trade", "log odds", -5, 5)


@mechanism(
    "session",
    parents=("occupation", "month", "coding_expertise"),
    dials=IntendedMode,
    unit="category",
    meaning="work mode that the user came for",
    categories=MODES,
)
def intended_mode(dials: IntendedMode, at: Parents, noise: Noise) -> Values:
    """A multinomial logit over the nine modes."""
    software = OCCUPATIONS.index("software_math")
    elsewhere = (np.arange(len(OCCUPATIONS)) != software)[:, None] * by_mode(dials.elsewhere)
    trade = dials.home_pull * OWN_TRADE + elsewhere
    return noise.choose(
        by_mode(dials.base) + trade,
        at.occupation,
        (by_mode(dials.trend), at.month - MIDDLE_MONTH),
        (by_mode(dials.by_coding), at.coding_expertise - 3),
    )


class Surface(Dials):
    """Where sessions run; headless ones never reach the study."""

    desktop: float = dial("desktop against command line at coding level 3 in January 2026", "log odds", -10, 10)
    web: float = dial("web against command line", "log odds", -10, 10)
    headless: float = dial("headless against command line", "log odds", -20, 10, panel={"selection": 1.0})
    by_coding: float = dial("pull of each coding level away from desktop and web", "log odds per level", -3, 3)
    headless_by_coding: float = dial(
        "pull of each coding level towards headless use", "log odds per level", -3, 3, panel={"selection": 0.2}
    )
    trend: float = dial("growth of desktop and web", "log odds per month", -2, 2)
    by_mode: SomeModes = table("headless use by work mode", "log odds")


@mechanism(
    "session",
    parents=("coding_expertise", "intended_mode", "month"),
    dials=Surface,
    outputs=(
        variable("surface", categories=(*SURFACES, HEADLESS)),
        variable("interactive_chance", "probability", "true chance that such a session has a human turn: selection"),
    ),
)
def surface_used(dials: Surface, at: Parents, noise: Noise) -> Mapping[str, Values]:
    """A multinomial logit over command line, desktop, web and headless."""
    table = np.tile([0.0, dials.desktop, dials.web, dials.headless], (len(MODES), 1))
    table[:, 3] += by_mode(dials.by_mode)
    coding, months = at.coding_expertise - 3, at.month - MIDDLE_MONTH
    by_coding = np.array([0.0, -dials.by_coding, -dials.by_coding, dials.headless_by_coding])
    by_month = np.array([0.0, dials.trend, dials.trend, 0.0])
    window = dials.trend * months - dials.by_coding * coding
    attended = 1.0 + np.exp(dials.desktop + window) + np.exp(dials.web + window)
    headless = np.exp(table[at.intended_mode, 3] + dials.headless_by_coding * coding)
    return {
        "surface": noise.choose(table, at.intended_mode, (by_coding, coding), (by_month, months)),
        "interactive_chance": attended / (attended + headless),
    }


class DomainExpected(Dials):
    """How well a user can be expected to command the domain of this very task."""

    threat: ClassVar[Threat] = "ability"
    mean: float = dial("mean", "SD", -3, 3)
    by_breadth: float = dial(
        "how strongly breadth of knowledge shows", "SD per SD", -2, 2, panel={"hidden_ability": 0.3}
    )
    home_gain: float = dial("gain when the task is of the user's own trade", "SD", -3, 3)
    by_mode: SomeModes = table("gain in a mode: people plan and write about what they know", "SD")
    by_encouragement: float = dial("gain of those who were encouraged to learn it", "SD", -3, 3)


@mechanism(
    "session",
    parents=("domain_breadth", "occupation", "intended_mode", "encouraged"),
    dials=DomainExpected,
    unit="SD",
    meaning="expected command of this task's domain",
)
def domain_expected(dials: DomainExpected, at: Parents, noise: Noise) -> Values:
    """Breadth of knowledge, fit of occupation and task, work mode, and encouragement."""
    fit = dials.home_gain * OWN_TRADE[at.occupation, at.intended_mode] + by_mode(dials.by_mode)[at.intended_mode]
    known = dials.by_breadth * at.domain_breadth + fit
    return dials.mean + known + dials.by_encouragement * at.encouraged


@mechanism(
    "session",
    parents=("domain_expected",),
    dials=LevelDials,
    outputs=level_outputs("domain", "domain expertise for the task at hand"),
)
def domain_level(dials: LevelDials, at: Parents, noise: Noise) -> Mapping[str, Values]:
    """The expected score plus a task-specific shock."""
    return level_values("domain", at.domain_expected, dials, noise)


class Difficulty(Dials):
    """How hard the task is; people choose their tasks."""

    threat: ClassVar[Threat] = "tasks"
    by_mode: SomeModes = table("mean difficulty of a mode", "SD")
    by_occupation: SomeOccupations = table("mean difficulty of an occupation's tasks", "SD")
    by_ability: float = dial(
        "how much harder tasks able people take on",
        "SD per SD",
        -2,
        2,
        threat="ability",
        panel={"hidden_ability": 1 / 3},
    )
    by_domain: PerLevel = table(
        "how much harder tasks people take on at each level of domain expertise",
        "SD",
        panel={"task_choice": (-2.0, -1.0, 0.0, 1.0, 2.0)},
    )
    spread: float = dial("what none of these explains", "SD", 0.01, 3)


@mechanism(
    "session",
    parents=("intended_mode", "occupation", "ability", "domain_expertise"),
    dials=Difficulty,
    unit="SD",
    meaning="difficulty of the task",
)
def difficulty(dials: Difficulty, at: Parents, noise: Noise) -> Values:
    """Linear in mode, occupation, ability and domain expertise, plus noise."""
    return (
        by_mode(dials.by_mode)[at.intended_mode]
        + by_occupation(dials.by_occupation)[at.occupation]
        + dials.by_ability * at.ability
        + np.array(dials.by_domain)[at.domain_expertise - 1]
        + dials.spread * noise.normal()
    )


class TrueValue(Dials):
    """What the task would cost on a freelance market."""

    threat: ClassVar[Threat] = "tasks"
    median_usd: float = dial("median value at difficulty 0 in January 2026", "US dollars", 1, 100_000)
    by_difficulty: float = dial("growth with difficulty", "log US dollars per SD", -2, 3)
    by_mode: SomeModes = table("shift of a mode", "log US dollars")
    trend: float = dial("growth over the months", "log US dollars per month", -1, 1)
    trend_by_mode: SomeModes = table("a mode's own growth beyond that", "log US dollars per month")
    spread: float = dial("what none of these explains", "log US dollars", 0, 3)


@mechanism(
    "session",
    parents=("difficulty", "intended_mode", "month"),
    dials=TrueValue,
    unit="US dollars",
    meaning="true market value of the task",
)
def true_value(dials: TrueValue, at: Parents, noise: Noise) -> Values:
    """Log-normal around difficulty, mode and month."""
    growth = dials.trend + by_mode(dials.trend_by_mode)[at.intended_mode]
    log_usd = (
        np.log(dials.median_usd)
        + dials.by_difficulty * at.difficulty
        + by_mode(dials.by_mode)[at.intended_mode]
        + growth * (at.month - MIDDLE_MONTH)
        + dials.spread * noise.normal()
    )
    return np.exp(log_usd)


class EvidenceInfrastructure(Dials):
    """Whether there is a repository with tests in which evidence can show."""

    threat: ClassVar[Threat] = "evidence"
    base: float = chance("share in a build session of a software engineer at coding level 3")
    by_coding: PerLevel = table("shift at each level of coding expertise", "log odds")
    by_mode: SomeModes = table("shift of a mode", "log odds")
    by_occupation: SomeOccupations = table("shift of an occupation", "log odds")


@mechanism(
    "session",
    parents=("coding_expertise", "occupation", "intended_mode"),
    dials=EvidenceInfrastructure,
    unit="yes/no",
    meaning="a repository with tests, in which evidence can show",
)
def evidence_infrastructure(dials: EvidenceInfrastructure, at: Parents, noise: Noise) -> Values:
    """Coders, code modes and software shops have repositories with tests; others rarely."""
    log_odds = (
        logit(dials.base)
        + np.array(dials.by_coding)[at.coding_expertise - 1]
        + by_mode(dials.by_mode)[at.intended_mode]
        + by_occupation(dials.by_occupation)[at.occupation]
    )
    return noise.happens(logistic(log_odds))


class Goal(Dials):
    """Whether a session has a goal at all."""

    threat: ClassVar[Threat] = "tasks"
    share: float = chance("share of sessions with a clear goal", source="no_clear_goal_share")
    by_mode: SomeModes = table("shift of a mode", "log odds")


@mechanism("session", parents=("intended_mode",), dials=Goal, unit="probability", meaning="chance of a clear goal")
def goal_chance(dials: Goal, at: Parents, noise: Noise) -> Values:
    """A variable of its own, so the true probability is exported."""
    return logistic(logit(dials.share) + by_mode(dials.by_mode)[at.intended_mode])


@mechanism("session", parents=("goal_chance",), unit="yes/no", meaning="the user has a clear goal")
def goal(dials: Dials, at: Parents, noise: Noise) -> Values:
    """Some people only look around."""
    return noise.happens(at.goal_chance)
