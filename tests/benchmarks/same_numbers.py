"""Compare the numbers of all commands between two checkouts, whatever columns and files are called.

Run it in one checkout with ``--out numbers.json``, in another with ``--against numbers.json``. Every command runs as
a user would run it, with a fixed seed, into a folder of its own. A column is hashed by its values in their order, not
by its name, so a change that only moves or renames leaves every hash as it was. Text, pictures and clock times have
no numbers and are left out. The program ends with 1 if a number of one side has no like on the other, and names the
command.

Two things differ between runs of the same code: the last digits of a fit whose likelihood was compiled in this very
process and not read from the cache (run each side twice, and compare the second), and those of estimates by pyfixest
(`within_user`, `double_negative_control`), which sums in an order that depends on its threads.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

type Hashes = Counter[str]

SEED = ["--seed", "1"]
NO_NUMBERS = ("seconds", "time", "index_in_trajectory")
"""Columns with one of these in their name hold clock times, or counts that follow from threads."""

SMALL = ["--sessions", "3000", *SEED]
COMMANDS: dict[str, list[list[str]]] = {
    "simulate": [["simulate", "published", *SMALL, "--out", "OUT"]],
    "simulate confounded": [["simulate", "confounded", *SMALL, "--out", "OUT"]],
    "truth": [["truth", "published", *SEED, "--json"]],
    "compare": [["compare", "published", "--sessions", "20000", *SEED, "--json"]],
    "release": [["release", "DATA", "--by", "occupation,month", "--min-users", "20", "--out", "OUT"]],
    "dataset": [["dataset", "halo", *SMALL, "--out", "OUT"]],
    "fit activity": [["fit", "DATA", "--model", "activity", "--draws", "200", *SEED, "--out", "OUT"]],
    "fit verified_success": [["fit", "DATA", "--model", "verified_success", "--draws", "200", *SEED, "--out", "OUT"]],
    "fit joint": [["fit", "DATA", "--model", "joint", "--draws", "200", *SEED, "--out", "OUT"]],
    "fit measurement": [["fit", "DATA", "--model", "measurement", "--draws", "200", *SEED, "--out", "OUT"]],
    "fit hidden cause": [["fit", "DATA", "--model", name, "--draws", "200", *SEED, "--out", "OUT"]
                         for name in ("hidden_confounder", "bias")],
    "check data": [["check", "DATA", *SEED, "--out", "OUT"]],
    "check world": [["check", "--world", "confounded", "--sessions", "5000", *SEED, "--out", "OUT"]],
    "diagnose": [["diagnose", "null", "randomized", "--replicates", "4", *SMALL, "--out", "OUT"]],
    "ledger": [["ledger", "published", "--sessions", "20000", *SEED, "--json"]],
    "plan": [["plan", "published", "--power", "0.8", "--replicates", "20", *SEED, "--out", "OUT"]],
    "calibrate": [["calibrate", "--sessions", "2000", "--starts", "1", *SEED, "--out", "OUT"]],
    "bounds": [["bounds", "--estimand", "success_difference", "--sessions", "2000", "--starts", "1",
                "--no-measurements", *SEED, "--out", "OUT"]],
    "laws": [["laws", "null", "--json"]],
    "study": [["study", "--sessions", "3000", *SEED, "--out", "OUT"]],
}  # fmt: skip


def hashed(values: np.ndarray) -> str:
    """Return a hash of numbers, whatever their width: as doubles, missing ones alike."""
    whole = np.asarray(values, dtype=float)
    return hashlib.sha256(np.where(np.isnan(whole), np.nan, whole).tobytes()).hexdigest()[:16]


def of_frame(frame: pd.DataFrame) -> Iterator[str]:
    """Return a hash a column of numbers."""
    for name, column in frame.items():
        if any(word in str(name) for word in NO_NUMBERS) or not pd.api.types.is_numeric_dtype(column):
            continue
        yield hashed(column.to_numpy(dtype=float, na_value=np.nan))


def of_json(value: Any) -> Iterator[str]:
    """Return a hash of each list of records' columns, and of every number that stands alone."""
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        yield from of_frame(pd.DataFrame(value))
        return
    if isinstance(value, dict):
        for key, each in value.items():
            if not any(word in key for word in (*NO_NUMBERS, "versions", "files", "format", "schema")):
                yield from of_json(each)
    elif isinstance(value, list):
        for each in value:
            yield from of_json(each)
    elif isinstance(value, int | float):
        yield hashed(np.array([value]))


