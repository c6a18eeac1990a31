"""``knowntruth calibrate``: a world whose figures are the published ones, with errors and predictions."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from knowntruth.workbench.terminal.options import PUBLISHED_SIZE, Json, Out, Seed, at_least
from knowntruth.workbench.terminal.print_table import show

MIN_SESSIONS: Final = 2000
"""That of `calibration.calibrate`, which is too heavy for ``--help``; a test holds them equal."""


def calibrate(
    world: Annotated[str, typer.Option(metavar="NAME|PATH", help="The world to begin at.")] = "published",
    sessions: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=at_least(MIN_SESSIONS),
            show_default=PUBLISHED_SIZE,
            help=f"Size of the samples that are compared; at least {MIN_SESSIONS:,}.",
        ),
    ] = None,
    starts: Annotated[int, typer.Option(metavar="K", min=1, help="How many places the search begins at.")] = 3,
    seed: Seed = 1,
    out: Out = Path("calibrated"),
    json: Json = False,
) -> None:
    """Turn a world's dials until its figures are the published ones.

    Fits by the method of simulated moments the figures that may be fitted,
    predicts those kept apart, and says which figure pins which dial. What
    comes out is one world that fits, never a finding about reality. Takes
    about 20 minutes on two cores; interrupt it, and the same command goes on
    from there.

    [bold]Examples[/bold]

      knowntruth calibrate --out calibrated

      knowntruth calibrate --world my_world.toml --sessions 50000 --starts 1

    then

      knowntruth compare calibrated/calibrated.toml --full
    """
    from knowntruth.calibration.fitting.goodness_of_fit import in_words
    from knowntruth.workbench.jobs.calibration import calibrate as calibrating

    found = calibrating.calibrated(world, sessions, seed=seed, starts=starts, out=out)
    dials = found.parameters
    show(
        dials if json else dials[["parameter", "value", "standard_error", "pinned", "why"]], json, title="Free dials"
    )
    sys.stderr.write(f"{in_words(found.figures)}\n")
    sys.stderr.write(f"Wrote {out / 'calibrated.toml'} and the tables beside it\n")
