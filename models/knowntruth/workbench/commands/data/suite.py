"""``knowntruth suite``: a fixed set of datasets that everybody can make, and how the built-in strategies fare."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from knowntruth.common.errors import InputError
from knowntruth.workbench.terminal.exit_codes import NO
from knowntruth.workbench.terminal.options import Json, listed
from knowntruth.workbench.terminal.print_table import show

if TYPE_CHECKING:
    import pandas as pd


def suite(
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the datasets, or the leaderboard.")] = None,
    leaderboard: Annotated[
        bool, typer.Option("--leaderboard", help="Put the built-in strategies to the suite and grade them; minutes.")
    ] = False,
    only: Annotated[str | None, typer.Option(metavar="A,B", help="Worlds of the suite; all by default.")] = None,
    strategies: Annotated[
        str | None, typer.Option(metavar="A,B", help="Strategies on the leaderboard; all by default.")
    ] = None,
    json: Json = False,
) -> None:
    """Make the benchmark suite anew from its seeds, and check every hash.

    A fixed, versioned set of datasets across worlds and sizes. It ends with 1
    if any comes out other than committed: scores would not be comparable.

    With --out, the datasets are written, with a form for estimates of your
    own; `knowntruth score FORM --sealed DIR/answers` grades it. With
    --leaderboard the built-in strategies are graded in the same way: error,
    coverage and interval score, each with its Monte Carlo error.

    [bold]Examples[/bold]

      knowntruth suite

      knowntruth suite --out benchmark

      knowntruth suite --leaderboard --only null,confounded --strategies naive,published
    """
    from knowntruth.workbench.jobs.data import suite as suites

    worlds = None if only is None else listed(only)
    if leaderboard:
        table = suites.led(worlds, None if strategies is None else listed(strategies), out)
        _show_board(table, json)
        return
    if strategies is not None:
        raise InputError("--strategies says who is on the leaderboard; add --leaderboard, or leave it out")
    rows = suites.made(worlds, out)
    show(rows, json, title="The benchmark suite")
    changed = int((~rows["same"]).sum())
    verdict = f"{changed} of them differ from" if changed else "all are"
    sys.stderr.write(f"{len(rows)} datasets made, {verdict} what was committed\n")
    if changed:
        raise typer.Exit(NO)


def _show_board(table: "pd.DataFrame", json: bool) -> None:
    if json:
        show(table, json)
        return
    from knowntruth.workbench.jobs.data import suite as suites

    for (estimand, unit), rows in table.groupby(["estimand", "unit"], sort=False):
        title = f"{estimand}, errors in {unit}; after ± the Monte Carlo error"
        show(suites.short(rows).drop(columns=["estimand", "unit"]), json, title=title)
