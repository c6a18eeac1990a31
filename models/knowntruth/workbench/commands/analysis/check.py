"""``knowntruth check``: the causal checks of sessions, or of a world in which the right verdicts are known."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from knowntruth.common.errors import InputError
from knowntruth.workbench.terminal import exit_codes
from knowntruth.workbench.terminal.options import DEFAULT_SESSIONS, Json, Seed, at_least, split_names
from knowntruth.workbench.terminal.print_table import show

if TYPE_CHECKING:
    import pandas as pd

MIN_SESSIONS: Final = 1000
COLUMNS: Final = ["name", "value", "lower", "upper", "verdict"]
TRUTH_COLUMNS: Final = ["should", "right"]
REASONS: Final = ["name", "note"]
ALARM: Final = "alarm"


def check(
    data: Annotated[
        Path | None,
        typer.Argument(metavar="DATA", help="Parquet, Arrow or CSV with the observed columns, or a folder of such."),
    ] = None,
    world: Annotated[
        str | None, typer.Option(metavar="NAME|PATH", help="A world instead of data; its truth is shown too.")
    ] = None,
    sessions: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=at_least(MIN_SESSIONS),
            show_default=f"{DEFAULT_SESSIONS:,}",
            help=f"Sessions of the world; at least {MIN_SESSIONS:,}.",
        ),
    ] = None,
    graph: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The causal graph: GML, DOT, dagitty or JSON; by default graph.json next to the data.",
        ),
    ] = None,
    treatment: Annotated[str, typer.Option(metavar="COLUMN", help="The treatment.")] = "rated_expertise",
    outcome: Annotated[
        str, typer.Option(metavar="A,B", help="The outcomes.")
    ] = "actions_per_prompt,verified_success",
    adjust: Annotated[
        str, typer.Option(metavar="A,B", help="Your adjustment set; reports whether it is valid by the graph.")
    ] = "",
    seed: Seed = 1,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write tables and the picture of sensitivity.")
    ] = None,
    json: Json = False,
) -> None:
    """Check whether an effect is identified, and whether its estimate is robust.

    Identifies the effect by the graph, estimates it, tries to refute it, tests
    the graph itself, and reports how strong a hidden cause would have to be.
    For a world, where the hidden causes are known, each verdict is compared
    with the one that the check should have given.

    [bold]Examples[/bold]

      knowntruth simulate confounded --out sim

      knowntruth check sim --adjust month,mode,value_band

      knowntruth check ours.csv --graph ours.dag --outcome verified_success

      knowntruth check --world confounded --out checked

    Exit code 0, or 1 if a check raised an alarm.
    """
    if (data is None) == (world is None):
        raise InputError("give DATA, or --world NAME instead")
    if data is not None and sessions is not None:
        raise InputError("--sessions is the size of a simulated world; leave it out with DATA")
    from knowntruth.workbench.jobs.analysis import check as job

    request = job.CheckRequest(treatment, split_names(outcome), split_names(adjust), graph, seed)
    results = job.check(data, world, sessions or DEFAULT_SESSIONS, request, out)
    if json:
        show(results.checks, json)
    else:
        _show(results.checks, results.residual.known)
    where = f"; see {out / 'contour.png'} and the tables in the same folder" if out else ""
    if not json:
        where += f"; {'checks.csv' if out else '--json'} shows the unit, rule, null and false-alarm rate of each"
    sys.stderr.write(f"{results.alarms} of {len(results.checks)} checks raised an alarm{where}\n")
    if results.alarms:
        raise typer.Exit(exit_codes.NO)


def _show(checks: "pd.DataFrame", known: "pd.DataFrame | None") -> None:
    """Print the checks of each outcome, the reasons of alarms, and what is known of the bias."""
    columns = [*COLUMNS, *(name for name in TRUTH_COLUMNS if name in checks)]
    for outcome, rows in checks.groupby("outcome", sort=False):
        show(rows[columns], json=False, title=f"Checks: {outcome}")
        alarms = rows[rows["verdict"].eq(ALARM)]
        if len(alarms):
            show(alarms[REASONS], json=False, title=f"\nAlarms: {outcome}")
        if known is not None:
            biases = known[known["outcome"].eq(outcome)].drop(columns=["outcome", "says"])
            show(biases, json=False, title=f"\nTrue effect and bias: {outcome}")
        exit_codes.print_text("\n")
