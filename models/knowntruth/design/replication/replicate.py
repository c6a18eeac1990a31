"""One replicate: data are drawn once, every strategy answers every question, and what fails is a row like any other.

Nothing is hidden and nothing stops the rest: where data cannot be drawn or a strategy refuses or breaks, the row has
the reason in ``error`` and no numbers.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from knowntruth.common.errors import InputError
from knowntruth.design.replication.plan import Analysis, Task, seed_of
from knowntruth.design.sources.source import Drawn
from knowntruth.design.sources.subgroups import Grouping, names, parted, within

if TYPE_CHECKING:
    from knowntruth.strategies.base.question import Question

SCHEMA: Final = pa.schema(
    [
        ("case", pa.int32()), ("replicate", pa.int32()), ("strategy", pa.string()), ("estimand", pa.string()),
        ("contrast", pa.string()), ("subgroup", pa.string()), ("effect_of", pa.string()),
        ("estimate", pa.float64()), ("lower", pa.float64()), ("upper", pa.float64()),
        ("standard_error", pa.float64()), ("least", pa.float64()), ("greatest", pa.float64()), ("n", pa.int64()),
        ("users", pa.int64()), ("error", pa.string()), ("seconds", pa.float64()),
    ]
)  # fmt: skip
"""The rows of a batch; ``seconds`` are the only numbers that differ from run to run.

``contrast`` is what was asked; ``effect_of`` is what the answer is about, treatment and levels, empty without one:
a strategy may study another treatment than it was asked about, and says so."""

SECONDS: Final = "seconds"

NAN: Final = float("nan")
NOTHING: Final = (NAN, NAN, NAN, NAN, NAN, NAN, 0, 0)
"""Estimate to users of a row that failed."""

MAX_ERROR: Final = 300
"""Characters of a reason that are kept."""


def batch(task: Task) -> pa.Table:
    """Return the rows of a batch of replicates, in the order of replicate, strategy and question."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # the order of a sum must not hang on how many threads a machine has
        rows = [row for number in range(task.job.first, task.job.last) for row in replicate(task, number)]
    columns = zip(*rows, strict=True)
    arrays = [pa.array(values, type=field.type) for values, field in zip(columns, SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def replicate(task: Task, number: int) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of one replicate."""
    seed = seed_of(task.seed, number)
    drawn: Drawn | str
    try:
        drawn = task.source.draw(seed)
    except Exception as error:
        drawn = f"data: {reason(error)}"
    for strategy, question in task.asked:
        asked = (strategy.name, question.estimand.name, f"{question.high} vs {question.low}")
        for group, part in _parts(drawn, task.by):
            put = within(question, group, task.by)
            yield (task.job.case, number, *asked, group, *_answered(strategy, put, part, seed))


def _parts(drawn: Drawn | str, by: Grouping | None) -> Iterator[tuple[str, Drawn | str]]:
    """Yield the data of the whole and of every group, or the reason why there are none."""
    if isinstance(drawn, str):
        yield from ((group, drawn) for group in names(by))
    else:
        yield from ((group, replace(drawn, observed=rows)) for group, rows in parted(drawn.observed, by))


def reason(error: Exception) -> str:
    """Return in one line why something failed; what is not the data's fault is told with its kind."""
    said = " ".join(str(error).split())
    told = said if isinstance(error, InputError) else f"{type(error).__name__}: {said}"
    return told[:MAX_ERROR]


def _answered(strategy: Analysis, question: "Question", drawn: Drawn | str, seed: int) -> tuple[Any, ...]:
    """Return the columns from ``effect_of`` on."""
    if isinstance(drawn, str):
        return ("", *NOTHING, drawn, 0.0)
    put = replace(question, seed=seed, validation=drawn.validation)
    start = time.perf_counter()
    try:
        e = strategy.estimate(drawn.observed, put)
    except Exception as error:
        return ("", *NOTHING, reason(error), time.perf_counter() - start)
    seconds = time.perf_counter() - start
    numbers = (e.value, e.lower, e.upper, e.standard_error, e.least, e.greatest, e.n, e.users)
    return (f"{strategy.treatment} {e.contrast}", *numbers, "", seconds)
