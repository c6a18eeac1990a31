"""``knowntruth ledger``: a published contrast taken apart."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from knowntruth.workbench.terminal.options import DEFAULT_SESSIONS, Full, Json, Seed, World, at_least, size_asked
from knowntruth.workbench.terminal.print_table import show

MIN_TAKEN_APART: Final = 1000
"""Fewer sessions leave hardly a cell with two levels in it."""


def ledger(
    world: World,
    sessions: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=at_least(MIN_TAKEN_APART),
            show_default=f"{DEFAULT_SESSIONS:,}",
            help=f"How many; at least {MIN_TAKEN_APART:,}.",
        ),
    ] = None,
    full: Full = False,
    seed: Seed = 1,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for the table and its picture.")] = None,
    json: Json = False,
) -> None:
    """Take the published contrast apart into its biases and the true effect.

    The slope of verified success, and of actions per prompt, on the rating:
    how much of it is confounding, halo, misclassification of the rating,
    selection, controls that are consequences, suppressed cells, evidence
    misread, and how much is true. Each is switched off in the world itself,
    after every combination of the others, and the average taken (Shapley),
    so that the amounts add up and no order matters.

    [bold]Examples[/bold]

      knowntruth ledger published

      knowntruth ledger confounded --full --out ledger
    """
    from knowntruth.design.ledger.decompose import QUANTITIES
    from knowntruth.workbench.jobs.design import diagnose

    made = diagnose.taken_apart(world, size_asked(sessions, full), seed=seed, out=out)
    if json:
        show(made.table, json)
    else:
        for outcome, rows in made.table.groupby("quantity", sort=False):
            show(diagnose.short_ledger(rows), json, title=QUANTITIES[str(outcome)][0])
    if out is not None:
        sys.stderr.write(f"Wrote {out / 'ledger.csv'} and {out / 'ledger.png'}\n")
