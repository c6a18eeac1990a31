"""The job of ``knowntruth simulate``: a world's sessions, with observed and true columns in separate files."""

from pathlib import Path

from knowntruth.datasets.storage.files import GRAPH, output_folder, write_parquet, write_text
from knowntruth.workbench.results import manifest
from knowntruth.workbench.results.study_results import size_and_users
from knowntruth.workbench.terminal.exit_codes import Stopped
from knowntruth.workbench.terminal.progress import Steps
from knowntruth.world.definition.world import World, load
from knowntruth.world.graphs import files
from knowntruth.world.simulate import Dataset
from knowntruth.world.simulate import simulate as simulate_world
from knowntruth.world.streaming.stream import Streamed
from knowntruth.world.streaming.stream import stream as stream_world


def simulate(world: str, sessions: int | None, *, seed: int, out: Path, perfect_instruments: bool) -> Dataset:
    """Simulate a world and write both tables and its graph; ``sessions`` is None for the published size."""
    loaded = _load(world, perfect_instruments)
    size, users = size_and_users(sessions)
    head = manifest.head(loaded, size, users, seed, perfect_instruments=perfect_instruments)
    with output_folder(out, "simulate", head) as folder:
        dataset = simulate_world(loaded, size, users=users, seed=seed)
        write_parquet(folder / "observed.parquet", dataset.observed)
        write_parquet(folder / "truth.parquet", dataset.truth)
        write_text(folder / GRAPH, files.node_link(dataset.graph))
    return dataset


def stream(
    world: str,
    sessions: int,
    *,
    seed: int,
    out: Path,
    perfect_instruments: bool,
    workers: int | None,
    cluster: str | None,
) -> Streamed:
    """Simulate any number of sessions into a folder of parts, or continue a run that was interrupted there."""
    loaded = _load(world, perfect_instruments)
    label = f"Simulating {sessions:,} sessions into {out}"
    with Steps({"simulate": 1}) as steps, steps.step("simulate", label) as advance:
        try:
            return stream_world(loaded, sessions, out, seed=seed, workers=workers, cluster=cluster, progress=advance)
        except (Stopped, KeyboardInterrupt) as end:
            end.add_note(f"what is complete in {out} stays, and the same command continues from there")
            raise


def _load(world: str, perfect_instruments: bool) -> World:
    loaded = load(world)
    return loaded.with_perfect_instruments() if perfect_instruments else loaded
