"""``knowntruth diagnose``: which strategy survives which world."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from knowntruth.workbench.terminal.options import Json, Seed, Workers, at_least
from knowntruth.workbench.terminal.print_table import show

MIN_DIAGNOSED: Final = 100
"""Fewer sessions have hardly any novices, and every strategy fails."""

USUAL_SESSIONS: Final = 5000
USUAL_REPLICATES: Final = 100


def diagnose(
    worlds: Annotated[list[str], typer.Argument(metavar="WORLD…", help="Worlds by name, TOML file, or `all`.")],
    strategies: Annotated[
        str | None, typer.Option(metavar="A,B", help="Strategies by name, or `all`; eight fast ones by default.")
    ] = None,
    estimands: Annotated[
        str, typer.Option(metavar="A,B", help="Effects that are asked for.")
    ] = "activity_ratio,verified_difference",
    replicates: Annotated[int, typer.Option(metavar="R", min=1, help="Datasets of each world.")] = USUAL_REPLICATES,
    sessions: Annotated[
        int, typer.Option(metavar="N", parser=at_least(MIN_DIAGNOSED), help="Sessions of each dataset.")
    ] = USUAL_SESSIONS,
    audited: Annotated[
        int, typer.Option(metavar="M", min=0, help="Sessions whose true level is found out, for who needs it.")
    ] = 0,
    by: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Ask within each group too: mode, user_occupation, month.")
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=A,B", help="Try several values: sessions, audited, ability, or any dial."),
    ] = None,
    mcse: Annotated[
        str | None,
        typer.Option(metavar="NAME=E", help="Monte Carlo errors wanted; says how many replicates it takes."),
    ] = None,
    seed: Seed = 1,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for all replicates, from where a run goes on.")
    ] = None,
    workers: Workers = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Work on a Dask cluster: tcp://host:8786.")
    ] = None,
    json: Json = False,
) -> None:
    """Find out which strategy survives which world.

    Simulates each world many times, puts every strategy to every dataset,
    and says how far each is off the truth, how often its interval holds it,
    and how often it finds anything, each with its Monte Carlo error. With
    --out a run that was interrupted goes on where it was, more --replicates
    add to those that are there, and report.html is the map: every world and
    strategy, a ranking, and a page for each pair on what went wrong.

    [bold]Examples[/bold]

      knowntruth diagnose published confounded halo null --out survived

      knowntruth diagnose null --strategies naive,published --mcse bias=0.002

      knowntruth diagnose published --vary sessions=1000,5000,20000 --out power

      knowntruth diagnose null --vary rated_expertise.halo=0,0.5,1

      knowntruth diagnose published --by mode --strategies naive,published

      knowntruth diagnose published --strategies published,bayes_weak
    """
    from knowntruth.workbench.jobs.design import diagnose as diagnosing

    wanted = diagnosing.wanted_errors(mcse)
    run = diagnosing.diagnosed(
        worlds, strategies, estimands, replicates, sessions, audited=audited, by=by, vary=vary or (), seed=seed,
        out=out, workers=workers, cluster=cluster,
    )  # fmt: skip
    if json:
        show(run.diagnosis(), json)
    else:
        for name, table in diagnosing.tables(run).items():
            show(table, json, title=f"{name.replace('_', ' ')}; after ± the Monte Carlo error")
    sys.stderr.write(diagnosing.told(run, wanted))
