"""Hashes of what stored results depend on: worlds, claims, figures, search ranges, settings and files.

Each is exact to six digits, so that it is the same on every machine, and takes a second or less.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from knowntruth.datasets.storage.files import write_json
from knowntruth.workbench.jobs.stored.stored_result import Hash

FILE: Final = Path(__file__).with_name("fingerprints.json")

WORLD_SESSIONS: Final = 200
"""Sessions that stand for a world and for the code of its mechanisms."""

CLAIM_SESSIONS: Final = 2_000
"""Sessions from which the claims are computed that stand for the code of the study."""

HASH_DIGITS: Final = 16


def load_fingerprints() -> dict[str, dict[str, str]]:
    """Return the stored fingerprints: for each result, the hash of everything it depends on."""
    stored: dict[str, dict[str, str]] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
    return stored


def store_fingerprint(name: str, fingerprint: Mapping[str, str]) -> None:
    """Record that a result was computed from what it depends on as it is now."""
    write_json(FILE, {**load_fingerprints(), name: dict(fingerprint)})


def of_worlds(names: Iterable[str]) -> dict[str, Hash]:
    """Return the hash of the worlds' dials, and that of some sessions that they give with their truth."""
    chosen = tuple(names)
    return {
        "dials": lambda: digest([_dials(name) for name in chosen]),
        "sessions": lambda: digest([_sessions(name) for name in chosen]),
    }


@cache
def claims() -> str:
    """Return the hash of the study's claims in a small sample of `published`."""
    import pandas as pd

    from knowntruth.datasets.schema.check import check
    from knowntruth.study.claims.claims import claims as compute_claims
    from knowntruth.world.definition.world import load
    from knowntruth.world.simulate import simulate
    from knowntruth.world.truths.estimands import truth
    from knowntruth.world.truths.principal_strata import recovery_truth

    size: dict[str, int] = {"sessions": CLAIM_SESSIONS, "seed": 1}
    world = load("published")
    true = pd.concat([truth(world, **size), recovery_truth(world, **size)], ignore_index=True)
    rows = compute_claims(check(simulate(world, **size).observed.to_pandas()), true)
    return digest([rows["claim"].tolist(), [f"{value:.6g}" for name in ("seen", "true") for value in rows[name]]])


@cache
def published_figures() -> str:
    """Return the hash of the published figures: key, role, value and printed error."""
    from knowntruth.study.figures import by_key

    return digest([(f.key, f.role, f.value, f.standard_error) for f in by_key().values()])


def search_ranges(*searches: str) -> Hash:
    """Return the hash of the ranges in which dials are searched, and of the starts of the search."""
    from knowntruth.world.definition import search_ranges as ranges

    def current() -> str:
        rows = [(row.dial, row.lower, row.upper) for search in ("fitted", "free") if search in searches
                for row in ranges.search_ranges(search)]  # fmt: skip
        return digest([rows, ranges.search_starts() if "free" in searches else {}])

    return current


def of_file(path: Path) -> Hash:
    """Return the hash of a file, the same for every file that is not there."""
    return lambda: hashlib.sha256(path.read_bytes() if path.is_file() else b"").hexdigest()[:HASH_DIGITS]


def digest(content: Any) -> str:
    """Return the hash of anything that can be written as JSON.

    Examples
    --------
    >>> digest(["null", 1]) == digest(("null", 1)), digest("null") == digest("halo")
    (True, False)
    """
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:HASH_DIGITS]


def forget() -> None:
    """Forget the hashes of worlds and claims, after one of them was stored anew."""
    for current in (claims, published_figures, _dials, _sessions):
        current.cache_clear()


@cache
def _dials(name: str) -> str:
    from knowntruth.world.definition.world import load

    return digest(load(name).values())


@cache
def _sessions(name: str) -> str:
    from knowntruth.design.suite.content import content_hash
    from knowntruth.world.definition.world import load
    from knowntruth.world.simulate import simulate

    made = simulate(load(name), WORLD_SESSIONS, seed=1)
    return digest([content_hash(made.observed), content_hash(made.truth)])
