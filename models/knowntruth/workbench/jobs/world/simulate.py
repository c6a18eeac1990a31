"""What the commands do, without the grammar around them."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from knowntruth.common.errors import InputError
from knowntruth.datasets.storage.files import GRAPH, output_folder, write_bytes, write_csv, write_parquet, write_text
from knowntruth.workbench.jobs import study
from knowntruth.workbench.report import write_folder as folders
from knowntruth.workbench.results import manifest
from knowntruth.workbench.results.study_results import PUBLISHED_SESSIONS, PUBLISHED_USERS, Results
from knowntruth.workbench.terminal.exit_codes import Stopped
from knowntruth.workbench.terminal.progress import Steps
from knowntruth.world import invariants
from knowntruth.world.definition.world import load
from knowntruth.world.graphs import files, layout
from knowntruth.world.graphs.derive import acting_graph
from knowntruth.world.simulate import Dataset
from knowntruth.world.simulate import simulate as simulate_world
from knowntruth.world.streaming.stream import Streamed, stream

if TYPE_CHECKING:
    import pandas as pd

    from knowntruth.workbench.jobs.analysis.check import Ask, Checked
    from knowntruth.world.definition.world import World

BYTES_A_SESSION: Final = 600
BYTES_A_STUDY: Final = 40_000_000
"""Room on the disk, generously: both tables, and the posterior, pictures and report."""


def conduct(world: str, sessions: int | None, *, seed: int, out: Path, perfect_instruments: bool) -> Results:
    """Run the main job on a world and write its folder; ``sessions`` is None for the published size."""
    plan = study.Plan(load(world), *_size(sessions), seed=seed, perfect_instruments=perfect_instruments)
    head = manifest.head(plan.world, plan.sessions, plan.users, seed, perfect_instruments=perfect_instruments,
                         draws=plan.draws, tune=plan.tune, chains=plan.chains, priors=study.PRIORS)  # fmt: skip
    with output_folder(out, "study", head) as folder:
        _check_room(folder, BYTES_A_STUDY + BYTES_A_SESSION * plan.sessions)
        with Steps(study.WEIGHTS) as steps:
            results = study.run(plan, steps)
            with steps.step("write", f"Writing into {out}"):
                folders.write(results, folder)
    return results


def simulated(world: str, sessions: int | None, *, seed: int, out: Path, perfect_instruments: bool) -> Dataset:
    """Simulate a world and write both tables and its graph; ``sessions`` is None for the published size."""
    seen: World = load(world).with_perfect_instruments() if perfect_instruments else load(world)
    size, users = _size(sessions)
    head = manifest.head(seen, size, users, seed, perfect_instruments=perfect_instruments)
    with output_folder(out, "simulate", head) as folder:
        dataset = simulate_world(seen, size, users=users, seed=seed)
        write_parquet(folder / "observed.parquet", dataset.observed)
        write_parquet(folder / "truth.parquet", dataset.truth)
        write_text(folder / GRAPH, files.node_link(dataset.graph))
    return dataset


def streamed(
    world: str, sessions: int, *, seed: int, out: Path, perfect_instruments: bool, workers: int | None,
    cluster: str | None,
) -> Streamed:  # fmt: skip
    """Simulate any number of sessions of a world into a folder of parts, or go on with what was begun there."""
    seen: World = load(world).with_perfect_instruments() if perfect_instruments else load(world)
    label = f"Simulating {sessions:,} sessions into {out}"
    with Steps({"simulate": 1}) as steps, steps.step("simulate", label) as advance:
        try:
            return stream(seen, sessions, out, seed=seed, workers=workers, cluster=cluster, progress=advance)
        except (Stopped, KeyboardInterrupt) as end:
            end.add_note(f"what is whole in {out} stays, and the same command goes on from there")
            raise


def judged(world: str, sessions: int, *, seed: int) -> "pd.DataFrame":
    """Put a world to all laws and return the answers."""
    with Steps({"laws": 1}) as steps, steps.step("laws", f"Asking the laws of {world}") as advance:
        return invariants.frame(invariants.run(load(world), sessions, seed, advance))


def checked(data: Path | None, world: str | None, sessions: int, ask: "Ask", out: Path | None) -> "Checked":
    """Run the causal checks of data or of a world, and write their tables and picture if there is a folder."""
    from knowntruth.workbench.jobs.analysis import check

    label = f"Checking {data or world}"
    with Steps({"check": 1}) as steps, steps.step("check", label) as advance:
        if data is not None:
            found = check.of_data(data, ask, advance)
        else:
            found = check.of_world(load(str(world)), sessions, ask, advance)
    if out is not None:
        source = {"data": str(data)} if data is not None else {"world": world, "sessions": sessions}
        _write_checked(found, out, {**source, "seed": ask.seed})
    return found


def _write_checked(found: "Checked", out: Path, head: dict[str, Any]) -> None:
    from knowntruth.workbench.plots.causal import contour

    with output_folder(out, "check", {**head, "versions": manifest.versions()}) as folder:
        write_csv(folder / "checks.csv", found.checks.drop(columns="seconds"))
        write_csv(folder / "routes.csv", found.routes)
        write_csv(folder / "surface.csv", found.residual.surface)
        write_csv(folder / "points.csv", found.residual.points)
        if found.residual.known is not None:
            write_csv(folder / "known.csv", found.residual.known)
        write_bytes(folder / "contour.png", contour.png(found.residual))


def drawn(world: str, out: Path, *, everything: bool) -> None:
    """Write the arrows that act in a world as picture and text: between the main variables, or all."""
    shown = load(world)
    acting = acting_graph(shown)
    head = {"world": shown.name, "all": everything, "versions": manifest.versions()}
    with output_folder(out, "graph", head) as folder:
        files.write(acting if everything else layout.main_graph(acting), folder)


def _size(sessions: int | None) -> tuple[int, int | None]:
    return (PUBLISHED_SESSIONS, PUBLISHED_USERS) if sessions is None else (sessions, None)


def _check_room(folder: Path, needed: int) -> None:
    """Refuse at once what would fail for want of disk space after minutes."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        megabytes = f"{free / 1e6:,.0f} MB free, about {needed / 1e6:,.0f} MB needed"
        raise InputError(f"cannot write {folder.parent}: the disk is full, {megabytes}; choose another --out")
