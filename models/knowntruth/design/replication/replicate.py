"""One replicate: draw the data once, let every strategy answer every question, and record failures as rows.

A failure stops nothing else: where data cannot be drawn or a strategy raises an error, the row has the reason in
``error`` and no numbers.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from knowntruth.common.errors import InputError
from knowntruth.design.replication.plan import Analysis, Task, replicate_seed
from knowntruth.design.sources.source import ReplicateData
from knowntruth.design.sources.subgroups import Grouping, question_within, split_groups, subgroup_names

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

``contrast`` is the requested one; ``effect_of`` is the treatment and levels of the answer, empty without an answer: a
strategy may study another treatment than the requested one."""

SECONDS: Final = "seconds"

NAN: Final = float("nan")
NO_ANSWER: Final = (NAN, NAN, NAN, NAN, NAN, NAN, 0, 0)
"""The columns from estimate to users of a failed row."""

MAX_ERROR: Final = 300
"""Maximum characters of a stored reason."""


def run_batch(task: Task) -> pa.Table:
    """Return the rows of a batch of replicates, in the order of replicate, strategy and question."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # the order of a sum must not depend on the number of threads
        rows = [row for number in range(task.job.first, task.job.last) for row in replicate_rows(task, number)]
    columns = zip(*rows, strict=True)
    arrays = [pa.array(values, type=field.type) for values, field in zip(columns, SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def replicate_rows(task: Task, number: int) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of one replicate."""
    seed = replicate_seed(task.seed, number)
    drawn: ReplicateData | str
    try:
        drawn = task.source.draw(seed)
    except Exception as error:
        drawn = f"data: {describe_error(error)}"
    for strategy, question in task.asked:
        asked = (strategy.name, question.estimand.name, f"{question.high} vs {question.low}")
        for group, part in _parts(drawn, task.by):
            put = question_within(question, group, task.by)
            yield (task.job.case, number, *asked, group, *_answered(strategy, put, part, seed))


def _parts(drawn: ReplicateData | str, by: Grouping | None) -> Iterator[tuple[str, ReplicateData | str]]:
    """Yield the data of everyone and of every group, or the reason why there are none."""
    if isinstance(drawn, str):
        yield from ((group, drawn) for group in subgroup_names(by))
    else:
        yield from ((group, replace(drawn, observed=rows)) for group, rows in split_groups(drawn.observed, by))


def describe_error(error: Exception) -> str:
    """Return the reason of a failure in one line; unexpected errors include their type."""
    message = " ".join(str(error).split())
    text = message if isinstance(error, InputError) else f"{type(error).__name__}: {message}"
    return text[:MAX_ERROR]


def _answered(strategy: Analysis, question: "Question", drawn: ReplicateData | str, seed: int) -> tuple[Any, ...]:
    """Return the columns from ``effect_of`` on."""
    if isinstance(drawn, str):
        return ("", *NO_ANSWER, drawn, 0.0)
    put = replace(question, seed=seed, validation=drawn.validation)
    start = time.perf_counter()
    try:
        e = strategy.estimate(drawn.observed, put)
    except Exception as error:
        return ("", *NO_ANSWER, describe_error(error), time.perf_counter() - start)
    seconds = time.perf_counter() - start
    numbers = (e.value, e.lower, e.upper, e.standard_error, e.least, e.greatest, e.n, e.users)
    return (f"{strategy.treatment} {e.contrast}", *numbers, "", seconds)
