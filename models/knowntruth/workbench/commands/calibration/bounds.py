"""``knowntruth bounds``: what the published figures leave open, and what further measurements would close."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from knowntruth.workbench.terminal.options import Json, Out, Seed, at_least
from knowntruth.workbench.terminal.print_table import show

MIN_BOUNDED: Final = 2000
"""Fewer sessions have no novices to speak of."""

USUAL: Final = 100_000


def bounds(
    world: Annotated[str, typer.Option(metavar="NAME|PATH", help="The calibrated world.")] = "published",
    sessions: Annotated[
        int,
        typer.Option(
            metavar="N",
            parser=at_least(MIN_BOUNDED),
            show_default=f"{USUAL:,}",
            help=f"Sessions of each of some thousand runs; at least {MIN_BOUNDED:,}.",
        ),
    ] = USUAL,
    starts: Annotated[int, typer.Option(metavar="K", min=1, help="From how many worlds each search begins.")] = 3,
    seed: Seed = 1,
    estimand: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="An effect to search; again for more; all by default.")
    ] = None,
    rule: Annotated[
        str,
        typer.Option(
            metavar="figures|fit",
            help="A world counts if each figure is within two errors, or no farther off than as calibrated; or if "
            "chi-square is no more than 3.84 worse.",
        ),
    ] = "figures",
    measurements: Annotated[bool, typer.Option(help="Ask what further measurements would close.")] = True,
    out: Out = Path("bounds"),
    json: Json = False,
) -> None:
    """Find the smallest and largest true effects that the figures allow.

    Over all worlds that reproduce the published figures as well as the
    calibrated one does: how small, and how large, can the true effect of
    expertise be? Writes the extreme worlds, what makes them extreme, and how
    much each further measurement would narrow the interval. Every end is a
    world that was found; the truth may lie wider, and the table says how
    surely it was searched. Interrupt it, and the same command goes on from
    there.

    [bold]Examples[/bold]

      knowntruth bounds

      knowntruth bounds --estimand success_difference --no-measurements

      knowntruth bounds --world calibrated/calibrated.toml --starts 6

    then

      knowntruth study --world bounds/worlds/success_difference_smallest.toml
    """
    from knowntruth.workbench.jobs.calibration import bounds as bounding

    found = bounding.bounded(
        world,
        sessions=sessions,
        starts=starts,
        seed=seed,
        estimands=estimand or (),
        rule=rule,
        measurements=measurements,
        out=out,
    )
    show(bounding.tables(found)["intervals"], json, title=f"What the published figures leave open around {world}")
    sys.stderr.write(f"{found.completeness}\nWrote the extreme worlds and the tables into {out}\n")
