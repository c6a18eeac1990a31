"""``knowntruth score``: estimates that somebody handed in, graded against the answers that were kept apart."""

from pathlib import Path
from typing import Annotated

import typer

from knowntruth.common.errors import InputError
from knowntruth.workbench.terminal.options import Json
from knowntruth.workbench.terminal.print_table import show


def score(
    estimates: Annotated[
        Path, typer.Argument(metavar="ANSWERS", help="A CSV, Parquet or Arrow file, one row an estimate.")
    ],
    sealed: Annotated[
        Path | None,
        typer.Option(metavar="DIR", show_default="beside the folder of ANSWERS", help="Folder with the answers."),
    ] = None,
    each: Annotated[
        bool, typer.Option("--each", help="Show every estimate, not a summary of each strategy.")
    ] = False,
    json: Json = False,
) -> None:
    """Grade estimates against the answers: bias, coverage, interval score.

    ANSWERS has the columns estimand, contrast, value, lower, upper, as the
    form `estimates.csv` in a blind challenge has them; `strategy` tells
    several methods apart, `dataset` several datasets of the suite. Leave
    `value` empty where there is a range only, and all three where there is
    no answer.

    Errors of ratios are of their logarithms. The interval score is the width
    of an interval plus a fine for missing the truth; less is better.

    [bold]Examples[/bold]

      knowntruth score challenge/estimates.csv

      knowntruth score mine.csv --sealed challenge.sealed --each
    """
    from knowntruth.workbench.jobs.data import challenge, suite
    from knowntruth.workbench.jobs.data import score as grading

    beside = challenge.sealed_beside(estimates.parent)
    kept = beside if sealed is None else sealed
    if not kept.is_dir():
        advice = "give the folder of the answers with --sealed DIR"
        raise InputError(f"no answers at {kept}: {advice}" if sealed is None else f"no such folder: {kept}; {advice}")
    rows = grading.scored(estimates, kept)
    found = grading.each(rows) if each else grading.summed(rows)
    shown = found if each or json else suite.short(found)
    show(shown, json, title=f"{estimates} against the truth; errors of ratios are of their logarithms")
