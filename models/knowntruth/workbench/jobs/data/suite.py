"""The job of ``knowntruth suite``: rebuild the benchmark datasets, or rank the built-in strategies on them.

============================ ==============================================================================
NAME/observed.parquet        the sessions of one dataset as a study observes them
NAME/extra_columns.parquet   columns of extra measurements: first-prompt rating, two tests, …
NAME/validation.parquet      some sessions with known true level
answers/estimands.csv        the true effects, for `knowntruth score --sealed DIR/answers`
answers/NAME-truth.parquet   true values of the same sessions
estimates.csv                a form for your own estimates
leaderboard.csv              the ranking, with --leaderboard
============================ ==============================================================================
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from knowntruth.common.progress import Progress
from knowntruth.datasets.scoring import answers
from knowntruth.datasets.storage.files import check_output, output_folder, write_csv, write_parquet
from knowntruth.design.suite import check, content, leaderboard, truths
from knowntruth.design.suite.entries import Entry, entries, load_declared
from knowntruth.workbench.output.number_format import with_error
from knowntruth.workbench.results import manifest
from knowntruth.workbench.terminal.progress import Steps

if TYPE_CHECKING:
    import pandas as pd

MEASURES: Final = ("bias", "rmse", "coverage", "interval_score")

ANSWERS: Final = "answers"
"""The folder of the answers, which no estimator may read."""

WEIGHTS: Final = {"make": 1, "truth": 1, "answer": 8}


def rebuild(worlds: Sequence[str] | None, out: Path | None) -> "pd.DataFrame":
    """Recompute every dataset and compare its hashes; write the datasets if there is a folder.

    Raises
    ------
    InputError
        If a world is not in the suite, or the folder cannot be written.
    """
    chosen = entries(worlds)
    with Steps({"make": 1}) as steps, steps.step("make", f"Computing {len(chosen)} datasets") as advance:
        if out is None:
            return _rows(chosen, None, advance)
        with output_folder(out, "suite", _head()) as folder:
            rows = _rows(chosen, folder, advance)
            _write_answers(truths.true_effects(chosen), folder)
    return rows


def _rows(chosen: Sequence[Entry], folder: Path | None, advance: Progress) -> "pd.DataFrame":
    import pandas as pd

    kept, rows = check.load_committed(), []
    for done, entry in enumerate(chosen):
        advance(entry.name, done / len(chosen))
        tables = content.tables(content.draw_entry(entry))
        rows.append(check.row(entry, content.hash_tables(tables), kept))
        if folder is not None:
            for name, table in tables.items():
                seen = folder / entry.name / f"{name}.parquet"
                write_parquet(folder / ANSWERS / f"{entry.name}-truth.parquet" if name == "truth" else seen, table)
    return pd.DataFrame(rows)


def _write_answers(true: "pd.DataFrame", folder: Path) -> None:
    write_csv(folder / ANSWERS / f"{answers.TRUE}.csv", true)
    write_csv(folder / "estimates.csv", answers.template(true))


def _head() -> dict[str, object]:
    return {"suite": load_declared(), "versions": manifest.versions()}


def rank_strategies(
    worlds: Sequence[str] | None, strategies: Sequence[str] | None, out: Path | None
) -> "pd.DataFrame":
    """Return the leaderboard of the built-in strategies; with ``out`` write it and their estimates.

    Raises
    ------
    InputError
        If a world is not in the suite, there is no such strategy, or the folder cannot be written.
    """
    chosen = entries(worlds)
    if out is not None:
        check_output(out, "suite --leaderboard")
    with Steps({name: WEIGHTS[name] for name in ("truth", "answer")}) as steps:
        with steps.step("truth", "Replaying the worlds for their true effects"):
            true = truths.true_effects(chosen)
        with steps.step("answer", f"Applying the strategies to {len(chosen)} datasets") as advance:
            estimates = leaderboard.answer_suite(chosen, strategies, advance)
    table = leaderboard.leaderboard(estimates, true)
    if out is not None:
        with output_folder(out, "suite --leaderboard", _head()) as folder:
            write_csv(folder / "leaderboard.csv", table)
            write_csv(folder / "submitted.csv", estimates)
            _write_answers(true, folder)
    return table


def summary_table(rows: "pd.DataFrame") -> "pd.DataFrame":
    """Return a summary of scores for people: every measure with its Monte Carlo error.

    Examples
    --------
    >>> row = {"strategy": "naive", "asked": 2, "points": 2, "intervals": 2}
    >>> measures = {f"{m}{e}": v for m in MEASURES for e, v in (("", 0.25), ("_error", 0.02))}
    >>> summary_table(pd.DataFrame([row | measures])).to_dict("list")["coverage"]
    ['0.25 ± 0.02']
    """
    shown = rows[[name for name in ("strategy", "estimand", "unit", "asked", "points", "intervals") if name in rows]]
    return shown.assign(**{
        name: [with_error(v, e) for v, e in zip(rows[name], rows[f"{name}_error"], strict=True)] for name in MEASURES
    })  # fmt: skip
