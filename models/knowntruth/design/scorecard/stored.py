"""The stored scorecard: the rows of 240 worlds, shipped with the package, and how they were computed.

The computation takes an hour on one core, too long for a notebook. The rows are therefore stored next to this file,
with a record of settings, seed and releases, and a hash of the calibrated world that all worlds derive from. They
are recomputed by ``knowntruth renew scorecard``.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from knowntruth.calibration.bounds.world_bounds_result import world_hash
from knowntruth.common.errors import InputError
from knowntruth.datasets.storage.files import write_json, write_parquet
from knowntruth.design.scorecard.examine import DEFAULT_SETTINGS
from knowntruth.world.definition.world import load

if TYPE_CHECKING:
    import pandas as pd

ROWS: Final = "rows.parquet"
RECORD: Final = "record.json"

DIGITS: Final = 7
"""Significant digits that are stored."""

FORMAT: Final = 2
"""Version of the record; 2 renamed effort to settings."""


def load_stored() -> "tuple[pd.DataFrame, Mapping[str, Any]]":
    """Return the stored rows and their record.

    Raises
    ------
    InputError
        If the package has none, or one of an older format.

    Examples
    --------
    >>> rows, record = load_stored()
    >>> record["worlds"] == rows["world"].nunique()
    True
    """
    import pandas as pd

    folder = files("knowntruth.design.scorecard")
    if not folder.joinpath(RECORD).is_file():
        raise InputError("no scorecard is stored; compute one: knowntruth renew scorecard")
    with folder.joinpath(ROWS).open("rb") as file:
        rows = pd.read_parquet(file)
    record = json.loads(folder.joinpath(RECORD).read_text(encoding="utf-8"))
    if record.get("format") != FORMAT:
        raise InputError(
            f"the stored scorecard has format {record.get('format', 1)}, and this release reads format {FORMAT}; "
            "recompute it: knowntruth renew scorecard"
        )
    return rows, record


def write_scorecard(rows: "pd.DataFrame", folder: Path) -> None:
    """Write rows and record into a folder; copy both files into the package to replace the stored scorecard."""
    import pyarrow as pa

    from knowntruth.design.replication.run import releases

    numbers = rows.select_dtypes("float").columns
    short = rows.assign(**{name: [float(f"{x:.{DIGITS}g}") for x in rows[name]] for name in numbers})
    write_parquet(folder / ROWS, pa.Table.from_pandas(short, preserve_index=False))
    about = {"format": FORMAT, "worlds": int(rows["world"].nunique()), "settings": asdict(DEFAULT_SETTINGS)}
    write_json(folder / RECORD, {**about, "world_hash": world_hash(load("published")), "versions": releases()})
