"""``knowntruth diagnose``: which strategy survives which world."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from knowntruth.workbench.terminal.options import Json, Seed, Workers, at_least
from knowntruth.workbench.terminal.print_table import show

MIN_SESSIONS: Final = 100
"""With fewer sessions there are hardly any novices, and every strategy fails."""

DEFAULT_SESSIONS: Final = 5000
DEFAULT_REPLICATES: Final = 100


def diagnose(
    worlds: Annotated[list[str], typer.Argument(metavar="WORLD…", help="Worlds by name, TOML file, or `all`.")],
    strategies: Annotated[
        str | None, typer.Option(metavar="A,B", help="Strategies by name, or `all`; eight fast ones by default.")
    ] = None,
    estimands: Annotated[
        str, typer.Option(metavar="A,B", help="Effects to estimate.")
    ] = "activity_ratio,verified_difference",
    replicates: Annotated[int, typer.Option(metavar="R", min=1, help="Datasets of each world.")] = DEFAULT_REPLICATES,
    sessions: Annotated[
        int, typer.Option(metavar="N", parser=at_least(MIN_SESSIONS), help="Sessions of each dataset.")
    ] = DEFAULT_SESSIONS,
    audited: Annotated[
        int,
        typer.Option(
            metavar="M", min=0, help="Sessions with known true level, for strategies that use a validation sample."
        ),
    ] = 0,
    by: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Also diagnose each group: mode, user_occupation, month.")
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=A,B", help="Try several values: sessions, audited, ability, or any dial."),
    ] = None,
    mcse: Annotated[
        str | None,
        typer.Option(metavar="NAME=E", help="Target Monte Carlo errors; reports how many replicates they need."),
    ] = None,
    seed: Seed = 1,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for all replicates; a later run continues there.")
    ] = None,
    workers: Workers = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Run on a Dask cluster: tcp://host:8786.")
    ] = None,
    json: Json = False,
) -> None:
    """Find out which strategy survives which world.

    Simulates each world many times, applies every strategy to every dataset,
    and reports bias, coverage, power and more, each with its Monte Carlo
    error. With --out an interrupted run continues where it stopped, more
    --replicates extend an earlier run, and report.html is the map: every
    world and strategy, a ranking, and a page for each pair on what went
    wrong.

    [bold]Examples[/bold]

      knowntruth diagnose published confounded halo null --out survived

      knowntruth diagnose null --strategies naive,published --mcse bias=0.002

      knowntruth diagnose published --vary sessions=1000,5000,20000 --out power

      knowntruth diagnose null --vary rated_expertise.halo=0,0.5,1

      knowntruth diagnose published --by mode --strategies naive,published

      knowntruth diagnose published --strategies published,bayes_weak
    """
    from knowntruth.workbench.jobs.design import diagnose as job

    wanted = job.parse_target_errors(mcse)
    run = job.diagnose(
        worlds, strategies, estimands, replicates, sessions, audited=audited, by=by, vary=vary or (), seed=seed,
        out=out, workers=workers, cluster=cluster,
    )  # fmt: skip
    if json:
        show(run.diagnosis(), json)
    else:
        for name, table in job.tables(run).items():
            show(table, json, title=f"{name.replace('_', ' ')}; ± Monte Carlo error")
    sys.stderr.write(job.summarize(run, wanted))
