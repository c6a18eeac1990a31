"""``knowntruth dataset``: a folder that other tools can read as it is."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from knowntruth.common.errors import InputError
from knowntruth.common.seeds import MAX_SEED_32
from knowntruth.workbench.terminal.options import DEFAULT_SESSIONS, Sessions, World, split_names

DEFAULT_SEED: Final = 1
DEFAULT_FORMATS: Final = "parquet,csv,arrow"


def dataset(
    world: World,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the dataset.")] = Path("dataset"),
    sessions: Sessions = None,
    seed: Annotated[
        int | None,
        typer.Option(metavar="S", min=0, max=MAX_SEED_32, show_default=str(DEFAULT_SEED),
                     help="The same seed gives the same bytes, anywhere."),
    ] = None,
    formats: Annotated[
        str, typer.Option("--format", metavar="A,B", help="Formats of the tables: parquet, csv, arrow.")
    ] = DEFAULT_FORMATS,
    hide_truth: Annotated[
        bool, typer.Option("--hide-truth", help="A blind challenge: the answers go into a separate folder.")
    ] = False,
    sealed: Annotated[
        Path | None, typer.Option(metavar="DIR", show_default="DIR.sealed", help="Folder for the answers.")
    ] = None,
) -> None:  # fmt: skip
    """Write a dataset of a world for other tools, with its truth and metadata.

    Observed rows, truth and all potential outcomes are separate files, with
    the causal graph (GML, DOT, dagitty, JSON), a codebook with unit and
    meaning of every column, Croissant and Frictionless metadata, and hashes.

    With --hide-truth, the folder holds only the observed rows. World, seed
    (a secret one) and answers go into DIR.sealed; `knowntruth score` grades
    the estimates that people submit.

    [bold]Examples[/bold]

      knowntruth dataset confounded --out confounded

      knowntruth dataset my_world.toml --sessions 5000 --seed 3 --format csv

      knowntruth dataset halo --hide-truth --out challenge
    """
    kinds = split_names(formats)
    size = DEFAULT_SESSIONS if sessions is None else sessions
    if hide_truth:
        _hidden(world, size, seed, out, kinds, sealed)
        return
    if sealed is not None:
        raise InputError("--sealed is the folder of hidden answers; add --hide-truth, or leave --sealed out")
    from knowntruth.workbench.jobs.data import dataset as job

    job.write_dataset(world, size, seed=DEFAULT_SEED if seed is None else seed, out=out, kinds=kinds)
    sys.stderr.write(f"Wrote {out}; start with {out / 'codebook.md'}\n")


def _hidden(
    world: str, sessions: int, seed: int | None, out: Path, kinds: tuple[str, ...], sealed: Path | None
) -> None:  # fmt: skip
    if seed is not None:
        raise InputError(
            "--seed with --hide-truth: with the open folder one could try seeds until the rows are the same; "
            "leave --seed out: a secret one of 64 bits is drawn and stored in the sealed folder"
        )
    from knowntruth.workbench.jobs.data import challenge

    answers = challenge.write_challenge(world, sessions, out=out, kinds=kinds, sealed=sealed)
    sys.stderr.write(f"Wrote {out}, to share, and {answers}, to keep secret: it holds the answers\n")
