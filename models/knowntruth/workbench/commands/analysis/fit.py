"""``knowntruth fit``: a Bayesian model of sessions, simulated or your own."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from knowntruth.bayes.samplers.settings import SamplerChoice
from knowntruth.workbench.terminal import exit_codes
from knowntruth.workbench.terminal.options import Json, Out, Seed, split_names
from knowntruth.workbench.terminal.print_table import show

SHOWN: Final = ["estimand", "contrast", "mean", "lower", "upper"]
TRUTH_COLUMNS: Final = ["value", "holds"]


def fit(
    data: Annotated[
        Path,
        typer.Argument(metavar="DATA", help="Parquet, Arrow or CSV with the observed columns, or a folder of such."),
    ],
    model: Annotated[
        str,
        typer.Option(metavar="NAME", help="activity, verified_success, joint, measurement or hidden_confounder."),
    ] = "joint",
    priors: Annotated[
        str, typer.Option(metavar="NAME|PATH", help="weak, published or sceptical, or a TOML file.")
    ] = "weak",
    covariates: Annotated[
        str, typer.Option(metavar="A,B", help="Columns to adjust for; '' for none.")
    ] = "user_occupation,mode,value_band,month",
    treatment: Annotated[str, typer.Option(metavar="COLUMN", help="Expertise, levels 1-5.")] = "rated_expertise",
    coding: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Coding expertise, levels 1-5, if the data have it.")
    ] = None,
    validation: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Sessions with known true level, for the model measurement.")
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="True effects to compare with: estimand, contrast, value, mcse."),
    ] = None,
    draws: Annotated[int, typer.Option(metavar="N", min=4, help="Draws in each of four chains.")] = 1000,
    sampler: Annotated[
        SamplerChoice,
        typer.Option(metavar="NAME", help="auto, nutpie, surrogate (fast for many sessions), laplace (rough), pymc."),
    ] = "auto",
    target_accept: Annotated[
        float, typer.Option(metavar="SHARE", help="Acceptance rate of the sampler; raise it if trajectories diverge.")
    ] = 0.9,
    seed: Seed = 1,
    out: Out = Path("fit"),
    json: Json = False,
) -> None:
    """Fit a Bayesian model to sessions and estimate the effect of expertise.

    The data may be your own logs: one row per session, with the columns of the
    schema that the model needs. The estimate adjusts for the given covariates
    and for nothing else, apart from what the model's priors add.

    activity and verified_success explain one outcome each. joint explains
    both, with user effects. measurement treats the rating as a noisy measurement,
    possibly with a halo effect; hidden_confounder puts
    priors on a hidden cause.

    [bold]Examples[/bold]

      knowntruth simulate confounded --sessions 5000 --out sim

      knowntruth fit sim --model joint --priors sceptical

      knowntruth fit ours.csv --model measurement --validation audit.csv --covariates mode,month

    Exit code 0, or 1 if a diagnostic of the sampler failed: the posterior
    must then not be used.
    """
    from knowntruth.workbench.jobs.analysis import fit as job

    effort = draws, sampler, target_accept
    request = job.FitRequest(
        data, model, priors, split_names(covariates), treatment, coding, validation, truth, seed, *effort
    )
    result = job.fit(request, out)
    effects = result.tables["effects"]
    show(effects if json else effects[[*SHOWN, *(n for n in TRUTH_COLUMNS if n in effects)]], json, title="Effects")
    sys.stderr.write(f"Wrote {out}\n")
    for row in result.failed.itertuples():
        sys.stderr.write(f"knowntruth: {row.quantity} of {row.parameter} is {row.value:.4g}: {row.advice}\n")
    if len(result.failed):
        raise typer.Exit(exit_codes.NO)
