"""``knowntruth check``: the causal checks of sessions, or of a world that knows what they should have said."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from knowntruth.common.errors import InputError
from knowntruth.workbench.terminal import exit_codes
from knowntruth.workbench.terminal.options import DEFAULT_SESSIONS, Json, Seed, at_least, listed
from knowntruth.workbench.terminal.print_table import show

if TYPE_CHECKING:
    import pandas as pd

MIN_CHECKED: Final = 1000
SHOWN: Final = ["name", "value", "lower", "upper", "verdict"]
BESIDE: Final = ["should", "right"]
REASONS: Final = ["name", "note"]
ALARM: Final = "alarm"


def check(
    data: Annotated[
        Path | None,
        typer.Argument(metavar="DATA", help="Parquet, Arrow or CSV with the observed columns, or a folder of such."),
    ] = None,
    world: Annotated[
        str | None, typer.Option(metavar="NAME|PATH", help="A world in the place of data: its truth is told beside.")
    ] = None,
    sessions: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=at_least(MIN_CHECKED),
            show_default=f"{DEFAULT_SESSIONS:,}",
            help=f"Of a world, how many; at least {MIN_CHECKED:,}.",
        ),
    ] = None,
    graph: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The causal graph: GML, DOT, dagitty or JSON; else graph.json by the data."
        ),
    ] = None,
    treatment: Annotated[
        str, typer.Option(metavar="COLUMN", help="What is taken for the cause.")
    ] = "rated_expertise",
    outcome: Annotated[
        str, typer.Option(metavar="A,B", help="What is taken for its effects.")
    ] = "actions_per_prompt,verified_success",
    adjust: Annotated[
        str, typer.Option(metavar="A,B", help="What you would hold, to hear what the graph says.")
    ] = "",
    seed: Seed = 1,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write tables and the picture of sensitivity.")
    ] = None,
    json: Json = False,
) -> None:
    """Ask whether an effect can be had, and whether its estimate survives.

    Identifies the effect by the graph, estimates it, tries to refute it, puts
    the graph itself to the test, and says how strong a hidden cause would
    have to be. Of a world, each verdict stands beside the one that it should
    have been, since there the hidden causes are known.

    [bold]Examples[/bold]

      knowntruth simulate confounded --out sim

      knowntruth check sim --adjust month,mode,value_band

      knowntruth check ours.csv --graph ours.dag --outcome verified_success

      knowntruth check --world confounded --out checked

    Ends with 0, or with 1 if a check raised the alarm.
    """
    if (data is None) == (world is None):
        raise InputError("give DATA, or --world NAME in its place")
    if data is not None and sessions is not None:
        raise InputError("--sessions is of a world; DATA have as many as they have")
    from knowntruth.workbench.jobs.analysis import check as checking
    from knowntruth.workbench.jobs.world import simulate

    ask = checking.Ask(treatment, listed(outcome), listed(adjust), graph, seed)
    found = simulate.checked(data, world, sessions or DEFAULT_SESSIONS, ask, out)
    if json:
        show(found.checks, json)
    else:
        _tell(found.checks, found.residual.known)
    where = f"; see {out / 'contour.png'} and the tables beside it" if out else ""
    if not json:
        where += f"; {'checks.csv' if out else '--json'} says the unit, rule, null and false alarms of each"
    sys.stderr.write(f"{found.alarms} of {len(found.checks)} checks raised the alarm{where}\n")
    if found.alarms:
        raise typer.Exit(exit_codes.NO)


def _tell(checks: "pd.DataFrame", known: "pd.DataFrame | None") -> None:
    """Show the checks of each outcome, why some of them raised the alarm, and what is known."""
    columns = [*SHOWN, *(name for name in BESIDE if name in checks)]
    for outcome, rows in checks.groupby("outcome", sort=False):
        show(rows[columns], json=False, title=f"Checks: {outcome}")
        alarms = rows[rows["verdict"].eq(ALARM)]
        if len(alarms):
            show(alarms[REASONS], json=False, title=f"\nAlarms: {outcome}")
        if known is not None:
            own = known[known["outcome"].eq(outcome)].drop(columns=["outcome", "says"])
            show(own, json=False, title=f"\nWhat is known: {outcome}")
        exit_codes.say("\n")
