"""Does the suite come out here as it was committed? Every dataset made anew, and its hashes compared."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from knowntruth.common.errors import InputError
from knowntruth.design.suite.content import hashed, sample_of, tables
from knowntruth.design.suite.entries import Entry, declared, hashes

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def hashes_of(made: "Mapping[str, pa.Table]") -> dict[str, str]:
    """Return a hash a table."""
    return {name: hashed(table) for name, table in made.items()}


def row(entry: Entry, found: Mapping[str, str], kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is to be said of one dataset: what it is, and whether its tables are ``same`` as committed."""
    expected = kept["datasets"].get(entry.name, {})
    changed = [name for name, value in found.items() if expected.get(name) != value]
    return {"dataset": entry.name, "world": entry.world, "sessions": entry.sessions, "seed": entry.seed,
            "same": not changed, "changed": ", ".join(changed), "hash": found["observed"]}  # fmt: skip


def checked(chosen: Iterable[Entry]) -> "pd.DataFrame":
    """Return one row a dataset: dataset, world, sessions, seed, same, changed, hash.

    Raises
    ------
    InputError
        If the committed hashes are of another version.
    """
    import pandas as pd

    kept = committed()
    return pd.DataFrame([row(entry, hashes_of(tables(sample_of(entry))), kept) for entry in chosen])


def committed() -> dict[str, Any]:
    """Return the committed hashes, of the version that is declared.

    Raises
    ------
    InputError
        If they are of another version.
    """
    kept, version = hashes(), declared()["version"]
    if kept["version"] != version:
        raise InputError(f"the suite is version {version} and its hashes are of version {kept['version']}; "
                         "run `uv run python -m knowntruth.design.suite.renew_hashes`")  # fmt: skip
    return kept
