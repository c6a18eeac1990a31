"""The tidy table: one row per replicate, strategy and estimand, with estimate and truth.

The first columns identify the case (``world`` and what was varied); `COLUMNS` follow.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from knowntruth.common.errors import InputError
from knowntruth.datasets.storage.files import explain_os_errors
from knowntruth.design.replication.plan import Plan
from knowntruth.design.replication.replicate import SECONDS
from knowntruth.design.replication.store import REPLICATES, TIMES
from knowntruth.design.replication.truths import Contrast
from knowntruth.design.sources.source import Truth

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

COLUMNS: Final = (
    "replicate", "strategy", "estimand", "contrast", "subgroup", "effect_of", "estimate", "lower", "upper",
    "standard_error", "least", "greatest", "n", "users", "truth", "truth_error", "no_effect", "error", SECONDS,
)  # fmt: skip
"""``estimate`` is NaN where only the range from ``least`` to ``greatest`` is identified; ``n`` and ``users`` are the
sessions and people that entered; ``truth_error`` is the Monte Carlo error of ``truth``; ``no_effect`` is 1 for
ratios and 0 for differences; ``error`` is the reason where there is no answer, else empty."""


def assemble(plan: Plan, rows: "pa.Table", truths: Mapping[Contrast, Truth]) -> "pd.DataFrame":
    """Return the table of a plan from the rows of its batches, in their order."""
    import pandas as pd

    table = rows.to_pandas()
    known = pd.DataFrame(
        [(*contrast, truth.value, truth.error) for contrast, truth in truths.items()],
        columns=["case", "estimand", "effect_of", "subgroup", "truth", "truth_error"],
    )
    no_effect = {question.estimand.name: question.estimand.no_effect for question in plan.questions}
    table = table.merge(known, how="left", on=["case", "estimand", "effect_of", "subgroup"], validate="many_to_one")
    table["no_effect"] = table["estimand"].map(no_effect)
    cases = plan.parameters()
    parameters = {name: cases[name].to_numpy()[table["case"].to_numpy()] for name in cases}
    return pd.concat([pd.DataFrame(parameters), table[list(COLUMNS)]], axis=1)


def as_arrow(table: "pd.DataFrame") -> "pa.Table":
    """Return a table as Arrow, without an index."""
    import pyarrow as pa

    return pa.Table.from_pandas(table, preserve_index=False)


def load_stored(folder: Path | str) -> "pd.DataFrame":
    """Return the table of a stored diagnosis.

    Raises
    ------
    InputError
        If there is none, or it cannot be read.

    Examples
    --------
    >>> load_stored("nowhere")
    Traceback (most recent call last):
        ...
    knowntruth.common.errors.InputError: no table of replicates in nowhere; give a folder ...
    """
    import pandas as pd
    import pyarrow as pa

    folder = Path(folder)
    if not (folder / REPLICATES).is_file():
        raise InputError(f"no table of replicates in {folder}; give a folder that `knowntruth diagnose --out` wrote")
    try:
        with explain_os_errors(folder):
            tables = [pd.read_parquet(folder / name) for name in (REPLICATES, TIMES)]
    except (pa.ArrowException, ValueError) as error:
        raise InputError(f"cannot read the table of replicates in {folder}: {error}; diagnose again") from error
    whole: Any = pd.concat(tables, axis=1)
    return whole
