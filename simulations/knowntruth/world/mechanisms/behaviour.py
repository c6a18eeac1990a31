"""Behaviour: what a person and the agent are likely to do at each prompt of this session.

Each mechanism here is a propensity, fixed for the session: it depends on traits and task, and `course` then simulates
the session. The separation exports every true probability and lets ``do`` block one path at a time.
"""

from typing import ClassVar

import numpy as np

from knowntruth.common.arrays import Floats, Values
from knowntruth.engine.dials import (
    Dials,
    PerLevel,
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
from knowntruth.engine.mechanism import Parents, mechanism
from knowntruth.engine.noise import Noise


def step(numbers: list[float], level: Values) -> Floats:
    """Return the number that belongs to each level 1-5."""
    return np.asarray(numbers)[level - 1]


class Specificity(Dials):
    """How precisely people say what they want."""

    by_domain: PerLevel = table("shift at each level of domain expertise", "SD")
    by_coding: PerLevel = table("shift at each level of coding expertise", "SD")
    by_ability: float = dial(
        "how strongly ability sharpens requests",
        "SD per SD",
        -2,
        2,
        threat="ability",
        panel={"hidden_ability": 1 / 3},
    )
    spread: float = dial("what none of these explains", "SD", 0.01, 3)


@mechanism(
    "session",
    parents=("domain_expertise", "ability", "coding_expertise"),
    dials=Specificity,
    unit="SD",
    meaning="how specific the user's requests are",
)
def specificity(dials: Specificity, at: Parents, noise: Noise) -> Values:
    """Experts can state what they want and what would count as done."""
    known = step(dials.by_domain, at.domain_expertise) + step(dials.by_coding, at.coding_expertise)
    return known + dials.by_ability * at.ability + dials.spread * noise.normal()


class DecisionShare(Dials):
    """Who decides, the user or the agent."""

    base: float = chance("median share credited to the user at level 3")
    by_level: PerLevel = table("shift at each level of the expertise that decides", "log odds")
    by_specificity: float = dial(
        "how strongly specific requests keep decisions with the user", "log odds per SD", -3, 3
    )
    spread: float = dial("what neither explains", "log odds", 0, 5)


@mechanism(
    "session",
    parents=("domain_expertise", "specificity"),
    dials=DecisionShare,
    unit="share 0-1",
    meaning="share of planning decisions that the user takes",
)
def planning_share(dials: DecisionShare, at: Parents, noise: Noise) -> Values:
    """Experts in the domain decide more often what to do and when it is done."""
    shift = step(dials.by_level, at.domain_expertise) + dials.by_specificity * at.specificity
    return logistic(logit(dials.base) + shift + dials.spread * noise.normal())


@mechanism(
    "session",
    parents=("coding_expertise", "specificity"),
    dials=DecisionShare,
    unit="share 0-1",
    meaning="share of execution decisions that the user takes",
)
def execution_share(dials: DecisionShare, at: Parents, noise: Noise) -> Values:
    """Expert coders decide more often which files, code and commands are used."""
    shift = step(dials.by_level, at.coding_expertise) + dials.by_specificity * at.specificity
    return logistic(logit(dials.base) + shift + dials.spread * noise.normal())


class LongRun(Dials):
    """Sessions in which the agent is sent off on its own for a long time."""

    base: float = chance("share when planning is shared evenly, under model generation 1")
    by_generation: float = dial("growth with each model generation", "log odds per generation", -3, 3)
    by_agent_planning: float = dial("growth as planning moves to the agent entirely", "log odds", -5, 5)


@mechanism(
    "session",
    parents=("planning_share", "model_generation"),
    dials=LongRun,
    unit="yes/no",
    meaning="the agent is sent off on a long run of its own",
)
def long_run(dials: LongRun, at: Parents, noise: Noise) -> Values:
    """A separate kind of session produces the far tail of actions per prompt."""
    newer = dials.by_generation * (at.model_generation - 1.0)
    return noise.happens(logistic(logit(dials.base) + newer + dials.by_agent_planning * (0.5 - at.planning_share)))


class ActionPace(Dials):
    """How much the agent does for one prompt."""

    typical: float = dial("actions at a typical prompt: everything at its middle", "actions per prompt", 1, 1000)
    by_specificity: float = dial("how much more a specific request sets off", "log actions per SD", -2, 2)
    by_difficulty: float = dial("how much more a hard task takes", "log actions per SD", -2, 2)
    by_generation: float = dial("growth with each model generation", "log actions per generation", -2, 2)
    by_agent_planning: float = dial("growth as planning moves to the agent entirely", "log actions", -3, 3)
    by_mode: SomeModes = table("shift of a mode", "log actions")
    long_run: float = dial("how much longer a long run is", "log actions", 0, 8)
    spread: float = dial("what none of these explains", "log actions", 0, 3)


@mechanism(
    "session",
    dials=ActionPace,
    unit="log actions per prompt",
    meaning="expected log actions per prompt",
    parents=("specificity", "difficulty", "model_generation", "planning_share", "long_run", "intended_mode"),
)
def action_pace(dials: ActionPace, at: Parents, noise: Noise) -> Values:
    """The agent does more for a specific request; it answers a vague one with a question."""
    return (
        np.log(dials.typical)
        + dials.by_specificity * at.specificity
        + dials.by_difficulty * at.difficulty
        + dials.by_generation * (at.model_generation - 2.0)
        + dials.by_agent_planning * (0.5 - at.planning_share)
        + dials.long_run * at.long_run
        + by_mode(dials.by_mode)[at.intended_mode]
        + dials.spread * noise.normal()
    )


class WordPace(Dials):
    """How much the agent writes for one action."""

    typical: float = dial("words at a typical action", "words per action", 1, 10_000)
    by_specificity: float = dial("how much more a specific request draws out", "log words per SD", -2, 2)
    by_domain: PerLevel = table("shift at each level of domain expertise", "log words")
    by_mode: SomeModes = table("shift of a mode", "log words")
    spread: float = dial("what none of these explains", "log words", 0, 3)


@mechanism(
    "session",
    parents=("specificity", "domain_expertise", "intended_mode"),
    dials=WordPace,
    unit="log words per action",
    meaning="expected log words per action",
)
def word_pace(dials: WordPace, at: Parents, noise: Noise) -> Values:
    """Experts are answered at length, in their own terms."""
    return (
        np.log(dials.typical)
        + dials.by_specificity * at.specificity
        + step(dials.by_domain, at.domain_expertise)
        + by_mode(dials.by_mode)[at.intended_mode]
        + dials.spread * noise.normal()
    )


class ErrorChance(Dials):
    """How often the agent goes wrong."""

    base: float = chance("per prompt, at difficulty 0, generation 1 and middling specificity")
    by_difficulty: float = dial("growth with difficulty", "log odds per SD", -3, 3)
    by_generation: float = dial("change with each model generation", "log odds per generation", -3, 3)
    by_specificity: float = dial("change with specificity", "log odds per SD", -3, 3)


@mechanism(
    "session",
    parents=("difficulty", "model_generation", "specificity"),
    dials=ErrorChance,
    unit="probability",
    meaning="chance per prompt that the agent goes wrong",
)
def error_chance(dials: ErrorChance, at: Parents, noise: Noise) -> Values:
    """Hard tasks, older models and vague requests go wrong more often."""
    newer = dials.by_generation * (at.model_generation - 1.0)
    return logistic(
        logit(dials.base) + dials.by_difficulty * at.difficulty + newer + dials.by_specificity * at.specificity
    )


class CatchChance(Dials):
    """Who notices an error."""

    base: float = chance("at domain level 3 and a middling habit of verifying")
    by_domain: PerLevel = table("shift at each level of domain expertise", "log odds")
    by_verifying: float = dial("gain from the habit of verifying", "log odds per SD", -3, 3)


@mechanism(
    "session",
    parents=("domain_expertise", "verifying_habit"),
    dials=CatchChance,
    unit="probability",
    meaning="chance that the user notices an error at once",
)
def catch_chance(dials: CatchChance, at: Parents, noise: Noise) -> Values:
    """Experts in the domain notice wrong output more often."""
    known = step(dials.by_domain, at.domain_expertise)
    return logistic(logit(dials.base) + known + dials.by_verifying * at.verifying_habit)


class MisconceptionChance(Dials):
    """Who is set right by the agent."""

    base: float = chance("per prompt, at domain level 3")
    by_domain: PerLevel = table("shift at each level of domain expertise", "log odds")


@mechanism(
    "session",
    parents=("domain_expertise",),
    dials=MisconceptionChance,
    unit="probability",
    meaning="chance per prompt that the agent sets the user right",
)
def misconception_chance(dials: MisconceptionChance, at: Parents, noise: Noise) -> Values:
    """Novices in the domain ask for the wrong thing more often, and the agent corrects them."""
    return logistic(logit(dials.base) + step(dials.by_domain, at.domain_expertise))


class RecoveryChance(Dials):
    """How trouble is overcome."""

    base: float = chance("per prompt in trouble, at domain level 3, under model generation 1")
    by_domain: PerLevel = table("shift at each level of domain expertise", "log odds")
    by_patience: float = dial("gain from patience", "log odds per SD", -3, 3)
    by_generation: float = dial("gain with each model generation", "log odds per generation", -3, 3)


@mechanism(
    "session",
    parents=("domain_expertise", "patience", "model_generation"),
    dials=RecoveryChance,
    unit="probability",
    meaning="chance per prompt to get out of trouble",
)
def recovery_chance(dials: RecoveryChance, at: Parents, noise: Noise) -> Values:
    """Experts can state what is wrong; a better model needs less help."""
    known = step(dials.by_domain, at.domain_expertise)
    newer = dials.by_generation * (at.model_generation - 1.0)
    return logistic(logit(dials.base) + known + dials.by_patience * at.patience + newer)


class QuitChance(Dials):
    """Who gives up."""

    base: float = chance("per prompt in trouble, at domain level 3")
    by_domain: PerLevel = table("shift at each level of domain expertise", "log odds")
    by_patience: float = dial("change with patience", "log odds per SD", -3, 3)


@mechanism(
    "session",
    parents=("domain_expertise", "patience"),
    dials=QuitChance,
    unit="probability",
    meaning="chance per prompt in trouble to give up",
)
def quit_chance(dials: QuitChance, at: Parents, noise: Noise) -> Values:
    """Novices give up more often; patient people stay longer."""
    return logistic(logit(dials.base) + step(dials.by_domain, at.domain_expertise) + dials.by_patience * at.patience)


class LeaveChance(Dials):
    """Who drifts away though nothing is wrong."""

    base: float = chance("per prompt, at middling patience")
    by_patience: float = dial("change with patience", "log odds per SD", -3, 3)
    by_occupation: SomeOccupations = table("shift of an occupation", "log odds")


@mechanism(
    "session",
    parents=("patience", "occupation"),
    dials=LeaveChance,
    unit="probability",
    meaning="chance per prompt to leave before the goal is reached",
)
def leave_chance(dials: LeaveChance, at: Parents, noise: Noise) -> Values:
    """Work is also left unfinished, or continued elsewhere, where the study cannot observe it."""
    shift = by_occupation(dials.by_occupation)[at.occupation]
    return logistic(logit(dials.base) + dials.by_patience * at.patience + shift)


class ProgressPace(Dials):
    """How much of the goal one good prompt brings."""

    typical: float = dial("share of the goal at a typical prompt", "share of the goal per prompt", 0.01, 2)
    by_specificity: float = dial("gain from a specific request", "log share per SD", -2, 2)
    by_difficulty: float = dial("change with difficulty", "log share per SD", -2, 2)
    by_generation: float = dial("gain with each model generation", "log share per generation", -2, 2)


@mechanism(
    "session",
    parents=("specificity", "difficulty", "model_generation"),
    dials=ProgressPace,
    unit="share of the goal per prompt",
    meaning="expected progress at a prompt that goes well",
)
def progress_pace(dials: ProgressPace, at: Parents, noise: Noise) -> Values:
    """Specific requests, easy tasks and newer models need fewer prompts."""
    return dials.typical * np.exp(
        dials.by_specificity * at.specificity
        + dials.by_difficulty * at.difficulty
        + dials.by_generation * (at.model_generation - 2.0)
    )


class CheckChance(Dials):
    """Who asks for a targeted check."""

    threat: ClassVar[Threat] = "evidence"
    base: float = chance("per prompt, without a repository with tests, at a middling habit")
    by_verifying: float = dial("gain from the habit of verifying", "log odds per SD", -3, 3, panel={"evidence": 1.0})
    by_infrastructure: float = dial("gain from a repository with tests", "log odds", -3, 5)
    by_domain: PerLevel = table("shift at each level of domain expertise", "log odds")


@mechanism(
    "session",
    parents=("verifying_habit", "evidence_infrastructure", "domain_expertise"),
    dials=CheckChance,
    unit="probability",
    meaning="chance per prompt that the user asks for a targeted check",
)
def check_chance(dials: CheckChance, at: Parents, noise: Noise) -> Values:
    """Checks depend on habit, on tests in the repository, and on knowledge of the domain."""
    return logistic(
        logit(dials.base)
        + dials.by_verifying * at.verifying_habit
        + dials.by_infrastructure * at.evidence_infrastructure
        + step(dials.by_domain, at.domain_expertise)
    )
