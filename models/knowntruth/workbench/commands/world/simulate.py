"""``knowntruth simulate``: sessions of a world, what is seen and what is true apart."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from knowntruth.common.errors import InputError
from knowntruth.workbench.terminal.options import Full, Perfect, Seed, Sessions, World, size_asked

STREAMED_ABOVE: Final = 1_000_000
"""More sessions than this are written part by part, for they would fill the memory."""


def simulate(
    world: World,
    sessions: Sessions = None,
    full: Full = False,
    seed: Seed = 1,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the tables.")] = Path("simulated"),
    perfect_instruments: Perfect = False,
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Write in parts, made by so many processes.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Write in parts, made on a Dask cluster: tcp://host:8786.")
    ] = None,
) -> None:
    """Simulate sessions of a world and write what is seen and what is true, apart.

    More than a million sessions are written in parts, by one process a core
    if nothing else is said, in flat memory; the rows are the same. Interrupt
    it, or let it be killed: the same command goes on from there.

    [bold]Examples[/bold]

      knowntruth simulate published

      knowntruth simulate my_world.toml --sessions 5000 --seed 3 --out mine

      knowntruth simulate published --sessions 40_000_000 --out many
    """
    from knowntruth.workbench.jobs.world import simulate as jobs

    size = size_asked(sessions, full)
    in_parts = workers is not None or cluster is not None
    if size is None and in_parts:
        raise InputError("--full is written at once, in seconds; leave out --workers and --cluster")
    if size is not None and (in_parts or size > STREAMED_ABOVE):
        done = jobs.streamed(world, size, seed=seed, out=out, perfect_instruments=perfect_instruments,
                             workers=workers, cluster=cluster)  # fmt: skip
        parts = f"{done.parts:,} part{'s' * (done.parts > 1)}"
        before = f", {done.kept:,} of them there before" if done.kept else ""
        sys.stderr.write(f"Wrote {out / 'observed'} and {out / 'truth'} in {parts}{before}\n")
        return
    jobs.simulated(world, size, seed=seed, out=out, perfect_instruments=perfect_instruments)
    sys.stderr.write(f"Wrote {out / 'observed.parquet'} and {out / 'truth.parquet'}\n")
