"""The entries of the suite, one per dataset, read from ``suite.toml``."""

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from knowntruth.common.names import look_up

DECLARED: Final = "suite.toml"
HASHES: Final = "hashes.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """One dataset: ``sessions`` sessions of a world from a seed, ``audited`` of them rated again."""

    world: str
    sessions: int
    seed: int
    audited: int

    @property
    def name(self) -> str:
        """The name under which estimates are submitted.

        Examples
        --------
        >>> Entry("null", 1000, 2, 200).name
        'null-1000-2'
        """
        return f"{self.stratum}-{self.seed}"

    @property
    def stratum(self) -> str:
        """World and size: datasets that share it are replicates of one another."""
        return f"{self.world}-{self.sessions}"


@lru_cache(maxsize=1)
def load_declared() -> dict[str, Any]:
    """Return the content of ``suite.toml``.

    Examples
    --------
    >>> sorted(load_declared())
    ['audited', 'seeds', 'sizes', 'truth', 'version', 'worlds']
    """
    return tomllib.loads((files("knowntruth.design.suite") / DECLARED).read_text(encoding="utf-8"))


def entries(worlds: Iterable[str] | None = None) -> tuple[Entry, ...]:
    """Return the datasets of the suite, or those of some of its worlds, in order.

    Raises
    ------
    InputError
        If a world is not in the suite.

    Examples
    --------
    >>> [entry.name for entry in entries(["null"])][:2]
    ['null-1000-1', 'null-1000-2']
    """
    suite = load_declared()
    chosen = suite["worlds"] if worlds is None else list(worlds)
    for world in chosen:
        look_up("the suite has no world", world, dict.fromkeys(suite["worlds"]))
    return tuple(
        Entry(world, sessions, seed, suite["audited"])
        for world in chosen
        for sessions in suite["sizes"]
        for seed in suite["seeds"]
    )


def load_hashes() -> dict[str, Any]:
    """Return the committed hashes: ``version``, and under ``datasets`` those of each table of each dataset.

    Examples
    --------
    >>> load_hashes()["version"] == load_declared()["version"]
    True
    """
    kept: dict[str, Any] = json.loads((files("knowntruth.design.suite") / HASHES).read_text(encoding="utf-8"))
    return kept
