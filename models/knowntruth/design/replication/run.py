"""A run: a plan carried out, by whoever is at work, and what came of it as one tidy table.

First the batches of replicates, in any order, then the truths of what was asked, once for each world; the table is
put together in the order of the plan, so who did what and when moves no number of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from knowntruth.common.errors import InputError
from knowntruth.common.progress import Progress, no_progress
from knowntruth.datasets.storage.files import write_csv, write_parquet
from knowntruth.design.diagnosis.diagnosands import DIAGNOSANDS as DIAGNOSED
from knowntruth.design.diagnosis.diagnose_table import diagnose_table
from knowntruth.design.replication.plan import Job, Plan, Task
from knowntruth.design.replication.replicate import SECONDS, batch
from knowntruth.design.replication.store import DIAGNOSANDS, REPLICATES, TIMES, Store
from knowntruth.design.replication.table import as_arrow, assembled
from knowntruth.design.replication.truths import truths
from knowntruth.design.sources.source import Source
from knowntruth.world.streaming.workers import WorkerKilledError, at_work, each

if TYPE_CHECKING:
    import pandas as pd


LIBRARIES: Final = (
    "knowntruth", "doubleml", "econml", "numba", "numpy", "nutpie", "pandas", "pyarrow", "pyfixest", "pymc",
    "scikit-learn", "scipy", "statsmodels",
)  # fmt: skip
"""Those whose release can move a number of a table of replicates."""

TIMED: Final = ("mean_seconds",)
"""Diagnosands of how long answers take, which no two runs share and no file has."""

ATTEMPTS: Final = 3
"""How often workers may die in a row without one batch done, before the run gives up."""

FOR_TRUTH: Final = 0.03
"""Share of the time that truths take, roughly."""


@dataclass(frozen=True)
class Run:
    """What came of a plan: ``table`` has a row a replicate, strategy and estimand (columns: see `table.COLUMNS`)."""

    plan: Plan
    table: "pd.DataFrame"
    folder: Path | None = None

    def diagnosis(self, **asked: Any) -> "pd.DataFrame":
        """Return the `diagnosis` of the table."""
        return diagnose_table(self.table, **asked)


def run_plan(
    plan: Plan,
    out: Path | str | None = None,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> Run:
    """Carry a plan out, or go on with what was begun in the folder ``out``.

    Parameters
    ----------
    workers
        Processes on this machine; one a core by default.
    cluster
        Address of a Dask scheduler, in place of ``workers``.

    Raises
    ------
    InputError
        If the folder cannot be used, workers keep dying, or the cluster cannot be had.
    """
    _check(workers, cluster)
    tell = progress or no_progress
    store = None if out is None else Store(Path(out).resolve(), described(plan))
    with at_work(_Prepare(plan.cases[0].source), releases, workers, cluster):
        tables = _batches(plan, store, tell)
        rows = pa.concat_tables([tables[job] for job in plan.jobs()])
        tell("truth", 1 - FOR_TRUTH)
        table = assembled(plan, rows, truths(plan, rows, store))
    if store is not None:
        _write(table, store, plan)
    return Run(plan, table, None if store is None else store.folder)


def releases() -> dict[str, str]:
    """Return the releases that can move a number."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


def described(plan: Plan) -> dict[str, Any]:
    """Return all that decides a byte of a batch, as JSON can hold it."""
    return {
        "seed": plan.seed,
        "batch": plan.batch,
        "by": plan.by and plan.by.column,
        "asked": [
            {
                "strategy": strategy.name, "estimand": q.estimand.name, "contrast": f"{q.high} vs {q.low}",
                "confidence": q.confidence, "controls": list(q.controls), "support": q.support and list(q.support),
            }
            for strategy, q in plan.asked()
        ],
        "cases": {
            f"{number:03d}": {"parameters": dict(case.parameters), "source": case.source.described()}
            for number, case in enumerate(plan.cases)
        },
        "versions": releases(),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Prepare:
    source: Source

    def __call__(self) -> dict[str, str]:
        self.source.warm()
        return releases()


def _batches(plan: Plan, store: Store | None, tell: Progress) -> dict[Job, pa.Table]:
    """Return the rows of every job: those that are there, and the others as they get done."""
    rows, total = plan.rows(), len(plan.cases) * plan.replicates
    found = {job: store and store.batch(job, rows * (job.last - job.first)) for job in plan.jobs()}
    done = {job: table for job, table in found.items() if table is not None}
    _check_unchanged(plan, done)
    count = sum(job.last - job.first for job in done)
    tell(f"{count:,} of {total:,} replicates", (1 - FOR_TRUTH) * count / total)
    for job, table in _tried([plan.task(job) for job in plan.jobs() if job not in done]):
        if store is not None:
            store.keep(job, table)
        done[job] = table
        count += job.last - job.first
        tell(f"{count:,} of {total:,} replicates", (1 - FOR_TRUTH) * count / total)
    return done


def _tried(tasks: list[Task]) -> Iterator[tuple[Job, pa.Table]]:
    """Yield each job and its rows once; what a killed worker had is given to another."""
    left, attempts = {task.job: task for task in tasks}, 0
    while left:
        try:
            for job, table in each(_done, [(task,) for task in left.values()]):
                del left[job]
                attempts = 0
                yield job, table
        except WorkerKilledError:
            attempts += 1
            if attempts == ATTEMPTS:
                raise


def _done(task: Task) -> tuple[Job, pa.Table]:
    return task.job, batch(task)


def _check_unchanged(plan: Plan, done: dict[Job, pa.Table]) -> None:
    """Compare the first replicate that is there with what this program makes of it: releases do not tell all."""
    if not done:
        return
    job = min(done)
    again = batch(plan.task(Job(job.case, job.first, job.first + 1))).drop_columns(SECONDS)
    if not done[job].slice(0, again.num_rows).drop_columns(SECONDS).equals(again):
        raise InputError(
            "cannot go on: the first replicate in the folder is not what this run makes of it, so the program or a "
            "strategy has changed since; choose another --out, or empty it"
        )


def _write(table: "pd.DataFrame", store: Store, plan: Plan) -> None:
    """Write the table, its times apart, and what follows from it."""
    lasting = [name for name in DIAGNOSED if name not in TIMED]
    write_parquet(store.folder / REPLICATES, as_arrow(table.drop(columns=SECONDS)))
    write_parquet(store.folder / TIMES, as_arrow(table[[SECONDS]]))
    write_csv(store.folder / DIAGNOSANDS, diagnose_table(table, diagnosands=lasting))
    store.finish((REPLICATES, DIAGNOSANDS), replicates=plan.replicates, truth_sessions=plan.truth_sessions)


def _check(workers: int | None, cluster: str | None) -> None:
    if workers is not None and workers < 1:
        raise InputError(f"workers must be 1 or more, got {workers}")
    if workers is not None and cluster is not None:
        raise InputError("--workers are processes on this machine and --cluster is another place; give one of them")
