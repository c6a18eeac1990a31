"""``knowntruth release``: what may leave when no row may."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from knowntruth.workbench.terminal.options import Json, listed
from knowntruth.workbench.terminal.print_table import show


def release(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="A file or folder with the observed schema.")],
    by: Annotated[str, typer.Option(metavar="A,B,…", help="Columns to group by, with all their margins.")],
    min_users: Annotated[int, typer.Option(metavar="K", help="Distinct users that a cell needs; 2 or more.")] = 20,
    round_to: Annotated[
        int | None, typer.Option("--round", metavar="N", help="Round to multiples of N; exact numbers if left out.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the release.")] = Path("release"),
    json: Json = False,
) -> None:
    """Release cells of many users only, safe against differencing.

    Numbers of every cell and margin leave if at least K distinct users stand
    behind them. Others stay where they would give a small cell away, and the
    release is attacked before anything is written: every cell that stays
    must be in doubt by at least K users, for somebody who has all the rest.

    Keys (user_id, session_id) never leave. With --round, margins are sums of
    rounded cells, so they cannot be used to sharpen them.

    [bold]Examples[/bold]

      knowntruth release study --by occupation,month --min-users 20

      knowntruth release ours.parquet --by mode,month --round 10 --out cells
    """
    from knowntruth.workbench.jobs.data import release as releases

    released = releases.released(data, listed(by), min_users=min_users, to=round_to, out=out)
    summary = released.summary
    shown = released.table if json else releases.coarse(released.table, summary["by"])
    show(shown, json, title=f"Released by {' × '.join(summary['by'])}")
    sys.stderr.write(
        f"{summary['cells_suppressed']:,} of {summary['cells']:,} cells stay, with "
        f"{100 * summary['share_of_sessions_suppressed']:.1f}% of the sessions; the attack failed\n"
        f"Wrote {out / 'release.csv'}\n"
    )
