"""``knowntruth bounds``: the true effects that the published figures allow, and the value of measurements."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from knowntruth.workbench.terminal.options import Json, Out, Seed, at_least
from knowntruth.workbench.terminal.print_table import show

DEFAULT_SESSIONS: Final = 100_000
MIN_SESSIONS: Final = 2000
"""With fewer sessions there are hardly any novices."""


def bounds(
    world: Annotated[str, typer.Option(metavar="NAME|PATH", help="The calibrated world.")] = "published",
    sessions: Annotated[
        int,
        typer.Option(
            metavar="N",
            parser=at_least(MIN_SESSIONS),
            show_default=f"{DEFAULT_SESSIONS:,}",
            help=f"Sessions in each of several thousand runs; at least {MIN_SESSIONS:,}.",
        ),
    ] = DEFAULT_SESSIONS,
    starts: Annotated[int, typer.Option(metavar="K", min=1, help="Starting points of each search.")] = 3,
    seed: Seed = 1,
    estimand: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="An effect to search; repeat for more; all by default.")
    ] = None,
    rule: Annotated[
        str,
        typer.Option(
            metavar="figures|fit",
            help="Which worlds are allowed. figures: each figure within two errors, or no farther off than in the "
            "calibrated world; fit: chi-square at most 3.84 larger.",
        ),
    ] = "figures",
    measurements: Annotated[
        bool, typer.Option(help="Compute how much further measurements would narrow the interval.")
    ] = True,
    out: Out = Path("bounds"),
    json: Json = False,
) -> None:
    """Find the smallest and largest true effects that the figures allow.

    Over all worlds that reproduce the published figures as well as the
    calibrated one: how small, and how large, can the true effect of expertise
    be? Writes the extreme worlds, what makes them extreme, and how much each
    further measurement would narrow the interval. Every limit is a world that
    was found; the true interval may be wider, and the table shows how
    thoroughly it was searched. After an interrupt the same command continues
    where it stopped.

    [bold]Examples[/bold]

      knowntruth bounds

      knowntruth bounds --estimand success_difference --no-measurements

      knowntruth bounds --world calibrated/calibrated.toml --starts 6

    then

      knowntruth study --world bounds/worlds/success_difference_smallest.toml
    """
    from knowntruth.workbench.jobs.calibration import bounds as job

    result = job.search_bounds(
        world,
        sessions=sessions,
        starts=starts,
        seed=seed,
        estimands=estimand or (),
        rule=rule,
        measurements=measurements,
        out=out,
    )
    show(
        job.tables(result)["intervals"], json, title=f"True effects that the published figures allow, around {world}"
    )
    sys.stderr.write(f"{result.completeness}\nWrote the extreme worlds and the tables into {out}\n")
