"""Stored bounds: those of the world `published`, as `knowntruth bounds` wrote them, shipped with the package.

Bounds take half an hour, and a report must not. So the last result of the command lies in ``published_bounds/``, with
a record of the run: sessions, seed, release, and a hash of all dials of the world. A result of other dials is of
another world, and is never shown as this one's. To store a new result, copy the CSV files, ``record.json`` and
``worlds/`` of the command's folder there.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any, Final

from knowntruth.calibration.bounds.world_bounds_result import world_hash
from knowntruth.common.errors import InputError
from knowntruth.world.definition.world import World, load

if TYPE_CHECKING:
    import pandas as pd

FOLDER: Final = "published_bounds"
RECORD: Final = "record.json"
TABLES: Final = ("intervals", "searches", "account", "checked", "gains")
"""Each a CSV file of the same name."""

WORLDS: Final = "worlds"
"""Where the extreme worlds are, a TOML file each."""

RECOMPUTE: Final = "knowntruth bounds --out bounds"
"""The command that makes them anew."""


@dataclass(frozen=True)
class Stored:
    """Tables by name, and the record of the run."""

    tables: "Mapping[str, pd.DataFrame]"
    record: Mapping[str, Any]

    def belongs_to(self, world: World) -> bool:
        """Return whether this is the result of a world with exactly these dials."""
        return bool(self.record["world_hash"] == world_hash(world))

    def world(self, name: str) -> World:
        """Return an extreme world, as in ``success_difference_smallest``.

        Raises
        ------
        InputError
            If there is none of that name.
        """
        folder = files("knowntruth.calibration").joinpath(FOLDER, WORLDS)
        known = sorted(file.name.removesuffix(".toml") for file in folder.iterdir())
        if name not in known:
            raise InputError(f"no extreme world {name!r}; allowed: {', '.join(known)}")
        with as_file(folder.joinpath(f"{name}.toml")) as path:
            return load(path)


def stored() -> Stored | None:
    """Return the stored bounds of `published`, or None if the package has none.

    Examples
    --------
    >>> kept = stored()
    >>> "intervals" in kept.tables, "account" in kept.tables
    (True, True)
    """
    import pandas as pd

    folder = files("knowntruth.calibration").joinpath(FOLDER)
    if not folder.joinpath(RECORD).is_file():
        return None
    tables = {}
    for name in TABLES:
        with folder.joinpath(f"{name}.csv").open(encoding="utf-8") as file:
            tables[name] = pd.read_csv(file)
    return Stored(tables, json.loads(folder.joinpath(RECORD).read_text(encoding="utf-8")))
