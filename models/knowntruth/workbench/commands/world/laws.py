"""``knowntruth laws``: whether a world keeps the laws on which its truth rests."""

import sys
from typing import Annotated, Final

import typer

from knowntruth.workbench.terminal import exit_codes
from knowntruth.workbench.terminal.options import Json, Seed, World, at_least
from knowntruth.workbench.terminal.print_table import show

MIN_LAWFUL: Final = 1000
"""The same as `laws.suite.MIN_SESSIONS`, here so that ``--help`` need not load the laws."""


def laws(
    world: World,
    sessions: Annotated[
        int,
        typer.Option(metavar="N", parser=at_least(MIN_LAWFUL), help=f"How many; at least {MIN_LAWFUL:,}."),
    ] = 20_000,
    seed: Seed = 1,
    json: Json = False,
) -> None:
    """Ask whether a world keeps the laws on which its truth rests.

    The same people with the same luck, effects along declared arrows alone,
    the same bytes in any order, exported chances that are those of the
    draws, and the independencies that the graph implies.

    [bold]Examples[/bold]

      knowntruth laws published

      knowntruth laws my_world.toml --sessions 100000

    Ends with 0, or with 1 if a law is broken.
    """
    from knowntruth.workbench.jobs.world import simulate

    answers = simulate.judged(world, sessions, seed=seed)
    show(answers if json else answers.drop(columns="question"), json, title=f"Laws in {world}")
    broken = int((~answers["holds"]).sum())
    sys.stderr.write(f"{broken} of {len(answers)} laws are broken\n" if broken else f"{len(answers)} laws hold\n")
    if broken:
        raise typer.Exit(exit_codes.NO)
