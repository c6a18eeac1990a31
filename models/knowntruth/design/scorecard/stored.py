"""The stored scorecard: rows of 200 worlds and more, shipped with the package, and how they were made.

An hour of one core is too long for a notebook. So the rows lie beside this file, with a record of effort, seed and
releases, and a hash of the calibrated world that all worlds were drawn around. To make them anew, or more of them:

    uv run python -m knowntruth.design.scorecard.stored 240 scorecard
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from knowntruth.calibration.bounds.world_bounds_result import world_hash
from knowntruth.common.errors import InputError
from knowntruth.datasets.storage.files import write_json, write_parquet
from knowntruth.design.scorecard.examine import EFFORT, examine
from knowntruth.world.definition.world import load

if TYPE_CHECKING:
    import pandas as pd

ROWS: Final = "rows.parquet"
RECORD: Final = "record.json"

DIGITS: Final = 7
"""Significant digits that are kept."""


def stored() -> "tuple[pd.DataFrame, Mapping[str, Any]]":
    """Return the stored rows and their record.

    Raises
    ------
    InputError
        If the package has none.

    Examples
    --------
    >>> rows, record = stored()
    >>> record["worlds"] == rows["world"].nunique()
    True
    """
    import pandas as pd

    folder = files("knowntruth.design.scorecard")
    if not folder.joinpath(RECORD).is_file():
        raise InputError("no scorecard is stored; make one: python -m knowntruth.design.scorecard.stored 240 DIR")
    with folder.joinpath(ROWS).open("rb") as file:
        rows = pd.read_parquet(file)
    return rows, json.loads(folder.joinpath(RECORD).read_text(encoding="utf-8"))


def store(rows: "pd.DataFrame", folder: Path) -> None:
    """Write rows and record into a folder; a new result is stored by making this the package's."""
    import pyarrow as pa

    from knowntruth.design.replication.run import releases

    numbers = rows.select_dtypes("float").columns
    short = rows.assign(**{name: [float(f"{x:.{DIGITS}g}") for x in rows[name]] for name in numbers})
    write_parquet(folder / ROWS, pa.Table.from_pandas(short, preserve_index=False))
    about = {"worlds": int(rows["world"].nunique()), "effort": asdict(EFFORT)}
    write_json(folder / RECORD, {**about, "world_hash": world_hash(load("published")), "versions": releases()})


def main(worlds: int, folder: Path) -> None:
    """Examine so many worlds, going on from those in the folder, and write the result there."""
    rows = examine(range(worlds), folder / "worlds", progress=_tell)
    store(rows, folder)


def _tell(said: str, share: float) -> None:
    sys.stderr.write(f"{share:6.1%}  {said}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
