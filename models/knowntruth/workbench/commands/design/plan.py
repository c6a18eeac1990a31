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
    estimand: Annotated[str, typer.Option(metavar="NAME", help="Effect to estimate.")] = "verified_difference",
    width: Annotated[
        float | None, typer.Option(metavar="W", help="Largest mean width of the interval, in the effect's unit.")
    ] = None,
    power: Annotated[float | None, typer.Option(metavar="P", help="Probability of finding the effect.")] = None,
    assurance: Annotated[
        float | None, typer.Option(metavar="P", help="Share of plausible worlds in which the target must be reached.")
    ] = None,
    spread: Annotated[
        float,
        typer.Option(
            metavar="S", min=0, max=2, help="Prior standard deviation of the strengths of effects and ability."
        ),
    ] = 0.5,
    audit_cost: Annotated[
        float, typer.Option(metavar="C", help="Extra cost of an audited session, in sessions.")
    ] = 50.0,
    replicates: Annotated[int, typer.Option(metavar="R", min=20, help="Studies simulated at each size.")] = 60,
    seed: Seed = 1,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for the tables and the picture.")] = None,
    workers: Workers = None,
    json: Json = False,
) -> None:
    """Find out how large a study has to be.

    Given a world, a strategy and a target (a mean interval width, or a
    power), returns the number of sessions and users needed and, if the
    strategy uses a validation sample, how many sessions to audit. The answer
    is checked by diagnosing the strategy at that size. The assurance is the
    share of studies that would reach the target if effects and hidden ability
    were stronger or weaker than in the world.

    [bold]Examples[/bold]

      knowntruth plan published --power 0.8

      knowntruth plan published --width 0.1 --estimand verified_difference

      knowntruth plan published --strategy regression_calibration --width 0.2

      knowntruth plan published --power 0.8 --assurance 0.8 --out planned
    """
    from knowntruth.design.planning.target import Target, check_probability
    from knowntruth.workbench.jobs.design import plan as job

    wanted = None if assurance is None else check_probability("--assurance", assurance)
    settings = {
        "estimand": estimand, "assurance": wanted, "spread": spread, "audit_cost": audit_cost,
        "replicates": replicates, "seed": seed, "workers": workers,
    }  # fmt: skip
    result = job.plan(world, strategy, Target(width, power), out, settings)
    if json:
        show(job.answer_table(result), json)
    else:
        show(result.sizes, json, title="sizes that were simulated")
        show(result.assurance, json, title="studies in plausible worlds")
        sys.stdout.write(job.summarize(result))
    if out is not None:
        sys.stderr.write(f"Wrote {', '.join(job.FILES)} into {out}\n")
    if not result.holds:
        raise typer.Exit(1)
