"""Replay: one replicate alone, data and all, from a run or from the folder that it left."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from knowntruth.common.errors import InputError
from knowntruth.design.replication.plan import Job, Plan, seed_of
from knowntruth.design.replication.replicate import batch
from knowntruth.design.replication.run import Run
from knowntruth.design.replication.table import assembled
from knowntruth.design.replication.truths import truths
from knowntruth.design.sources.source import Drawn

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Replayed:
    """One replicate: the ``data`` that were drawn, and ``table``, its rows of the run's table."""

    seed: int
    data: Drawn
    table: "pd.DataFrame"


def replay(run: Run, replicate: int, case: int | None = None, **parameters: Any) -> Replayed:
    """Draw one replicate of a run again and put every strategy to it.

    Parameters
    ----------
    replicate
        Its number in the column ``replicate``; it need not have been part of the run.
    case, parameters
        Which case, by number or by the columns that tell it (``world="halo"``); not needed where there is one.

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
    seed = seed_of(run.plan.seed, replicate)
    rows = batch(run.plan.task(Job(number, replicate, replicate + 1)))
    table = assembled(run.plan, rows, truths(run.plan, rows, None))
    return Replayed(seed, run.plan.cases[number].source.draw(seed), table)


def _which(plan: Plan, wanted: dict[str, Any]) -> int:
    cases = plan.parameters()
    if missing := [name for name in wanted if name not in cases]:
        raise InputError(f"no column {missing[0]!r} tells cases apart; there are {', '.join(cases.columns)}")
    same = cases.index[[all(row[name] == value for name, value in wanted.items()) for _, row in cases.iterrows()]]
    if len(same) != 1:
        raise InputError(
            f"{len(same)} cases fit {wanted or 'nothing said'}; say which of these: "
            + "; ".join(", ".join(f"{k}={v}" for k, v in row.items()) for _, row in cases.iterrows())
        )
    return int(same[0])
