"""People: the traits that a user has in every session."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from knowntruth.common.arrays import Floats, Values
from knowntruth.datasets.schema.categories import LEVELS, OCCUPATIONS
from knowntruth.engine.dials import (
    ByOccupation,
    Dials,
    NoDials,
    PerLevel,
    SomeOccupations,
    Threat,
    by_occupation,
    chance,
    dial,
    table,
)
from knowntruth.engine.links import digitize, to_level
from knowntruth.engine.mechanism import MAX_SESSIONS_PER_USER, Parents, Variable, mechanism, variable
from knowntruth.engine.noise import Noise
from knowntruth.engine.special_functions import interval_probabilities

EARLIEST_JOIN = -6
"""Months are counted from October 2025 = 0; accounts older than half a year before it count as that old."""

MAX_RATE = 600.0
"""Maximum expected number of sessions of a person; exp(-rate) underflows at slightly higher rates."""


@mechanism("user", unit="SD", meaning="general ability, hidden from every instrument", dials=NoDials)
def ability(dials: NoDials, at: Parents, noise: Noise) -> Values:
    """Standard normal: the dials of other variables state how strongly they depend on it."""
    return noise.normal()


class MonthJoined(Dials):
    """When people open an account."""

    growth: float = dial("growth of monthly sign-ups", "log per month", -1, 1)
    early_share: float = dial("share of accounts from half a year before the window or earlier", "share", 0, 1)


@mechanism("user", dials=MonthJoined, unit="months since 2025-10", meaning="month in which the account was opened")
def month_joined(dials: MonthJoined, at: Parents, noise: Noise) -> Values:
    """A block of early adopters, then exponential growth to the last month of the window."""
    months = np.arange(EARLIEST_JOIN, 7)
    weights = np.exp(dials.growth * months)
    weights[0] = weights[1:].sum() * dials.early_share / max(1.0 - dials.early_share, 1e-9)
    shares = np.cumsum(weights / weights.sum())
    return np.int8(EARLIEST_JOIN) + digitize(noise.uniform(), shares[:-1])


class Tenure(Dials):
    """Years of work in the user's own field."""

    median_years: float = dial("median years in the field", "years", 0.1, 50)
    spread: float = dial("standard deviation of log years", "log years", 0, 3)


@mechanism("user", dials=Tenure, unit="years", meaning="years of work in the user's own field")
def tenure(dials: Tenure, at: Parents, noise: Noise) -> Values:
    """Log-normal."""
    return dials.median_years * np.exp(dials.spread * noise.normal())


class Occupation(Dials):
    """Which SOC group a user belongs to."""

    threat: ClassVar[Threat] = "ability"
    base: ByOccupation = table("log weight of each group among users who joined in 2025-10", "log odds")
    growth: SomeOccupations = table("how fast a group's weight grows with the month of joining", "log odds per month")
    by_ability: SomeOccupations = table("how strongly ability draws people into a group", "log odds per SD")


@mechanism(
    "user",
    parents=("ability", "month_joined"),
    dials=Occupation,
    unit="category",
    meaning="SOC major group",
    categories=OCCUPATIONS,
)
def occupation(dials: Occupation, at: Parents, noise: Noise) -> Values:
    """A multinomial logit; newcomers' occupations shift over the months."""
    first_row = np.zeros(len(noise.users), dtype=np.int64)
    return noise.choose(
        by_occupation(dials.base)[None, :],
        first_row,
        (by_occupation(dials.growth), at.month_joined),
        (by_occupation(dials.by_ability), at.ability),
    )


class CodingExpected(Dials):
    """Where skill at coding comes from, apart from knowing the task's domain."""

    by_occupation: ByOccupation = table("mean skill of each group", "SD")
    by_ability: float = dial(
        "how strongly ability makes coders", "SD per SD", -2, 2, threat="ability", panel={"hidden_ability": 0.75}
    )


@mechanism(
    "user",
    parents=("occupation", "ability"),
    dials=CodingExpected,
    unit="SD",
    meaning="expected skill at coding, before a trait of its own",
)
def coding_expected(dials: CodingExpected, at: Parents, noise: Noise) -> Values:
    """Occupation and ability."""
    return by_occupation(dials.by_occupation)[at.occupation] + dials.by_ability * at.ability


def level_outputs(name: str, label: str) -> tuple[Variable, ...]:
    """Return the variables of an expertise: score, level, and the true propensity of each level."""
    propensities = [
        variable(f"{name}_propensity_{level}", "probability", f"true chance of level {level} of {label}")
        for level in LEVELS
    ]
    score = variable(f"{name}_score", "SD", f"{label}, continuous")
    return (score, variable(f"{name}_expertise", "level 1-5", label), *propensities)


class LevelDials(Dials):
    """How an expected score becomes a level."""

    spread: float = dial("shock of its own, beyond what is expected", "SD", 0.01, 3)
    cuts: list[float] = table("four increasing cuts between the levels", "SD")


