"""A part: the interactive sessions of one range of people, counted or written from the recipe.

A part is simulated in pieces of some thousand people, one row group per piece, so memory does not depend on the
number of parts or their size. Both files of a part are written atomically. A part that exists is kept, so a run
resumes where it stopped.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from knowntruth.datasets.storage.files import sha256, write_atomically
from knowntruth.world.definition.world import World
from knowntruth.world.running.partial_frame import PartialFrame, first_sessions
from knowntruth.world.running.sampling import interactive_sessions
from knowntruth.world.simulate import tables
from knowntruth.world.streaming.recipe import Recipe

TABLES: Final = ("observed", "truth")
"""The tables; each has its own folder."""

PIECE: Final = 16_384
"""People simulated at a time."""

N_FIRST_PEOPLE: Final = 64
"""Number of people that suffices to compile every loop, and to detect rows of another run."""

LIBRARIES: Final = ("knowntruth", "numba", "numpy", "pyarrow")
"""Libraries whose version can change a byte of a part."""


@dataclass(frozen=True, slots=True)
class Part:
    """Part ``number`` (from 0) of people in ranges of ``people``; ``rows`` of its sessions are in the sample."""

    number: int
    people: int
    rows: int

    def files(self, folder: Path) -> tuple[Path, ...]:
        """Return the paths of its tables."""
        return tuple(folder / table / f"part-{self.number:05d}.parquet" for table in TABLES)


@dataclass(frozen=True, slots=True)
class Written:
    """A written part: the hash of each file by its path in the folder, and whether it existed before."""

    part: Part
    hashes: dict[str, str]
    kept: bool


def count(recipe: Recipe, number: int, people: int) -> tuple[int, int]:
    """Return a part's number and how many interactive sessions its people have."""
    return number, sum(len(piece.frame.owner) for piece in _pieces(recipe.world(), recipe.seed, number, people))


def write(recipe: Recipe, part: Part, folder: Path) -> Written:
    """Write a part into a folder, unless it exists.

    Raises
    ------
    InputError
        When the file system refuses.
    """
    kept = is_written(part, folder)
    if not kept:
        _write(recipe, part, folder)
    hashes = {path.relative_to(folder).as_posix(): sha256(path) for path in part.files(folder)}
    return Written(part, hashes, kept)


def is_written(part: Part, folder: Path) -> bool:
    """Return whether both files of a part exist and have all its rows."""
    try:
        return all(pq.read_metadata(path).num_rows == part.rows for path in part.files(folder))
    except (OSError, pa.ArrowException):
        return False


def first_tables(recipe: Recipe) -> tuple[pa.Table, pa.Table]:
    """Return both tables of the first few people: the first rows that a run must have."""
    world = recipe.world()
    return tables(world, interactive_sessions(world, recipe.seed, 0, N_FIRST_PEOPLE))


def versions() -> dict[str, str]:
    """Return the library versions that can change a byte."""
    return {name: version(name) for name in LIBRARIES}


def compile_loops(recipe: Recipe) -> dict[str, str]:
    """Compile every loop into the cache on disk, and return the library versions of this process.

    Processes that compile into one cache at the same time can read incomplete files, so one process runs this before
    the others start.
    """
    first_tables(recipe)
    return versions()


def _pieces(world: World, seed: int, number: int, people: int) -> Iterator[PartialFrame]:
    """Yield the interactive sessions of a part's people, some people at a time."""
    first, last = number * people, (number + 1) * people
    for begin in range(first, last, PIECE):
        yield interactive_sessions(world, seed, begin, min(begin + PIECE, last))


def _write(recipe: Recipe, part: Part, folder: Path) -> None:
    world = recipe.world()
    with ExitStack() as stack:
        hidden = [stack.enter_context(write_atomically(path)) for path in part.files(folder)]
        schemas = [table.schema for table in first_tables(recipe)]
        files = [stack.enter_context(_file(path, schema)) for path, schema in zip(hidden, schemas, strict=True)]
        for piece in first_sessions(_pieces(world, recipe.seed, part.number, part.people), part.rows):
            for file, table in zip(files, tables(world, piece), strict=True):
                file.write_table(table)


def _file(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Open a Parquet file; real numbers rarely repeat, so they get no dictionary encoding."""
    dictionary = [column.name for column in schema if not pa.types.is_floating(column.type)]
    return pq.ParquetWriter(path, schema, compression="zstd", compression_level=1, use_dictionary=dictionary)
