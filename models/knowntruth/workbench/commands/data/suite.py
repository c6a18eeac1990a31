"""``knowntruth suite``: a fixed set of reproducible datasets, and the scores of the built-in strategies."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from knowntruth.common.errors import InputError
from knowntruth.workbench.terminal.exit_codes import NO
from knowntruth.workbench.terminal.options import Json, split_names
from knowntruth.workbench.terminal.print_table import show

if TYPE_CHECKING:
    import pandas as pd


def suite(
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the datasets, or the leaderboard.")] = None,
    leaderboard: Annotated[
        bool,
        typer.Option(
            "--leaderboard", help="Apply the built-in strategies to the suite and grade them; takes minutes."
        ),
    ] = False,
    only: Annotated[str | None, typer.Option(metavar="A,B", help="Worlds of the suite; all by default.")] = None,
    strategies: Annotated[
        str | None, typer.Option(metavar="A,B", help="Strategies on the leaderboard; all by default.")
    ] = None,
    json: Json = False,
) -> None:
    """Rebuild the benchmark suite from its seeds, and check every hash.

    A fixed, versioned set of datasets across worlds and sizes. Exit code 1 if
    a dataset differs from the published hash: scores would not be comparable.

    With --out, the datasets are written, with a form for your own estimates;
    `knowntruth score FORM --sealed DIR/answers` grades it. With --leaderboard
    the built-in strategies are graded in the same way: error, coverage and
    interval score, each with its Monte Carlo error.

    [bold]Examples[/bold]

      knowntruth suite

      knowntruth suite --out benchmark

      knowntruth suite --leaderboard --only null,confounded --strategies naive,published
    """
    from knowntruth.workbench.jobs.data import suite as job

    worlds = None if only is None else split_names(only)
    if leaderboard:
        table = job.rank_strategies(worlds, None if strategies is None else split_names(strategies), out)
        _show_board(table, json)
        return
    if strategies is not None:
        raise InputError(
            "--strategies selects those on the leaderboard; add --leaderboard, or leave --strategies out"
        )
    rows = job.rebuild(worlds, out)
    show(rows, json, title="The benchmark suite")
    changed = int((~rows["same"]).sum())
    verdict = f"{changed} differ from their" if changed else "all match their"
    sys.stderr.write(f"{len(rows)} datasets rebuilt, {verdict} published hashes\n")
    if changed:
        raise typer.Exit(NO)


def _show_board(table: "pd.DataFrame", json: bool) -> None:
    if json:
        show(table, json)
        return
    from knowntruth.workbench.jobs.data import suite as job

    for (estimand, unit), rows in table.groupby(["estimand", "unit"], sort=False):
        title = f"{estimand}, errors in {unit}; ± Monte Carlo error"
        show(job.summary_table(rows).drop(columns=["estimand", "unit"]), json, title=title)
