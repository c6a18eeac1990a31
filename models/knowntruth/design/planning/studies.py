"""Simulate studies of any size, in the planned world or in worlds from the prior."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from knowntruth.design.planning.prior_predictive import PriorPredictiveSource
from knowntruth.design.replication.plan import Analysis, Case, Plan
from knowntruth.design.replication.run import run_plan
from knowntruth.design.sources.world_source import WorldSource, world_source
from knowntruth.strategies.base.question import Question
from knowntruth.world.definition.world import World

if TYPE_CHECKING:
    import pandas as pd

TRUTH_SESSIONS: Final = 20_000
"""Sessions from which the sign of the true effect is simulated."""


@dataclass(frozen=True, slots=True)
class Studies:
    """Simulates replicates of a study at any size."""

    world: World
    strategy: Analysis
    question: Question
    replicates: int
    seed: int
    workers: int | None

    @property
    def audits(self) -> bool:
        """Whether the strategy uses a validation sample."""
        return "validation" in getattr(self.strategy, "uses", ())

    def source(self, sessions: int, audited: int) -> WorldSource:
        """Return the world as a study of this size observes it."""
        columns = tuple(getattr(self.strategy, "beyond_schema", ()))
        return world_source(self.world, sessions, audited=audited, columns=columns)

    def rows(self, sizes: Sequence[tuple[int, int]], seed: int, spread: float | None = None) -> "list[pd.DataFrame]":
        """Return the replicates at each size; with a ``spread``, in worlds from the prior."""
        sources: list[Any] = [self.source(*size) for size in sizes]
        if spread is not None:
            sources = [PriorPredictiveSource(source, spread) for source in sources]
        cases = tuple(
            Case(source, {"sessions": size[0], "audited": size[1]})
            for source, size in zip(sources, sizes, strict=True)
        )
        plan = Plan(cases, (self.strategy,), (self.question,), self.replicates, seed, TRUTH_SESSIONS)
        table = run_plan(plan, workers=self.workers).table
        return [rows for _, rows in table.groupby(["sessions", "audited"], sort=False)]
