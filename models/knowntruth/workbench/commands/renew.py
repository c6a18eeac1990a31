"""``knowntruth renew``: which stored results are stale, and their computation."""

import sys
from typing import Annotated

import typer

from knowntruth.workbench.terminal.options import Json
from knowntruth.workbench.terminal.print_table import show


def renew(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Stored results to compute again, fresh or stale.")
    ] = None,
    all_stale: Annotated[bool, typer.Option("--all", help="Compute every stale result again.")] = False,
    accept: Annotated[
        bool, typer.Option("--accept", help="Record the named results as fresh without computing them.")
    ] = False,
    json: Json = False,
) -> None:
    """List what is stored and stale, or compute it again.

    Hashes of the suite, scorecard, bounds, the calibration's record, the
    notebooks' outputs, and the README's table and picture depend on worlds
    and on the code. Without a name, each is listed as fresh or stale, with
    what has changed since it was computed and the minutes that it takes.

    [bold]Examples[/bold]

      knowntruth renew

      knowntruth renew readme suite

      knowntruth renew --all

    For a clone of the repository. Use --accept only if you know that a change
    moves no number, as that of a comment in a notebook.
    """
    from knowntruth.workbench.jobs import renew as renewal

    chosen = tuple(names or ()) + (renewal.stale() if all_stale else ())
    if accept:
        renewal.accept(chosen)
    else:
        renewal.renew(chosen)
    rows = renewal.state(chosen)
    show(rows if json else rows[["stored", "state", "changed", "minutes"]], json, title="Stored results")
    stale = rows[rows["state"].eq("stale")]
    if len(stale):
        sys.stderr.write(
            f"{len(stale)} stale, {stale['minutes'].sum():,.0f} minutes to compute; "
            f"knowntruth renew {' '.join(stale['stored'])}\n"
        )