def of_posterior(path: Path) -> Iterator[str]:
    """Return a hash of every array of numbers in the posterior's groups."""
    import xarray

    with xarray.open_datatree(path) as tree:
        for node in tree.subtree:
            for name, array in node.dataset.data_vars.items():
                if array.dtype.kind in "fiub" and not any(word in str(name) for word in NO_NUMBERS):
                    yield hashed(array.to_numpy().ravel())


def of_file(path: Path) -> Iterator[str]:
    """Return the hashes of one file; none of what holds no numbers."""
    readers = {
        ".csv": lambda p: of_frame(pd.read_csv(p)),
        ".parquet": lambda p: of_frame(pd.read_parquet(p)),
        ".json": lambda p: of_json(json.loads(p.read_text(encoding="utf-8"))),
        ".nc": of_posterior,
    }
    if path.suffix in readers and not path.name.startswith(("manifest", "croissant", "datapackage")):
        yield from readers[path.suffix](path)


def numbers_of(ways: list[list[str]], data: Path) -> Hashes:
    """Return all hashes of one command, the first way of saying it that is accepted."""
    for way in ways:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            words = [{"OUT": str(out), "DATA": str(data)}.get(word, word) for word in way]
            done = subprocess.run(["uv", "run", "--quiet", "knowntruth", *words], capture_output=True, text=True,
                                  check=False)  # fmt: skip
            if done.returncode not in {0, 1}:
                problem = done.stderr.strip()[-500:]
                continue
            files = sorted(p for p in out.rglob("*") if p.is_file())
            printed = of_json(json.loads(done.stdout)) if "--json" in words else ()
            return Counter([*printed, *(each for path in files for each in of_file(path))])
    raise RuntimeError(f"{way[:2]}: {problem}")


def all_numbers(names: list[str]) -> dict[str, Hashes]:
    """Return the hashes of every command asked for; one data folder serves those that take data."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        subprocess.run(["uv", "run", "--quiet", "knowntruth", "simulate", "published", *SMALL, "--out", str(data)],
                       check=True, capture_output=True)  # fmt: skip
        for name in names:
            found[name] = numbers_of(COMMANDS[name], data)
            print(f"{name}: {found[name].total()} columns of numbers", file=sys.stderr, flush=True)
    return found


def differences(now: dict[str, Hashes], before: dict[str, Hashes]) -> list[str]:
    """Return a line for each command whose numbers are not those of before."""
    lines = []
    for name, hashes in now.items():
        gone, new = before[name] - hashes, hashes - before[name]
        if gone or new:
            lines.append(f"{name}: of {before[name].total()} columns {gone.total()} are gone, {new.total()} are new")
    return lines


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--out", type=Path, help="where to write the hashes")
    asked.add_argument("--against", type=Path, help="hashes to compare with")
    asked.add_argument("--only", nargs="*", default=list(COMMANDS), choices=COMMANDS, metavar="COMMAND")
    options = asked.parse_args()
    now = all_numbers(options.only)
    if options.out:
        options.out.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    if options.against is None:
        return 0
    before = {name: Counter(hashes) for name, hashes in json.loads(options.against.read_text("utf-8")).items()}
    lines = differences(now, before)
    print("\n".join(lines) or f"the same: {sum(h.total() for h in now.values())} columns of {len(now)} commands")
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main())
