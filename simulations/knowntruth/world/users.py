"""People: what a user brings to every session."""

import numpy as np

from knowntruth.datasets.categories import OCCUPATIONS
from knowntruth.world.dials import ByOccupation, Dials, NoDials, PerLevel, SomeOccupations, by_occupation, dial, table
from knowntruth.world.mechanism import MAXIMUM_SESSIONS_PER_USER, Parents, Values, mechanism
from knowntruth.world.noise import Floats, Noise

EARLIEST_JOIN = -6
"""Months are counted from October 2025 = 0; accounts older than half a year before it count as that old."""

HIGHEST_RATE = 600.0
"""Sessions a person has at the most on average: above it exp(-rate) would come near the smallest number there is."""


def to_level(score: Floats, cuts: tuple[float, ...] | list[float]) -> Values:
    """Return the level 1-5 of a continuous score, given four increasing cuts."""
    return (np.searchsorted(np.asarray(cuts), score, side="right") + 1).astype(np.int8)


@mechanism("user", unit="SD", meaning="general ability, hidden from every instrument", dials=NoDials)
def ability(dials: NoDials, at: Parents, noise: Noise) -> Values:
    """Standard normal: other variables say how strongly they depend on it."""
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
    ladder = np.cumsum(weights / weights.sum())
    return months[np.searchsorted(ladder[:-1], noise.uniform(), side="right")].astype(np.int8)


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

    base: ByOccupation = table("log weight of each group among users who joined in 2025-10", "log odds")
    growth: SomeOccupations = table("how fast a group's weight grows with the month of joining", "log odds per month")
    by_ability: SomeOccupations = table("how strongly ability draws people into a group", "log odds per SD")


@mechanism("user", parents=("ability", "month_joined"), dials=Occupation, unit="category", meaning="SOC major group",
           categories=OCCUPATIONS)  # fmt: skip
def occupation(dials: Occupation, at: Parents, noise: Noise) -> Values:
    """A multinomial logit; newcomers' occupations shift over the months."""
    everyone = np.zeros(len(noise.users), dtype=np.int64)
    return noise.choose(
        by_occupation(dials.base)[None, :],
        everyone,
        (by_occupation(dials.growth), at.month_joined),
        (by_occupation(dials.by_ability), at.ability),
    )


class CodingScore(Dials):
    """Skill at coding, apart from knowing the task's domain."""

    by_occupation: ByOccupation = table("mean skill of each group", "SD")
    by_ability: float = dial("how strongly ability makes coders", "SD per SD", -2, 2)
    spread: float = dial("what neither explains", "SD", 0.01, 3)


@mechanism(
    "user", parents=("occupation", "ability"), dials=CodingScore, unit="SD", meaning="skill at coding, continuous"
)
def coding_score(dials: CodingScore, at: Parents, noise: Noise) -> Values:
    """Occupation and ability, plus a trait of its own."""
    return (
        by_occupation(dials.by_occupation)[at.occupation]
        + dials.by_ability * at.ability
        + dials.spread * noise.normal()
    )


class LevelCuts(Dials):
    """Where a continuous score turns into the levels 1 to 5."""

    cuts: list[float] = table("four increasing cuts between the levels", "SD")


@mechanism("user", parents=("coding_score",), dials=LevelCuts, unit="level 1-5", meaning="coding expertise")
def coding_expertise(dials: LevelCuts, at: Parents, noise: Noise) -> Values:
    """The level that everything else depends on; the score acts through it alone."""
    return to_level(at.coding_score, dials.cuts)


class DomainBreadth(Dials):
    """How much a user knows of their field at large."""

    by_ability: float = dial("how strongly ability broadens knowledge", "SD per SD", -2, 2)
    by_tenure: float = dial("how strongly a doubling of tenure does", "SD per doubling", -2, 2)
    spread: float = dial("what neither explains", "SD", 0, 3)


@mechanism(
    "user", parents=("ability", "tenure"), dials=DomainBreadth, unit="SD", meaning="breadth of domain knowledge"
)
def domain_breadth(dials: DomainBreadth, at: Parents, noise: Noise) -> Values:
    """Ability and years in the field (against ten years), plus a trait of its own."""
    return dials.by_ability * at.ability + dials.by_tenure * np.log2(at.tenure / 10) + dials.spread * noise.normal()


@mechanism("user", unit="SD", meaning="patience with an agent that does not get there")
def patience(dials: NoDials, at: Parents, noise: Noise) -> Values:
    """Standard normal."""
    return noise.normal()


class ConfirmingHabit(Dials):
    """Who says thanks when it works."""

    by_occupation: SomeOccupations = table("how much more each group confirms results", "log odds")
    spread: float = dial("spread between people", "log odds", 0, 3)


@mechanism(
    "user", parents=("occupation",), dials=ConfirmingHabit, unit="log odds", meaning="habit of confirming a result"
)
def confirming_habit(dials: ConfirmingHabit, at: Parents, noise: Noise) -> Values:
    """Occupations differ in saying so when the work is right (study.md, limits: section 4.2, footnote 10)."""
    return by_occupation(dials.by_occupation)[at.occupation] + dials.spread * noise.normal()


class VerifyingHabit(Dials):
    """Who asks for targeted checks."""

    by_ability: float = dial("how strongly ability makes people verify", "SD per SD", -2, 2)
    by_coding: PerLevel = table("shift at each level of coding expertise", "SD")
    spread: float = dial("what neither explains", "SD", 0, 3)


@mechanism(
    "user", parents=("ability", "coding_expertise"), dials=VerifyingHabit, unit="SD", meaning="habit of verifying"
)
def verifying_habit(dials: VerifyingHabit, at: Parents, noise: Noise) -> Values:
    """Ability and coding expertise, plus a trait of its own."""
    coding = np.array(dials.by_coding)[at.coding_expertise - 1]
    return dials.by_ability * at.ability + coding + dials.spread * noise.normal()


class Activity(Dials):
    """How much people use the agent."""

    mean_more: float = dial("mean number of sessions in traffic beyond the first", "sessions", 0, 50)
    spread: float = dial("standard deviation of log activity: the heavy tail", "log sessions", 0, 3)


@mechanism("user", dials=Activity, unit="sessions", meaning="sessions in traffic during the window")
def activity(dials: Activity, at: Parents, noise: Noise) -> Values:
    """One session, and a Poisson number more at a log-normal rate: most people once, a few very often."""
    rate = dials.mean_more * np.exp(dials.spread * noise.normal("rate") - 0.5 * dials.spread**2)
    more = noise.poisson(np.minimum(rate, HIGHEST_RATE), "number")
    return np.minimum(1 + more, MAXIMUM_SESSIONS_PER_USER - 1)
