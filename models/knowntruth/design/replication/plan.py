"""A plan: the cases, strategies, questions, number of replicates and seed of a diagnosis.

A case is a source of data with the parameters that distinguish it from other cases. Every strategy answers every
question that it can on the same data. Replicate ``r`` has the same seed in every case, so that two cases differ by
what was varied and not by noise (common random numbers).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from knowntruth.common.errors import InputError
from knowntruth.design.sources.source import Source
from knowntruth.design.sources.subgroups import Grouping, subgroup_names

if TYPE_CHECKING:
    import pandas as pd

    from knowntruth.strategies.base.question import Question
    from knowntruth.strategies.base.strategy import Estimator

BATCH_SIZE: Final = 10
"""Replicates of one case that are run and stored together."""

TRUTH_SESSIONS: Final = 100_000
"""Default number of sessions from which a truth is simulated."""

MAX_REPLICATES: Final = 1_000_000


class Analysis(Protocol):
    """What the harness needs of a strategy; those of `knowntruth.strategies` have it, and your own can."""

    @property
    def name(self) -> str:
        """The value in the column ``strategy``."""

    @property
    def treatment(self) -> str:
        """The treatment whose effect it studies."""

    @property
    def estimands(self) -> tuple[str, ...]:
        """Names of the estimands that it can answer."""

    @property
    def estimate(self) -> "Estimator":
        """From observed rows and a question to an estimate."""


@dataclass(frozen=True, slots=True)
class Case:
    """A source, and the values of the varied parameters, which become columns."""

    source: Source
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Job:
    """Replicates ``first`` to ``last`` - 1 of case number ``case``."""

    case: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Task:
    """Everything that a worker needs for one job."""

    source: Source
    asked: "tuple[tuple[Analysis, Question], ...]"
    seed: int
    job: Job
    by: Grouping | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that determines the table of replicates, and the precision of the truth."""

    cases: tuple[Case, ...]
    strategies: tuple[Analysis, ...]
    questions: "tuple[Question, ...]"
    replicates: int
    seed: int
    truth_sessions: int = TRUTH_SESSIONS
    batch: int = BATCH_SIZE
    by: Grouping | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.replicates <= MAX_REPLICATES:
            raise InputError(f"replicates must be from 1 to {MAX_REPLICATES:,}, got {self.replicates}")
        if not (self.cases and self.strategies and self.questions):
            raise InputError("nothing to diagnose: give at least one world, one strategy and one estimand")
        subgroup_names = [strategy.name for strategy in self.strategies]
        if twice := [name for name in subgroup_names if subgroup_names.count(name) > 1]:
            raise InputError(f"strategy {twice[0]!r} is given twice; give each once")
        if not self.asked():
            raise InputError("none of the strategies can answer any of the estimands")

    def asked(self) -> "tuple[tuple[Analysis, Question], ...]":
        """Return every strategy with every question that it can answer, in the order of the rows."""
        return tuple(
            (strategy, question)
            for strategy in self.strategies
            for question in self.questions
            if question.estimand.name in strategy.estimands
        )

    def rows(self) -> int:
        """Return the number of rows per replicate."""
        return len(self.asked()) * len(subgroup_names(self.by))

    def parameters(self) -> "pd.DataFrame":
        """Return one row per case: its world and the varied parameters."""
        import pandas as pd

        return pd.DataFrame([{"world": case.source.name, **case.parameters} for case in self.cases])

    def jobs(self) -> list[Job]:
        """Return the batches of replicates of every case, in the order of the rows."""
        starts = range(0, self.replicates, self.batch)
        return [
            Job(case, first, min(first + self.batch, self.replicates))
            for case in range(len(self.cases))
            for first in starts
        ]

    def task(self, job: Job) -> Task:
        """Return what a worker needs for a job."""
        return Task(self.cases[job.case].source, self.asked(), self.seed, job, self.by)


def replicate_seed(seed: int, replicate: int) -> int:
    """Return the seed of a replicate, from 0 to 2**64 - 1, the same in every case.

    Examples
    --------
    >>> replicate_seed(1, 0) == replicate_seed(1, 0), replicate_seed(1, 0) == replicate_seed(1, 1)
    (True, False)
    """
    return int(np.random.SeedSequence([seed, replicate]).generate_state(1, np.uint64)[0])
