"""What a caller may give in place of an object: names, paths, tables of any kind."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowntruth.common.errors import InputError
from knowntruth.world.definition.world import World, load
from knowntruth.world.simulate import Dataset

if TYPE_CHECKING:
    import pandas as pd

    from knowntruth.priors.tables import Priors

type WorldLike = World | str | Path
"""A world, its name, or the path of its TOML file."""

type Rows = "Dataset | pd.DataFrame | str | Path"
"""Sessions: a simulated dataset, a data frame, or the path of a file or folder with the observed columns."""


def as_world(world: WorldLike) -> World:
    """Return a world given as itself, by name or by path.

    Raises
    ------
    InputError
        If there is no such world, or the value is none of these.

    Examples
    --------
    >>> as_world("null").name
    'null'
    """
    if isinstance(world, World):
        return world
    if isinstance(world, str | Path):
        return load(world)
    raise InputError(f"expected a world, its name or the path of a TOML file, got {type(world).__name__}")


def as_frame(rows: Any) -> "pd.DataFrame":
    """Return observed rows as a data frame.

    Raises
    ------
    InputError
        If the file cannot be read, or the value is no table.

    Examples
    --------
    >>> len(as_frame(pd.DataFrame({"session_id": [1, 2]})))
    2
    """
    if isinstance(rows, Dataset):
        return rows.to_frame()
    if isinstance(rows, str | Path):
        from knowntruth.datasets.storage.readers import read

        return read(rows)
    if hasattr(rows, "to_pandas"):  # Arrow and polars tables
        return rows.to_pandas()
    import pandas as pd

    if isinstance(rows, pd.DataFrame):
        return rows
    raise InputError(f"expected sessions as a data frame, a simulated dataset or a path, got {type(rows).__name__}")


def as_checked(rows: Any) -> "pd.DataFrame":
    """Return observed rows as a data frame whose columns have the types of the schema.

    Raises
    ------
    InputError
        If a column holds what the schema does not allow.

    Examples
    --------
    >>> as_checked(pd.DataFrame({"session_id": [1, 2], "user_id": [7, 7]})).shape
    (2, 2)
    """
    from knowntruth.datasets.schema.check import check

    return check(as_frame(rows), needed=())


def as_priors(priors: "Priors | str | Path") -> "Priors":
    """Return priors given as themselves, by name or by path.

    Raises
    ------
    InputError
        If there is no such table of priors.

    Examples
    --------
    >>> as_priors("weak").title[:4]
    'Weak'
    """
    from knowntruth.priors.load import load as load_priors

    return load_priors(priors) if isinstance(priors, str | Path) else priors
