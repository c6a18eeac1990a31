"""Exact compression by codes: sessions that share all their positions in the layout become one cell.

A linear predictor depends on a session only through its positions (see `coefficients`), so any function of it
needs computing once per cell. There are at most 5 × 24 × 9 × 4 × 7 cells, so the cost stops growing with the study.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from knowntruth.common.arrays import Floats, Ints

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells: ``columns`` (cells, blocks) are positions, ``sessions`` (cells,) counts.

    ``means`` is the mean of each coefficient's dummy over all sessions, 0 for the intercept and for blocks that a
    model does not centre.
    """

    columns: Ints
    sessions: Floats
    means: Floats


def compress(columns: Ints, size: int) -> tuple[Cells, Ints]:
    """Return the cells of sessions with the given positions, in order of positions, and each session's cell.

    ``size`` is the number of coefficients.
    """
    keys = np.zeros(len(columns), np.int64)
    for column in columns.T:
        _, codes = np.unique(column, return_inverse=True)
        keys = keys * (codes.max() + 1) + codes
    _, first, members = np.unique(keys, return_index=True, return_inverse=True)
    sessions = np.bincount(members).astype(np.float64)
    cells = columns[first]
    return Cells(cells, sessions, dummy_means(cells, sessions, size)), members.ravel()


def dummy_means(columns: Ints, sessions: Floats, size: int) -> Floats:
    """Return the mean of each coefficient's dummy, shape (size,)."""
    means = np.zeros(size)
    for column in columns.T:
        means += np.bincount(column, weights=sessions, minlength=size)
    return means / sessions.sum()


def cells_of(tree: "xr.DataTree") -> Cells:
    """Return the cells of a fit."""
    data = tree["constant_data"]
    return Cells(*(data[name].to_numpy() for name in ("columns", "sessions", "means")))
