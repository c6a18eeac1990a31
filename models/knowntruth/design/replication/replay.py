"""Replay: recompute one replicate of a run, with its data."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from knowntruth.common.errors import InputError
from knowntruth.design.replication.plan import Job, Plan, replicate_seed
from knowntruth.design.replication.replicate import run_batch
from knowntruth.design.replication.run import Run
from knowntruth.design.replication.table import assemble
from knowntruth.design.replication.truths import find_truths
from knowntruth.design.sources.source import ReplicateData

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Replayed:
    """One replicate: its ``data``, and ``table``, its rows of the run's table."""

    seed: int
    data: ReplicateData
    table: "pd.DataFrame"


def replay(run: Run, replicate: int, case: int | None = None, **parameters: Any) -> Replayed:
    """Draw one replicate of a run again and apply every strategy to it.

    Parameters
    ----------
    replicate
        Its number in the column ``replicate``; it need not have been part of the run.
    case, parameters
        The case, by number or by its columns (``world="halo"``); not needed if there is only one.

    Raises
    ------
    InputError
        If there is no such replicate, or not exactly one such case.

    Examples
    --------
    >>> from knowntruth.design.diagnose import diagnose
    >>> study = {"sessions": 300, "estimands": ["verified_difference"], "truth_sessions": 300}
    >>> run = diagnose(["null"], ["naive"], 2, workers=1, **study)
    >>> again = replay(run, 1)
    >>> bool(again.table["estimate"].iloc[0] == run.table["estimate"].iloc[1])
    True
    """
    if replicate < 0:
        raise InputError(f"replicates are numbered from 0, got {replicate}")
    number = _which(run.plan, parameters) if case is None else case
    seed = replicate_seed(run.plan.seed, replicate)
    rows = run_batch(run.plan.task(Job(number, replicate, replicate + 1)))
    table = assemble(run.plan, rows, find_truths(run.plan, rows, None))
    return Replayed(seed, run.plan.cases[number].source.draw(seed), table)


def _which(plan: Plan, wanted: dict[str, Any]) -> int:
    cases = plan.parameters()
    if missing := [name for name in wanted if name not in cases]:
        raise InputError(f"no column {missing[0]!r} distinguishes cases; there are {', '.join(cases.columns)}")
    same = cases.index[[all(row[name] == value for name, value in wanted.items()) for _, row in cases.iterrows()]]
    if len(same) != 1:
        raise InputError(
            f"{len(same)} cases match {wanted or 'no condition'}; choose one of these: "
            + "; ".join(", ".join(f"{k}={v}" for k, v in row.items()) for _, row in cases.iterrows())
        )
    return int(same[0])
