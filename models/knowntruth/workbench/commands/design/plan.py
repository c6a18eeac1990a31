"""``knowntruth plan``: how large a study has to be."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from knowntruth.workbench.terminal.options import Json, Seed, Workers, World
from knowntruth.workbench.terminal.print_table import show


def plan(
    world: World,
    strategy: Annotated[str, typer.Option(metavar="NAME", help="How the study will be analysed.")] = "published",
    estimand: Annotated[str, typer.Option(metavar="NAME", help="Effect that is asked for.")] = "verified_difference",
    width: Annotated[
        float | None, typer.Option(metavar="W", help="Interval no wider than this on average, in the effect's unit.")
    ] = None,
    power: Annotated[float | None, typer.Option(metavar="P", help="Find the effect with this probability.")] = None,
    assurance: Annotated[
        float | None, typer.Option(metavar="P", help="And in this share of worlds as they might be.")
    ] = None,
    spread: Annotated[
        float, typer.Option(metavar="S", min=0, max=2, help="How unsure the strengths of effects and ability are.")
    ] = 0.5,
    audit_cost: Annotated[
        float, typer.Option(metavar="C", help="What an audited session costs more, in sessions.")
    ] = 50.0,
    replicates: Annotated[int, typer.Option(metavar="R", min=20, help="Studies simulated at each size.")] = 60,
    seed: Seed = 1,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for the tables and the picture.")] = None,
    workers: Workers = None,
    json: Json = False,
) -> None:
    """Find out how large a study has to be.

    Takes a world to plan for, a strategy, and a target: an interval no
    wider than so much, or a power. Returns the sessions and users that it
    takes and, where the strategy uses an audit, how many sessions to rate
    again. The answer is checked by diagnosing the strategy at that size.
    The assurance is the share of studies that would reach the target if
    effects and hidden ability were stronger or weaker than in the world.

    [bold]Examples[/bold]

      knowntruth plan published --power 0.8

      knowntruth plan published --width 0.1 --estimand verified_difference

      knowntruth plan published --strategy regression_calibration --width 0.2

      knowntruth plan published --power 0.8 --assurance 0.8 --out planned
    """
    from knowntruth.design.planning.target import Target, checked_probability
    from knowntruth.workbench.jobs.design import plan as planning

    wanted = None if assurance is None else checked_probability("--assurance", assurance)
    how = {
        "estimand": estimand, "assurance": wanted, "spread": spread, "audit_cost": audit_cost,
        "replicates": replicates, "seed": seed, "workers": workers,
    }  # fmt: skip
    made = planning.plan(world, strategy, Target(width, power), out, how)
    if json:
        show(planning.answer(made), json)
    else:
        show(made.sizes, json, title="sizes that were simulated")
        show(made.assurance, json, title="studies in worlds as they might be")
        sys.stdout.write(planning.said(made))
    if out is not None:
        sys.stderr.write(f"Wrote {', '.join(planning.FILES)} into {out}\n")
    if not made.holds:
        raise typer.Exit(1)
