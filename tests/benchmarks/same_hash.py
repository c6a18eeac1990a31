"""Are the tables the same, byte for byte, however they are made? One row a way of making them, hashes beside.

People are made in pieces of 1,000 and of 64,000, by 1 and 2 threads, in ranges of any length and in any order, each
range alone; by `simulate`, whose sample is the beginning of the same rows; and under each Python asked for, in an
environment of its own from the lock file. NumPy and Numba are shown with each, for the lock may give two Pythons two
releases. The program ends with 1 if any hash differs. What it cannot show on one machine is another processor:
NumPy's exponentials and logarithms may differ there in their last digit.
"""

import hashlib
import itertools
import json
import platform
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from measure import parser, show

from knowntruth.world.definition.world import load
from knowntruth.world.running.sampling import interactive_sessions
from knowntruth.world.simulate import simulate, tables

PEOPLE = 64_000
SEED = 1
Ranges = list[tuple[int, int]]


def pieces(size: int) -> Ranges:
    """Return ranges of people, all but the last one of one size."""
    return [(first, min(first + size, PEOPLE)) for first in range(0, PEOPLE, size)]


def uneven() -> Ranges:
    """Return ranges of any length, the shortest of one person, in no order."""
    rng = np.random.default_rng(SEED)
    edges = [0, 1, *np.sort(rng.choice(np.arange(2, PEOPLE), 40, replace=False)).tolist(), PEOPLE]
    ranges = list(itertools.pairwise(edges))
    return [ranges[k] for k in rng.permutation(len(ranges))]


def made(world: str, ranges: Ranges, workers: int) -> tuple[pa.Table, pa.Table]:
    """Return both tables of all people, each range made alone, in the order of the people."""
    whole = load(world)
    with ThreadPoolExecutor(workers) as threads:
        parts = dict(
            zip(
                ranges,
                threads.map(lambda r: tables(whole, interactive_sessions(whole, SEED, *r)), ranges),
                strict=True,
            )
        )
    return tuple(pa.concat_tables([parts[r][k] for r in sorted(ranges)]) for k in (0, 1))


def hashed(whole: Iterable[pa.Table]) -> list[str]:
    """Return a hash a table: of every column's name, type, missing rows and numbers."""
    return [hashlib.sha256("".join(map(column_hash, t.schema, t.columns)).encode()).hexdigest()[:16] for t in whole]


def column_hash(field: pa.Field, column: pa.ChunkedArray) -> str:
    """Return a hash of one column; a category is its code and all categories."""
    whole, categories = column.combine_chunks(), []
    if pa.types.is_dictionary(field.type):
        whole, categories = whole.indices, whole.dictionary.to_pylist()
    missing = whole.is_null().to_numpy(zero_copy_only=False)
    numbers = np.where(missing, 0, whole.to_numpy(zero_copy_only=False))
    about = repr((field.name, str(field.type), str(numbers.dtype), categories)).encode()
    return hashlib.sha256(about + np.packbits(missing).tobytes() + numbers.tobytes()).hexdigest()


def row(made_by: str, workers: int, whole: tuple[pa.Table, pa.Table]) -> dict[str, Any]:
    observed, truth = hashed(whole)
    return {"python": platform.python_version(), "numpy": version("numpy"), "numba": version("numba"),
            "made by": made_by, "threads": workers, "sessions": whole[0].num_rows,
            "observed": observed, "truth": truth}  # fmt: skip


def rows_here(world: str) -> list[dict[str, Any]]:
    """Return a row a way of making the tables, in this interpreter."""
    ways = [(f"{size:,} people at a time", pieces(size)) for size in (1000, PEOPLE)]
    rows = [row(name, workers, made(world, ranges, workers)) for name, ranges in ways for workers in (1, 2)]
    rows.append(row("uneven ranges, shuffled", 2, made(world, uneven(), 2)))
    sample = simulate(load(world), rows[0]["sessions"], seed=SEED)
    return [*rows, row("simulate", 2, (sample.observed, sample.truth))]


def rows_under(python: str, world: str) -> list[dict[str, Any]]:
    """Return the rows of this program under another Python, in an environment of its own."""
    command = ["uv", "run", "--quiet", "--isolated", "--frozen", "--python", python, "python", str(Path(__file__)),
               "--here", "--json", "--world", world]  # fmt: skip
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    if not said.stdout:
        raise RuntimeError(f"nothing came from Python {python}: {said.stderr}")
    return json.loads(said.stdout)["rows"]


def main() -> int:
    asked = parser(__doc__)
    asked.add_argument("--world", default="published")
    asked.add_argument("--pythons", nargs="*", default=["3.12", "3.13"], help="interpreters to compare")
    asked.add_argument("--here", action="store_true", help="only the interpreter that runs this")
    options = asked.parse_args()
    if options.here:
        rows = rows_here(options.world)
    else:
        rows = [each for python in options.pythons for each in rows_under(python, options.world)]
    show(f"one hash a table, world {options.world}", rows, options.json)
    return int(len({(each["observed"], each["truth"]) for each in rows}) > 1)


if __name__ == "__main__":
    sys.exit(main())
