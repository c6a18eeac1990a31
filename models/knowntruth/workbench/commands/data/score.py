"""``knowntruth score``: grade submitted estimates against the sealed answers."""

from pathlib import Path
from typing import Annotated

import typer

from knowntruth.common.errors import InputError
from knowntruth.workbench.terminal.options import Json
from knowntruth.workbench.terminal.print_table import show


def score(
    estimates: Annotated[
        Path, typer.Argument(metavar="ANSWERS", help="A CSV, Parquet or Arrow file, one row per estimate.")
    ],
    sealed: Annotated[
        Path | None,
        typer.Option(metavar="DIR", show_default="next to the folder of ANSWERS", help="Folder with the answers."),
    ] = None,
    each: Annotated[
        bool, typer.Option("--each", help="Show every estimate instead of a summary by strategy.")
    ] = False,
    json: Json = False,
) -> None:
    """Grade estimates against the answers: bias, coverage, interval score.

    ANSWERS has the columns estimand, contrast, value, lower, upper, as in the
    form `estimates.csv` of a blind challenge. Optional columns: `strategy`
    for several methods, `dataset` for several datasets of the suite. Leave
    `value` empty where there is only a range, and all three where there is
    no answer.

    Errors of ratios are errors of their logarithms. The interval score is the
    width of an interval plus a penalty for missing the truth; less is better.

    [bold]Examples[/bold]

      knowntruth score challenge/estimates.csv

      knowntruth score mine.csv --sealed challenge.sealed --each
    """
    from knowntruth.workbench.jobs.data import challenge, suite
    from knowntruth.workbench.jobs.data import score as job

    default = challenge.default_sealed_folder(estimates.parent)
    answers = default if sealed is None else sealed
    if not answers.is_dir():
        advice = "give the folder of the answers with --sealed DIR"
        raise InputError(
            f"no answers at {answers}: {advice}" if sealed is None else f"no such folder: {answers}; {advice}"
        )
    rows = job.score(estimates, answers)
    found = job.estimate_table(rows) if each else job.summarize(rows)
    shown = found if each or json else suite.summary_table(found)
    show(shown, json, title=f"{estimates} against the truth; errors of ratios are errors of their logarithms")
