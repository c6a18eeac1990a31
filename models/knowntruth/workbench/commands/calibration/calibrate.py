"""``knowntruth calibrate``: fit a world's dials to the published figures."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from knowntruth.workbench.terminal.options import PUBLISHED_SIZE, Json, Out, Seed, at_least
from knowntruth.workbench.terminal.print_table import show

MIN_SESSIONS: Final = 2000
"""The same as in `calibration.calibrate`, copied so that ``--help`` does not load it; a test compares them."""


def calibrate(
    world: Annotated[str, typer.Option(metavar="NAME|PATH", help="The world to start from.")] = "published",
    sessions: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=at_least(MIN_SESSIONS),
            show_default=PUBLISHED_SIZE,
            help=f"Size of the simulated samples; at least {MIN_SESSIONS:,}.",
        ),
    ] = None,
    starts: Annotated[int, typer.Option(metavar="K", min=1, help="Starting points of the search.")] = 3,
    seed: Seed = 1,
    out: Out = Path("calibrated"),
    json: Json = False,
) -> None:
    """Fit a world's dials to the published figures.

    Fits the figures that may be fitted by the method of simulated moments,
    predicts the held-out ones, and reports which figure identifies which
    dial. The result is one world that fits, not a finding about reality.
    Takes about 20 minutes on two cores; after an interrupt the same command
    continues where it stopped.

    [bold]Examples[/bold]

      knowntruth calibrate --out calibrated

      knowntruth calibrate --world my_world.toml --sessions 50000 --starts 1

    then

      knowntruth compare calibrated/calibrated.toml --full
    """
    from knowntruth.calibration.fitting.goodness_of_fit import summarize
    from knowntruth.workbench.jobs.calibration import calibrate as job

    result = job.calibrate(world, sessions, seed=seed, starts=starts, out=out)
    dials = result.parameters
    show(
        dials if json else dials[["parameter", "value", "standard_error", "identified", "why"]],
        json,
        title="Free dials",
    )
    sys.stderr.write(f"{summarize(result.figures)}\n")
    sys.stderr.write(f"Wrote {out / 'calibrated.toml'} and the tables in the same folder\n")
