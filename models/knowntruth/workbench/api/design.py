"""Designs: which strategy finds the truth in which world, where its bias comes from, how large a study has to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowntruth.common.errors import InputError
from knowntruth.workbench.api.inputs import WorldLike, as_world
from knowntruth.workbench.api.picture import Picture, picture
from knowntruth.workbench.api.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from knowntruth.design.diagnosis.faults import Cell
    from knowntruth.design.ledger.decompose import Ledger as Decomposed
    from knowntruth.design.planning.plan_study import StudyPlan as Planned
    from knowntruth.design.replication.replay import Replayed
    from knowntruth.design.replication.run import Run

REPLICATES = 100
SESSIONS = 5000


@dataclass(frozen=True, repr=False)
class Diagnosis(Shown):
    """Worlds x strategies x replicates; ``table`` has one row per replicate, strategy and estimand."""

    table: "pd.DataFrame"
    run: "Run | None" = None

    @classmethod
    def read(cls, folder: Path | str) -> "Diagnosis":
        """Return the diagnosis that ``diagnose(..., out=folder)`` left; nothing is simulated again.

        Raises
        ------
        InputError
            If the folder holds no diagnosis.
        """
        from knowntruth.design.replication.table import load_stored

        return cls(load_stored(folder))

    def diagnosands(self, *names: str) -> "pd.DataFrame":
        """Return bias, RMSE, coverage, power and others with their Monte Carlo errors; all, or those named."""
        from knowntruth.design.diagnosis.diagnose_table import diagnose_table

        return diagnose_table(self.table, diagnosands=list(names)) if names else diagnose_table(self.table)

    def ranking(self) -> "pd.DataFrame":
        """Return the strategies by mean interval score over all worlds, with limits of their ranks."""
        from knowntruth.design.diagnosis.ranking import rank_strategies

        return rank_strategies(self.table)

    def replicates_needed(self, **errors: float) -> "pd.DataFrame":
        """Return how many replicates it takes to know each diagnosand to a Monte Carlo error: ``coverage=0.015``."""
        from knowntruth.design.diagnosis.monte_carlo_precision import replicates_needed as needed

        return needed(self.table, errors) if errors else needed(self.table)

    @cached_property
    def _cells(self) -> "list[Cell]":
        from knowntruth.design.diagnosis.faults import diagnose_cells

        return diagnose_cells(self.table)

    def faults(self) -> "pd.DataFrame":
        """Return one row per world, strategy and estimand: does it survive (coverage), and what is wrong with it."""
        from knowntruth.workbench.report.diagnosis_map import verdict_table

        return verdict_table(self._cells)

    def cell(self, strategy: str, estimand: str, **case: Any) -> "Cell":
        """Return one cell of the map, such as ``cell("naive", "activity_ratio", world="null")``.

        Raises
        ------
        InputError
            If there is no such cell.
        """
        for each in self._cells:
            here = {**each.case, "strategy": each.strategy, "estimand": each.estimand}
            if {**case, "strategy": strategy, "estimand": estimand}.items() <= here.items():
                return each
        raise InputError(f"no cell {strategy}, {estimand}, {case}; faults() lists them all")

    def explain(self, strategy: str, estimand: str, **case: Any) -> list[str]:
        """Return in sentences what one strategy's replicates show in one world."""
        from knowntruth.workbench.report.cell_pages import describe

        return describe(self.cell(strategy, estimand, **case))

    def replay(self, replicate: int, **case: Any) -> "Replayed":
        """Return one replicate again, its data included.

        Raises
        ------
        InputError
            If the diagnosis was read from a folder, or there is no such replicate.
        """
        from knowntruth.design.replication.replay import replay

        if self.run is None:
            raise InputError("a stored diagnosis has no plan to replay; diagnose again with out= set to its folder")
        return replay(self.run, replicate, **case)

    def to_frame(self) -> "pd.DataFrame":
        """Return the diagnosands."""
        return self.diagnosands()

    def facts(self) -> dict[str, Any]:
        """Return what was diagnosed, and what came out."""
        verdicts = self.faults()["verdict"].value_counts()
        return {"replicates": f"{self.table['replicate'].nunique():,}",
                "strategies": ", ".join(self.table["strategy"].unique()),
                "worlds": ", ".join(map(str, self.table["world"].unique())) if "world" in self.table else "",
                "cells": ", ".join(f"{number} {verdict}" for verdict, number in verdicts.items())}  # fmt: skip

    def plot(self) -> Picture:
        """Return the map: strategies x worlds, coloured by bias and by coverage."""
        from knowntruth.workbench.plots.design import bias_and_coverage_map
        from knowntruth.workbench.report.diagnosis_map import label_cases

        drawn = bias_and_coverage_map.png(self._cells, label_cases(self._cells))
        return picture(drawn, f"{len(self._cells)} cells of strategy, world and estimand, by bias and by coverage")


def diagnose(
    worlds: "WorldLike | Sequence[Any]",
    strategies: str | Sequence[Any] = ("naive", "published"),
    replicates: int = REPLICATES,
    sessions: int = SESSIONS,
    **settings: Any,
) -> Diagnosis:
    """Simulate every world many times, apply every strategy to every dataset, and compare estimates with the truth.

    Parameters
    ----------
    settings
        ``seed``, ``estimands``, ``contrast``, ``confidence``, ``audited``, ``by``, ``truth_sessions``, ``out``,
        ``workers``, ``cluster``, ``progress``.

    Raises
    ------
    InputError
        If a name is unknown or a number impossible.

    Examples
    --------
    >>> found = diagnose("null", "naive", 2, 300, estimands="verified_difference", truth_sessions=300, workers=1)
    >>> len(found.table)
    2
    """
    return redesign(worlds, strategies, {}, replicates, sessions, **settings)


