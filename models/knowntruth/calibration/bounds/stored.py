"""Stored bounds of the world `published`, as `knowntruth bounds` wrote them, shipped with the package.

A search takes half an hour, too long for a report. The last result of the command is therefore stored in
``published_bounds/``, with a record of the run: sessions, seed, release, and a hash of all dials of the world. A
result for other dials belongs to another world and is never shown for this one. A new result is
stored by ``knowntruth renew bounds``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any, Final

from knowntruth.calibration.bounds.world_bounds_result import FORMAT, world_hash
from knowntruth.common.errors import InputError
from knowntruth.world.definition.world import World, load

if TYPE_CHECKING:
    import pandas as pd

FOLDER: Final = "published_bounds"
RECORD: Final = "record.json"
TABLES: Final = ("intervals", "searches", "attribution", "checked", "value_of_information")
"""Each is a CSV file of the same name."""

WORLDS: Final = "worlds"
"""Folder of the extreme worlds, one TOML file each."""

RECOMPUTE: Final = "knowntruth bounds --out bounds"
"""The command that recomputes them."""


@dataclass(frozen=True)
class StoredBounds:
    """Tables by name, and the record of the run."""

    tables: "Mapping[str, pd.DataFrame]"
    record: Mapping[str, Any]

    def belongs_to(self, world: World) -> bool:
        """Return whether this result belongs to a world with exactly these dials."""
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


def load_stored() -> StoredBounds | None:
    """Return the stored bounds of `published`, or None if the package has none.

    Raises
    ------
    InputError
        If the files have an older format.

    Examples
    --------
    >>> kept = load_stored()
    >>> "intervals" in kept.tables, "attribution" in kept.tables
    (True, True)
    """
    import pandas as pd

    folder = files("knowntruth.calibration").joinpath(FOLDER)
    if not folder.joinpath(RECORD).is_file():
        return None
    record = json.loads(folder.joinpath(RECORD).read_text(encoding="utf-8"))
    if record.get("format") != FORMAT:
        raise InputError(
            f"the stored bounds have format {record.get('format', 1)}, and this release reads format {FORMAT}; "
            f"recompute them with `{RECOMPUTE}` and copy the result into {FOLDER}/"
        )
    tables = {}
    for name in TABLES:
        with folder.joinpath(f"{name}.csv").open(encoding="utf-8") as file:
            tables[name] = pd.read_csv(file)
    return StoredBounds(tables, record)
