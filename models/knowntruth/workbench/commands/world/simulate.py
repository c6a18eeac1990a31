"""``knowntruth simulate``: a world's sessions, with observed and true columns in separate files."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from knowntruth.common.errors import InputError
from knowntruth.workbench.terminal.options import Full, Perfect, Seed, Sessions, World, resolve_size

STREAMED_ABOVE: Final = 1_000_000
"""More sessions than this are written in parts, because they would fill the memory."""


def simulate(
    world: World,
    sessions: Sessions = None,
    full: Full = False,
    seed: Seed = 1,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the tables.")] = Path("simulated"),
    perfect_instruments: Perfect = False,
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Write in parts, with this many processes.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Write in parts, on a Dask cluster: tcp://host:8786.")
    ] = None,
) -> None:
    """Simulate sessions of a world: observed and true columns in separate files.

    More than a million sessions are written in parts, by one process per core
    by default, in constant memory; the rows are the same. After an interrupt
    the same command continues where it stopped.

    [bold]Examples[/bold]

      knowntruth simulate published

      knowntruth simulate my_world.toml --sessions 5000 --seed 3 --out mine

      knowntruth simulate published --sessions 40_000_000 --out many
    """
    from knowntruth.workbench.jobs.world import simulate as job

    size = resolve_size(sessions, full)
    in_parts = workers is not None or cluster is not None
    if size is None and in_parts:
        raise InputError("--full takes seconds and is not written in parts; leave out --workers and --cluster")
    if size is not None and (in_parts or size > STREAMED_ABOVE):
        result = job.stream(world, size, seed=seed, out=out, perfect_instruments=perfect_instruments,
                             workers=workers, cluster=cluster)  # fmt: skip
        parts = f"{result.parts:,} part{'s' * (result.parts > 1)}"
        before = f", {result.kept:,} of them from an earlier run" if result.kept else ""
        sys.stderr.write(f"Wrote {out / 'observed'} and {out / 'truth'} in {parts}{before}\n")
        return
    job.simulate(world, size, seed=seed, out=out, perfect_instruments=perfect_instruments)
    sys.stderr.write(f"Wrote {out / 'observed.parquet'} and {out / 'truth.parquet'}\n")
