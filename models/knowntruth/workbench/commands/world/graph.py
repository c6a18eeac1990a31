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
    everything: Annotated[bool, typer.Option("--all", help="Write all variables, not the main ones only.")] = False,
    json: Json = False,
) -> None:
    """Print a world's variables, and for each the variables that move it directly.

    With --out, write a picture and text for other tools instead. They show
    the arrows that do something in this world.

    [bold]Examples[/bold]

      knowntruth graph published --json

      knowntruth graph mediation --out mediation
    """
    if out is not None:
        from knowntruth.workbench.jobs.world import simulate

        simulate.drawn(world, out, everything=everything)
        sys.stderr.write(f"Wrote {out / 'graph.svg'} and its text for other tools\n")
        return
    if everything:
        raise InputError("--all says what to write; give a folder with --out too (the table has all variables)")
    import pandas as pd

    from knowntruth.world.definition.world import load
    from knowntruth.world.graphs import derive as graphs

    made = graphs.graph(load(world))
    rows = [
        (name, node["level"], bool(node["observed"]), ", ".join(sorted(made.predecessors(name))), node["meaning"])
        for name, node in made.nodes(data=True)
    ]
    show(pd.DataFrame(rows, columns=["variable", "level", "seen", "moved by", "meaning"]), json)
