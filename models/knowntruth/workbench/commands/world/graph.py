"""``knowntruth graph``: a world's variables and arrows."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from knowntruth.common.errors import InputError
from knowntruth.workbench.terminal.options import Json, World
from knowntruth.workbench.terminal.print_table import show


def graph(
    world: World,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the graph as SVG, DOT, GML, dagitty text and JSON.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Write all variables, not only the main ones.")] = False,
    json: Json = False,
) -> None:
    """Print a world's variables, and the direct causes of each.

    With --out, write a picture and text for other tools instead. They show
    the arrows that have an effect in this world.

    [bold]Examples[/bold]

      knowntruth graph published --json

      knowntruth graph mediation --out mediation
    """
    from knowntruth.workbench.jobs.world import graph as job

    if out is not None:
        job.write_graph(world, out, everything=everything)
        sys.stderr.write(f"Wrote {out / 'graph.svg'} and the same graph as text for other tools\n")
        return
    if everything:
        raise InputError(
            "--all selects what is written; add a folder with --out (the table always has all variables)"
        )
    show(job.variable_table(world), json)
