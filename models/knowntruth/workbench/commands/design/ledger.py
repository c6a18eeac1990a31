"""``knowntruth ledger``: decompose a published contrast into its biases."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from knowntruth.workbench.terminal.options import DEFAULT_SESSIONS, Full, Json, Seed, World, at_least, resolve_size
from knowntruth.workbench.terminal.print_table import show

MIN_SESSIONS: Final = 1000
"""With fewer sessions hardly any cell holds two levels."""


def ledger(
    world: World,
    sessions: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=at_least(MIN_SESSIONS),
            show_default=f"{DEFAULT_SESSIONS:,}",
            help=f"How many; at least {MIN_SESSIONS:,}.",
        ),
    ] = None,
    full: Full = False,
    seed: Seed = 1,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for the table and its picture.")] = None,
    json: Json = False,
) -> None:
    """Decompose the published contrast into its biases and the true effect.

    The slope of verified success, and of actions per prompt, on the rating:
    how much of it is confounding, halo, misclassification of the rating,
    selection, controls that are consequences, suppressed cells, misread
    evidence, and how much is true. Each source is switched off in the world
    itself, after every combination of the others, and the changes are
    averaged (Shapley values): they add up, and no order matters.

    [bold]Examples[/bold]

      knowntruth ledger published

      knowntruth ledger confounded --full --out ledger
    """
    from knowntruth.design.ledger.decompose import QUANTITIES
    from knowntruth.workbench.jobs.design import ledger as job

    result = job.decompose(world, resolve_size(sessions, full), seed=seed, out=out)
    if json:
        show(result.table, json)
    else:
        for outcome, rows in result.table.groupby("quantity", sort=False):
            show(job.summary_table(rows), json, title=QUANTITIES[str(outcome)][0])
    if out is not None:
        sys.stderr.write(f"Wrote {out / 'ledger.csv'} and {out / 'ledger.png'}\n")
