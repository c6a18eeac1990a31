"""``knowntruth compare``: a world's figures beside the published ones."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from knowntruth.workbench.terminal.options import Full, Json, Seed, Sessions, World, size_asked
from knowntruth.workbench.terminal.print_table import show


def compare(
    world: World,
    sessions: Sessions = None,
    full: Full = False,
    seed: Seed = 1,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for the table and its picture.")] = None,
    json: Json = False,
) -> None:
    """Lay a world beside every published figure that can be computed.

    Gaps are counted in errors: the published standard error, or the one that
    a sample of the study's size has, and the rounding. Figures that may be
    fitted come first, then those that are predicted. A small simulation has
    noise of its own; --full compares like with like.

    [bold]Examples[/bold]

      knowntruth compare published --full --out compared

      knowntruth compare my_world.toml --sessions 100000 --json
    """
    from knowntruth.calibration.fitting.goodness_of_fit import in_words
    from knowntruth.workbench.jobs.calibration import calibrate

    table = calibrate.compared(world, size_asked(sessions, full), seed=seed, out=out)
    short = table[["key", "role", "unit", "published", "simulated", "gap_in_errors", "within"]]
    show(table if json else short.sort_values("role", kind="stable"), json, title=f"{world} beside the study")
    sys.stderr.write(f"{in_words(table)}\n")
    if out is not None:
        sys.stderr.write(f"Wrote {out / 'figures.csv'} and {out / 'figures.png'}\n")
