"""``knowntruth compare``: a world's figures next to the published ones."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from knowntruth.workbench.terminal.options import Full, Json, Seed, Sessions, World, resolve_size
from knowntruth.workbench.terminal.print_table import show


def compare(
    world: World,
    sessions: Sessions = None,
    full: Full = False,
    seed: Seed = 1,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for the table and its picture.")] = None,
    json: Json = False,
) -> None:
    """Compare a world with every published figure that can be computed.

    Gaps are in errors: the published standard error, or that of a sample of
    the study's size, combined with the rounding. Figures that may be fitted
    come first, then those that are predicted. A small simulation has its own
    sampling noise; --full compares samples of equal size.

    [bold]Examples[/bold]

      knowntruth compare published --full --out compared

      knowntruth compare my_world.toml --sessions 100000 --json
    """
    from knowntruth.calibration.fitting.goodness_of_fit import summarize
    from knowntruth.workbench.jobs.calibration import compare as job

    table = job.compare(world, resolve_size(sessions, full), seed=seed, out=out)
    short = table[["key", "role", "unit", "published", "simulated", "gap_in_errors", "within"]]
    show(table if json else short.sort_values("role", kind="stable"), json, title=f"{world} and the study")
    sys.stderr.write(f"{summarize(table)}\n")
    if out is not None:
        sys.stderr.write(f"Wrote {out / 'figures.csv'} and {out / 'figures.png'}\n")