def redesign(
    worlds: "WorldLike | Sequence[Any]",
    strategies: str | Sequence[Any],
    vary: Mapping[str, Sequence[Any]],
    replicates: int = REPLICATES,
    sessions: int = SESSIONS,
    **settings: Any,
) -> Diagnosis:
    """Diagnose every combination of varied values, each of which becomes a column.

    Parameters
    ----------
    vary
        ``sessions``, ``users`` or ``audited`` of the study, ``ability`` (times as strong as in the world), or any
        dial of the world, such as ``rated_expertise.halo``, each with the values that it takes.
    settings
        As of `diagnose`.

    Raises
    ------
    InputError
        If a name is unknown or a number impossible.

    Examples
    --------
    >>> sizes = {"sessions": [200, 400]}
    >>> redesign("null", "naive", sizes, 1, estimands="verified_difference", truth_sessions=300, workers=1).table[
    ...     "sessions"
    ... ].tolist()
    [200, 400]
    """
    from knowntruth.design.diagnose import redesign as redesigned

    if isinstance(settings.get("estimands"), str):
        settings["estimands"] = [settings["estimands"]]
    run = redesigned(_listed(worlds), _listed(strategies), vary, replicates, sessions, **settings)
    return Diagnosis(run.table, run)


def _listed(given: Any) -> list[Any]:
    return list(given) if isinstance(given, Sequence) and not isinstance(given, str) else [given]


@dataclass(frozen=True, repr=False)
class Ledger(Shown):
    """The bias ledger: a published contrast decomposed into the components of its bias and the true effect."""

    ledger: "Decomposed"
    world: str

    def to_frame(self) -> "pd.DataFrame":
        """Return one row per quantity and component: value, mcse, alone, last, unit."""
        return self.ledger.table

    def facts(self) -> dict[str, Any]:
        """Return world and size."""
        return {"world": f"{self.world}, {self.ledger.sessions:,} sessions of {self.ledger.users:,} users"}

    def plot(self) -> Picture:
        """Return the waterfall from the published contrast to the true effect."""
        from knowntruth.workbench.plots.design import waterfall

        return picture(waterfall.png(self.ledger), waterfall.alt(self.ledger))


def ledger(world: WorldLike = "published", sessions: int = 40_000, *, seed: int = 1) -> Ledger:
    """Decompose the study's contrasts in a world: which mechanism makes which part of the bias.

    Every combination of mechanisms is switched off; shares are averaged over all orders (Shapley) and add up exactly.

    Raises
    ------
    InputError
        If there is no such world, or too few sessions.

    Examples
    --------
    >>> rows = ledger("null", 1000).to_frame()
    >>> sorted(rows["quantity"].unique())
    ['actions_per_prompt', 'verified_success']
    """
    from knowntruth.design.ledger.decompose import ledger as decomposed

    chosen = as_world(world)
    return Ledger(decomposed(chosen, sessions, seed=seed), chosen.name)


@dataclass(frozen=True, repr=False)
class StudyPlan(Shown):
    """How large a study has to be to reach a target, and whether a diagnosis at that size confirms it."""

    planned: "Planned"

    @property
    def sessions(self) -> int:
        """Return the sessions that the study needs."""
        return self.planned.sessions

    @property
    def users(self) -> int:
        """Return the users that the study needs."""
        return self.planned.users

    @property
    def confirmed(self) -> bool:
        """Return whether the diagnosis at that size reaches the target."""
        return self.planned.holds

    def to_frame(self) -> "pd.DataFrame":
        """Return one row per size tried: pilots and checks."""
        return self.planned.sizes

    def facts(self) -> dict[str, Any]:
        """Return the answer."""
        audited = f", {self.planned.audited:,} of them rated again" if self.planned.audited else ""
        needs = f"{self.sessions:,} sessions of {self.users:,} users{audited}"
        return {"target": self.planned.target.words, "needs": needs,
                "confirmed by a diagnosis at that size": "yes" if self.confirmed else "no"}  # fmt: skip

    def plot(self) -> Picture:
        """Return the picture of what each size reaches."""
        from knowntruth.workbench.plots.design import plan as drawn

        return picture(drawn.png(self.planned), drawn.alt(self.planned))


def plan(
    world: WorldLike,
    strategy: Any = "published",
    *,
    width: float | None = None,
    power: float | None = None,
    **settings: Any,
) -> StudyPlan:
    """Find out how many sessions and users a study needs in a world to reach a target.

    Parameters
    ----------
    width, power
        Exactly one target: a 95% interval no wider than this on average, or this probability to find the effect.
    settings
        ``estimand``, ``contrast``, ``assurance``, ``spread``, ``audit_cost``, ``replicates``, ``sizes``, ``seed``,
        ``workers``, ``progress``.

    Raises
    ------
    InputError
        If a name is unknown, a number impossible, or no size reaches the target.

    Examples
    --------
    >>> plan("null", power=1.5)
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: ...
    """
    from knowntruth.design.planning.plan_study import plan_study
    from knowntruth.design.planning.target import Target
    from knowntruth.design.replication.registry import find_analysis

    chosen = find_analysis(strategy) if isinstance(strategy, str) else strategy
    return StudyPlan(plan_study(as_world(world), chosen, Target(width=width, power=power), **settings))
