"""``knowntruth release``: tables that may be published when no row may."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from knowntruth.workbench.terminal.options import Json, split_names
from knowntruth.workbench.terminal.print_table import show


def release(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="A file or folder with the observed schema.")],
    by: Annotated[str, typer.Option(metavar="A,B,…", help="Columns to group by, with all their margins.")],
    min_users: Annotated[int, typer.Option(metavar="K", help="Distinct users that a cell needs; 2 or more.")] = 20,
    round_to: Annotated[
        int | None, typer.Option("--round", metavar="N", help="Round to multiples of N; exact numbers by default.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the release.")] = Path("release"),
    json: Json = False,
) -> None:
    """Release cells with enough users only; one release withstands differencing.

    A cell or margin is released if it has at least K distinct users. Other
    cells are suppressed too where they would reveal a small one. Before
    anything is written the release is attacked: given all released numbers,
    every suppressed cell must remain uncertain by at least K users.

    Keys (user_id, session_id) are never released. With --round, margins are
    sums of rounded cells, so they do not reveal the exact numbers.

    [bold]Examples[/bold]

      knowntruth release study --by occupation,month --min-users 20

      knowntruth release ours.parquet --by mode,month --round 10 --out cells
    """
    from knowntruth.workbench.jobs.data import release as job

    result = job.release(data, split_names(by), min_users=min_users, to=round_to, out=out)
    summary = result.summary
    shown = result.table if json else job.one_way_margins(result.table, summary["by"])
    show(shown, json, title=f"Released by {' × '.join(summary['by'])}")
    sys.stderr.write(
        f"{summary['cells_suppressed']:,} of {summary['cells']:,} cells are suppressed, with "
        f"{100 * summary['share_of_sessions_suppressed']:.1f}% of the sessions; the attack on the release failed\n"
        f"Wrote {out / 'release.csv'}\n"
    )