def level_values(name: str, expected: Floats, dials: LevelDials, noise: Noise) -> dict[str, Values]:
    """Return score, level and true propensities; other variables depend on the level only."""
    score = expected + dials.spread * noise.normal()
    chances = interval_probabilities(expected, dials.spread, np.array(dials.cuts))
    propensities = {f"{name}_propensity_{level}": chances[level - 1] for level in LEVELS}
    return {f"{name}_score": score, f"{name}_expertise": to_level(score, dials.cuts)} | propensities


@mechanism(
    "user", parents=("coding_expected",), dials=LevelDials, outputs=level_outputs("coding", "coding expertise")
)
def coding_level(dials: LevelDials, at: Parents, noise: Noise) -> Mapping[str, Values]:
    """The expected score plus a personal trait."""
    return level_values("coding", at.coding_expected, dials, noise)


class DomainBreadth(Dials):
    """How much a user knows of their field at large."""

    threat: ClassVar[Threat] = "ability"
    by_ability: float = dial(
        "how strongly ability broadens knowledge", "SD per SD", -2, 2, panel={"hidden_ability": 1.0}
    )
    by_tenure: float = dial("how strongly a doubling of tenure does", "SD per doubling", -2, 2)
    spread: float = dial("what neither explains", "SD", 0, 3)


@mechanism(
    "user", parents=("ability", "tenure"), dials=DomainBreadth, unit="SD", meaning="breadth of domain knowledge"
)
def domain_breadth(dials: DomainBreadth, at: Parents, noise: Noise) -> Values:
    """Ability and years in the field (against ten years), plus a personal trait."""
    return dials.by_ability * at.ability + dials.by_tenure * np.log2(at.tenure / 10) + dials.spread * noise.normal()


@mechanism("user", unit="SD", meaning="patience with an agent that does not get there")
def patience(dials: NoDials, at: Parents, noise: Noise) -> Values:
    """Standard normal."""
    return noise.normal()


class ConfirmingHabit(Dials):
    """Who confirms a result."""

    threat: ClassVar[Threat] = "evidence"
    by_occupation: SomeOccupations = table("how much more each group confirms results", "log odds")
    spread: float = dial("spread between people", "log odds", 0, 3)


@mechanism(
    "user", parents=("occupation",), dials=ConfirmingHabit, unit="log odds", meaning="habit of confirming a result"
)
def confirming_habit(dials: ConfirmingHabit, at: Parents, noise: Noise) -> Values:
    """Occupations differ in how often they confirm correct work (study.md, limits: section 4.2, footnote 10)."""
    return by_occupation(dials.by_occupation)[at.occupation] + dials.spread * noise.normal()


class VerifyingHabit(Dials):
    """Who asks for targeted checks."""

    threat: ClassVar[Threat] = "evidence"
    by_ability: float = dial(
        "how strongly ability makes people verify",
        "SD per SD",
        -2,
        2,
        threat="ability",
        panel={"hidden_ability": 2 / 3},
    )
    by_coding: PerLevel = table("shift at each level of coding expertise", "SD")
    spread: float = dial("what neither explains", "SD", 0, 3, panel={"evidence": 1.15})


@mechanism(
    "user", parents=("ability", "coding_expertise"), dials=VerifyingHabit, unit="SD", meaning="habit of verifying"
)
def verifying_habit(dials: VerifyingHabit, at: Parents, noise: Noise) -> Values:
    """Ability and coding expertise, plus a personal trait."""
    coding = np.array(dials.by_coding)[at.coding_expertise - 1]
    return dials.by_ability * at.ability + coding + dials.spread * noise.normal()


class Encouraged(Dials):
    """A randomized encouragement to learn the domain of the tasks: an instrumental variable in some worlds."""

    share: float = chance("share of people who are encouraged")


@mechanism("user", dials=Encouraged)
def encouraged(dials: Encouraged, at: Parents, noise: Noise) -> Values:
    """Randomized."""
    return noise.uniform() < dials.share


class ReleaseWave(Dials):
    """A staggered release: some accounts get new models later."""

    late_share: float = chance("share of accounts in the late wave")


@mechanism("user", dials=ReleaseWave)
def release_wave(dials: ReleaseWave, at: Parents, noise: Noise) -> Values:
    """Randomized: 1 early, 2 late."""
    return (1 + (noise.uniform() < dials.late_share)).astype(np.int8)


class Activity(Dials):
    """How much people use the agent."""

    mean_more: float = dial("mean number of sessions in traffic beyond the first", "sessions", 0, 50)
    spread: float = dial("standard deviation of log activity: the heavy tail", "log sessions", 0, 3)


@mechanism("user", dials=Activity, unit="sessions", meaning="sessions in traffic during the window")
def activity(dials: Activity, at: Parents, noise: Noise) -> Values:
    """1 plus a Poisson number with a log-normal rate: most people have one session, a few very many."""
    rate = dials.mean_more * np.exp(dials.spread * noise.normal("rate") - 0.5 * dials.spread**2)
    more = noise.poisson(np.minimum(rate, MAX_RATE), "number")
    return np.minimum(1 + more, MAX_SESSIONS_PER_USER - 1)
