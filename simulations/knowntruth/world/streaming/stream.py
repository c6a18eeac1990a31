"""Stream: simulate any number of sessions into a folder of Parquet files, in flat memory, on any number of workers.

People are numbered, and part ``k`` holds the interactive sessions of ``people`` of them from ``k * people`` on, as
many parts as the requested sessions need, the last one cut. The rows, in the order of the parts, are those of
`simulate`; the size of parts, and which worker simulates them when, changes no byte.

    stream(load("published"), 40_000_000, "many", seed=1)              # one process per core
    stream(load("published"), 40_000_000, "many", seed=1, cluster="tcp://scheduler:8786")

First the sessions of each part are counted, which takes a tenth of the time. Then the manifest and the parts are
written. A run that was interrupted or killed resumes where it stopped when it is called again.
"""

import math
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from knowntruth.common.errors import InputError
from knowntruth.common.progress import Progress, no_progress
from knowntruth.common.seeds import MAX_SEED
from knowntruth.datasets.storage.files import GRAPH, sha256, write_text
from knowntruth.world.definition.world import World
from knowntruth.world.graphs.derive import acting_graph
from knowntruth.world.graphs.files import node_link
from knowntruth.world.running.sampling import MAX_PEOPLE_WITHOUT_SESSIONS
from knowntruth.world.streaming import folder as folders
from knowntruth.world.streaming.part import Part, count, versions, write
from knowntruth.world.streaming.recipe import Recipe, recipe
from knowntruth.world.streaming.workers import run_jobs, workers_for

PEOPLE: Final = 65_536
"""People per part: about 110,000 sessions and 34 MB of a world like the published one."""

MIN_PEOPLE_PER_PART: Final = 1000
MAX_PEOPLE_PER_PART: Final = 10_000_000
"""Limits of the number of people per part."""

MAX_PEOPLE: Final = 2**32
"""Number of people that the keyed noise can distinguish (32 bits)."""

COUNTING_SHARE: Final = 0.1
"""Share of the run time that counting takes."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """A finished stream: its sessions and parts, of which ``kept`` existed before."""

    folder: Path
    sessions: int
    parts: int
    kept: int


def stream(
    world: World,
    sessions: int,
    folder: Path | str,
    *,
    seed: int,
    workers: int | None = None,
    cluster: str | None = None,
    people: int = PEOPLE,
    progress: Progress | None = None,
) -> Streamed:
    """Simulate ``sessions`` interactive sessions of a world into a folder, or resume an unfinished run there.

    Parameters
    ----------
    workers
        Processes on this machine; one per core by default.
    cluster
        Address of a Dask scheduler, in place of ``workers``; its workers must see ``folder`` under the same path.
    people
        Number of people per part, from 1,000 to 10,000,000.
    progress
        Called after each part.

    Raises
    ------
    InputError
        If a number is impossible, the world has no interactive sessions, the folder cannot be written or holds
        something else, or the cluster cannot be reached.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     streamed = stream(kt.load_world("null"), 100, f"{place}/many", seed=1, workers=1)
    >>> streamed.sessions
    100
    """
    _check(sessions, seed, workers, cluster, people)
    folder = Path(folder).resolve()
    recipe_ = recipe(world, seed)
    run = {**recipe_.described(), "sessions": sessions, "people_in_a_part": people, "versions": versions()}
    rows = folders.rows_of_earlier_run(folder, run, recipe_)
    folders.prepare(folder, sessions)
    report = progress or no_progress
    with ExitStack() as stack:
        at_once = stack.enter_context(workers_for(recipe_, workers, cluster))
        rows = rows or _counted(recipe_, sessions, people, at_once, report)
        folders.begin(folder, run, rows)
        stack.callback(folders.remove_leftovers, folder)
        parts = [Part(number, people, n) for number, n in enumerate(rows)]
        write_text(folder / GRAPH, node_link(acting_graph(world)))
        hashes, kept = _written(recipe_, parts, folder, report)
        hashes[GRAPH] = sha256(folder / GRAPH)
        folders.finish(folder, run, rows, hashes)
    return Streamed(folder, sessions, len(rows), kept)


def _counted(recipe: Recipe, sessions: int, people: int, at_once: int, report: Progress) -> list[int]:
    """Return the rows of each part, which add up to the requested sessions."""
    rows: list[int] = []
    more = min(at_once, math.ceil(sessions / people))
    while (total := sum(rows)) < sessions:
        _check_people((len(rows) + more) * people, total, sessions)
        report("counting", COUNTING_SHARE * total / sessions)
        jobs = [(recipe, number, people) for number in range(len(rows), len(rows) + more)]
        rows += [n for _, n in sorted(run_jobs(count, jobs))]
        found = sum(rows)
        more = math.ceil(len(rows) * (sessions - found) / found) if found else at_once
    while sum(rows) - rows[-1] >= sessions:
        rows.pop()
    return [*rows[:-1], rows[-1] - (sum(rows) - sessions)]


def _written(recipe: Recipe, parts: list[Part], folder: Path, report: Progress) -> tuple[dict[str, str], int]:
    """Write the parts; return the hash of every file, and how many parts existed before."""
    hashes: dict[str, str] = {}
    done, kept, sessions = 0, 0, sum(part.rows for part in parts)
    report(f"0 of {sessions:,}", COUNTING_SHARE)
    for written in run_jobs(write, [(recipe, part, folder) for part in parts]):
        hashes |= written.hashes
        kept += written.kept
        done += written.part.rows
        report(f"{done:,} of {sessions:,}", COUNTING_SHARE + (1 - COUNTING_SHARE) * done / sessions)
    return hashes, kept


def _check(sessions: int, seed: int, workers: int | None, cluster: str | None, people: int) -> None:
    if sessions < 1:
        raise InputError(f"sessions must be 1 or more, got {sessions}")
    if not 0 <= seed <= MAX_SEED:
        raise InputError(f"seed must be a whole number from 0 to 2**64 - 1, got {seed}")
    if workers is not None and workers < 1:
        raise InputError(f"workers must be 1 or more, got {workers}")
    if workers is not None and cluster is not None:
        raise InputError(
            "--workers and --cluster exclude each other: the first runs on this machine, the second on a Dask cluster"
        )
    if not MIN_PEOPLE_PER_PART <= people <= MAX_PEOPLE_PER_PART:
        raise InputError(
            f"people in a part must be from {MIN_PEOPLE_PER_PART:,} to {MAX_PEOPLE_PER_PART:,}, got {people}"
        )


def _check_people(people: int, found: int, sessions: int) -> None:
    if people > MAX_PEOPLE or (people > MAX_PEOPLE_WITHOUT_SESSIONS and found == 0):
        raise InputError(
            f"this world's people have hardly any interactive sessions, so {sessions:,} cannot be sampled; "
            "ask for fewer, or turn surface_used.headless down"
        )
