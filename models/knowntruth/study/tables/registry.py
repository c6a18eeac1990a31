"""All tables of the study, by name.

Adding a table is one file with one function from observed rows to `tidy_rows.table`, and one row here.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

import pandas as pd

from knowntruth.common.errors import InputError
from knowntruth.study.tables.figure_1 import figure_1
from knowntruth.study.tables.figure_2 import figure_2
from knowntruth.study.tables.figure_3 import figure_3
from knowntruth.study.tables.figure_4 import figure_4
from knowntruth.study.tables.figure_5 import figure_5
from knowntruth.study.tables.figure_6 import figure_6
from knowntruth.study.tables.occupations import occupations
from knowntruth.study.tables.sample import sample
from knowntruth.study.tables.signals import signals
from knowntruth.study.tables.table_a1 import table_a1
from knowntruth.study.tables.table_a2 import table_a2

Table = Callable[[pd.DataFrame], pd.DataFrame]

TABLES: Final[Mapping[str, Table]] = MappingProxyType(
    {
        "sample": sample,
        "figure_1": figure_1,
        "figure_2": figure_2,
        "figure_3": figure_3,
        "figure_4": figure_4,
        "figure_5": figure_5,
        "figure_6": figure_6,
        "occupations": occupations,
        "signals": signals,
        "table_a1": table_a1,
        "table_a2": table_a2,
    }
)
"""From name to function; a name is also the ``kind`` of the published figures that the table computes."""


def compute(observed: pd.DataFrame, names: Iterable[str] = tuple(TABLES)) -> dict[str, pd.DataFrame]:
    """Compute the named tables (all, if none are named) from observed rows.

    Parameters
    ----------
    observed
        A frame with the observed schema, one row per session; company logs need only the columns read.
    names
        Names in `TABLES`.

    Returns
    -------
    dict
        Name to a tidy frame with `knowntruth.study.estimation.tidy_rows.COLUMNS`.

    Raises
    ------
    InputError
        If a name is unknown, or a column that a table reads is missing.

    Examples
    --------
    >>> tables = compute(kt.simulate("null", 1000).to_frame(), ["figure_1"])
    >>> list(tables)
    ['figure_1']
    """
    chosen = list(names)
    if unknown := [name for name in chosen if name not in TABLES]:
        raise InputError(f"no table {', '.join(map(repr, unknown))}; allowed: {', '.join(TABLES)}; choose among them")
    return {name: TABLES[name](observed) for name in chosen}
