"""``knowntruth laws``: whether a world satisfies the laws on which its truth depends."""

import sys
from typing import Annotated, Final

import typer

from knowntruth.workbench.terminal import exit_codes
from knowntruth.workbench.terminal.options import Json, Seed, World, at_least
from knowntruth.workbench.terminal.print_table import show

MIN_SESSIONS: Final = 1000
"""The same as `invariants.suite.MIN_SESSIONS`, copied so that ``--help`` does not load it; a test compares them."""


def laws(
    world: World,
    sessions: Annotated[
        int,
        typer.Option(metavar="N", parser=at_least(MIN_SESSIONS), help=f"How many; at least {MIN_SESSIONS:,}."),
    ] = 20_000,
    seed: Seed = 1,
    json: Json = False,
) -> None:
    """Test whether a world satisfies the laws on which its truth depends.

    The same people with the same noise in every counterfactual; effects along
    declared arrows only; the same bytes in any order of computation; exported
    probabilities that match the draws; and the independencies that the graph
    implies.

    [bold]Examples[/bold]

      knowntruth laws published

      knowntruth laws my_world.toml --sessions 100000

    Exit code 0, or 1 if a law is broken.
    """
    from knowntruth.workbench.jobs.world import laws as job

    answers = job.check_laws(world, sessions, seed=seed)
    show(answers if json else answers.drop(columns="question"), json, title=f"Laws in {world}")
    broken = int((~answers["holds"]).sum())
    sys.stderr.write(f"{broken} of {len(answers)} laws are broken\n" if broken else f"{len(answers)} laws hold\n")
    if broken:
        raise typer.Exit(exit_codes.NO)
