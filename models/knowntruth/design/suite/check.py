"""Check the suite: generate every dataset again and compare its hashes with the committed ones."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from knowntruth.common.errors import InputError
from knowntruth.design.suite.content import draw_entry, hash_tables, tables
from knowntruth.design.suite.entries import Entry, load_declared, load_hashes

if TYPE_CHECKING:
    import pandas as pd


def row(entry: Entry, found: Mapping[str, str], kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return one row of the check: the dataset, and whether its tables are the ``same`` as committed."""
    expected = kept["datasets"].get(entry.name, {})
    changed = [name for name, value in found.items() if expected.get(name) != value]
    return {
        "dataset": entry.name,
        "world": entry.world,
        "sessions": entry.sessions,
        "seed": entry.seed,
        "same": not changed,
        "changed": ", ".join(changed),
        "hash": found["observed"],
    }


def check_suite(chosen: Iterable[Entry]) -> "pd.DataFrame":
    """Return one row per dataset: dataset, world, sessions, seed, same, changed, hash.

    Raises
    ------
    InputError
        If the committed hashes are of another version.
    """
    import pandas as pd

    kept = load_committed()
    return pd.DataFrame([row(entry, hash_tables(tables(draw_entry(entry))), kept) for entry in chosen])


def load_committed() -> dict[str, Any]:
    """Return the committed hashes of the declared version.

    Raises
    ------
    InputError
        If they are of another version.
    """
    kept, version = load_hashes(), load_declared()["version"]
    if kept["version"] != version:
        raise InputError(
            f"the suite is version {version} and its hashes are of version {kept['version']}; "
            "run `knowntruth renew suite`"
        )
    return kept
