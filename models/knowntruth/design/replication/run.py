"""A run: execute a plan with any workers and return the result as one tidy table.

The batches of replicates run first, in any order; then each truth is simulated once per world. The table is assembled
in the order of the plan, so the number and timing of workers change no number.
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
from knowntruth.design.replication.replicate import SECONDS, run_batch
from knowntruth.design.replication.store import DIAGNOSANDS, REPLICATES, TIMES, Store
from knowntruth.design.replication.table import as_arrow, assemble
from knowntruth.design.replication.truths import find_truths
from knowntruth.design.sources.source import Source
from knowntruth.world.streaming.workers import WorkerKilledError, run_jobs, worker_pool

if TYPE_CHECKING:
    import pandas as pd


LIBRARIES: Final = (
    "knowntruth", "doubleml", "econml", "numba", "numpy", "nutpie", "pandas", "pyarrow", "pyfixest", "pymc",
    "scikit-learn", "scipy", "statsmodels",
)  # fmt: skip
"""Libraries whose release can change a number in a table of replicates."""

TIME_DIAGNOSANDS: Final = ("mean_seconds",)
"""Diagnosands of run time; they differ from run to run and are not written to files."""

MAX_ATTEMPTS: Final = 3
"""Maximum number of worker deaths in a row without one completed batch."""

TRUTH_SHARE: Final = 0.03
"""Approximate share of the run time that truths take."""


@dataclass(frozen=True)
class Run:
    """The result of a plan: ``table`` has one row per replicate, strategy and estimand (see `table.COLUMNS`)."""

    plan: Plan
    table: "pd.DataFrame"
    folder: Path | None = None

    def diagnosis(self, **options: Any) -> "pd.DataFrame":
        """Return the diagnosis of the table; options as of `diagnose_table`."""
        return diagnose_table(self.table, **options)


def run_plan(
    plan: Plan,
    out: Path | str | None = None,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> Run:
    """Execute a plan, or resume the one in the folder ``out``.

    Parameters
    ----------
    workers
        Processes on this machine; by default one per core.
    cluster
        Address of a Dask scheduler, in place of ``workers``.

    Raises
    ------
    InputError
        If the folder cannot be used, workers keep dying, or the cluster cannot be reached.
    """
    _check(workers, cluster)
    report = progress or no_progress
    store = None if out is None else Store(Path(out).resolve(), describe_plan(plan))
    with worker_pool(_Prepare(plan.cases[0].source), releases, workers, cluster):
        tables = _batches(plan, store, report)
        rows = pa.concat_tables([tables[job] for job in plan.jobs()])
        report("truth", 1 - TRUTH_SHARE)
        table = assemble(plan, rows, find_truths(plan, rows, store))
    if store is not None:
        _write(table, store, plan)
    return Run(plan, table, None if store is None else store.folder)


def releases() -> dict[str, str]:
    """Return the releases of `LIBRARIES`."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


def describe_plan(plan: Plan) -> dict[str, Any]:
    """Return everything that determines the bytes of a batch, as JSON values."""
    return {
        "seed": plan.seed,
        "batch": plan.batch,
        "by": plan.by and plan.by.column,
        "asked": [
            {
                "strategy": strategy.name,
                "estimand": q.estimand.name,
                "contrast": f"{q.high} vs {q.low}",
                "confidence": q.confidence,
                "controls": list(q.controls),
                "support": q.support and list(q.support),
            }
            for strategy, q in plan.asked()
        ],
        "cases": {
            f"{number:03d}": {"parameters": dict(case.parameters), "source": case.source.described()}
            for number, case in enumerate(plan.cases)
        },
        "versions": releases(),
    }


@dataclass(frozen=True, slots=True)
class _Prepare:
    source: Source

    def __call__(self) -> dict[str, str]:
        self.source.warm()
        return releases()


def _batches(plan: Plan, store: Store | None, report: Progress) -> dict[Job, pa.Table]:
    """Return the rows of every job: stored ones, and the others as they are completed."""
    rows, total = plan.rows(), len(plan.cases) * plan.replicates
    found = {job: store and store.batch(job, rows * (job.last - job.first)) for job in plan.jobs()}
    done = {job: table for job, table in found.items() if table is not None}
    _check_unchanged(plan, done)
    count = sum(job.last - job.first for job in done)
    report(f"{count:,} of {total:,} replicates", (1 - TRUTH_SHARE) * count / total)
    for job, table in _run_tasks([plan.task(job) for job in plan.jobs() if job not in done]):
        if store is not None:
            store.keep(job, table)
        done[job] = table
        count += job.last - job.first
        report(f"{count:,} of {total:,} replicates", (1 - TRUTH_SHARE) * count / total)
    return done


def _run_tasks(tasks: list[Task]) -> Iterator[tuple[Job, pa.Table]]:
    """Yield each job and its rows once; jobs of a killed worker are given to another."""
    left, attempts = {task.job: task for task in tasks}, 0
    while left:
        try:
            for job, table in run_jobs(_run_task, [(task,) for task in left.values()]):
                del left[job]
                attempts = 0
                yield job, table
        except WorkerKilledError:
            attempts += 1
            if attempts == MAX_ATTEMPTS:
                raise


def _run_task(task: Task) -> tuple[Job, pa.Table]:
    return task.job, run_batch(task)


def _check_unchanged(plan: Plan, done: dict[Job, pa.Table]) -> None:
    """Compare the first stored replicate with a recomputed one: the releases do not record every change."""
    if not done:
        return
    job = min(done)
    again = run_batch(plan.task(Job(job.case, job.first, job.first + 1))).drop_columns(SECONDS)
    if not done[job].slice(0, again.num_rows).drop_columns(SECONDS).equals(again):
        raise InputError(
            "cannot go on: the first replicate in the folder differs from the one computed now, so the program or a "
            "strategy has changed; choose another --out, or empty it"
        )


def _write(table: "pd.DataFrame", store: Store, plan: Plan) -> None:
    """Write the table, its times in a file of their own, and its diagnosands."""
    lasting = [name for name in DIAGNOSED if name not in TIME_DIAGNOSANDS]
    write_parquet(store.folder / REPLICATES, as_arrow(table.drop(columns=SECONDS)))
    write_parquet(store.folder / TIMES, as_arrow(table[[SECONDS]]))
    write_csv(store.folder / DIAGNOSANDS, diagnose_table(table, diagnosands=lasting))
    store.finish((REPLICATES, DIAGNOSANDS), replicates=plan.replicates, truth_sessions=plan.truth_sessions)


def _check(workers: int | None, cluster: str | None) -> None:
    if workers is not None and workers < 1:
        raise InputError(f"workers must be 1 or more, got {workers}")
    if workers is not None and cluster is not None:
        raise InputError("--workers starts processes on this machine and --cluster uses another; give one of them")
