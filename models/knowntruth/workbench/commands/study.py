"""``knowntruth study``: the whole study on one world."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from knowntruth.workbench.terminal import exit_codes
from knowntruth.workbench.terminal.options import (
    DEFAULT_SESSIONS,
    Full,
    Json,
    Out,
    Perfect,
    Seed,
    at_least,
    resolve_size,
)
from knowntruth.workbench.terminal.print_table import show

MIN_SESSIONS: Final = 1000
"""The same as `jobs.study.MIN_SESSIONS`, copied so that ``--help`` does not load the job; a test compares them."""


def study(
    world: Annotated[str, typer.Option(metavar="NAME|PATH", help="A world's name or a TOML file.")] = "published",
    sessions: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=at_least(MIN_SESSIONS),
            show_default=f"{DEFAULT_SESSIONS:,}",
            help=f"How many; at least {MIN_SESSIONS:,}.",
        ),
    ] = None,
    full: Full = False,
    seed: Seed = 1,
    out: Out = Path("study"),
    perfect_instruments: Perfect = False,
    json: Json = False,
) -> None:
    """Run the whole study on one world and write the report.

    Simulates, computes the study's tables, fits the Bayesian models, runs
    the causal checks, and compares every answer with the truth. Takes one or
    two minutes on two cores, --full five to ten.

    [bold]Examples[/bold]

      knowntruth study

      knowntruth study --world confounded --out confounded

      knowntruth study --world null --perfect-instruments --seed 7 --out null-perfect

    Exit code 0, or 1 if a diagnostic of the sampler failed: the posterior
    must then not be used.
    """
    from knowntruth.workbench.jobs import study as job

    results = job.study(
        world, resolve_size(sessions, full), seed=seed, out=out, perfect_instruments=perfect_instruments
    )
    show(results.claims[["claim", "unit", "published", "seen", "perfect", "true"]], json, title="Claims")
    sys.stderr.write(f"\nOpen {out / 'report.html'}\n")
    if results.bayes.failed:
        sys.stderr.write(
            "knowntruth: a diagnostic of the sampler failed; see the report before using the posterior\n"
        )
        raise typer.Exit(exit_codes.NO)
