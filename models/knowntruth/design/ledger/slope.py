"""The contrast that the ledger decomposes: a slope within cells, with the influence of each person."""

from dataclasses import dataclass

import numpy as np

from knowntruth.common.arrays import Floats, Ints, Values
from knowntruth.common.errors import InputError
from knowntruth.engine.numba_cache import compiled

MIN_SPREAD = 1e-12
"""Smallest sum of squared centred ratings for which a slope is defined."""


@dataclass(frozen=True, slots=True)
class CentredRating:
    """Sessions of an analysis: their rows, cells numbered from 0, and the rating less its cell's mean, (m,) each."""

    rows: Ints
    cell: Ints
    centred: Floats

    @property
    def spread(self) -> float:
        """Sum of squares of the regressor within cells."""
        return float(self.centred @ self.centred)


@dataclass(frozen=True, slots=True)
class Influence:
    """A value and the influence of each person on it, shape (people,); the squared influences sum to its variance."""

    value: float
    influence: Floats

    @property
    def error(self) -> float:
        """Standard error, clustered by person."""
        return float(np.sqrt(self.influence @ self.influence))


def centre_rating(rating: Values, keep: Values, cell: Ints, owner: Ints, users_needed: int) -> CentredRating:
    """Return the sessions of ``keep`` (n,) whose cell has enough distinct users, ready for a slope on ``rating``.

    Raises
    ------
    InputError
        If the rating does not vary within any cell.
    """
    rows = np.flatnonzero(keep)
    if users_needed > 1:
        rows = rows[_distinct_users(cell[rows], owner[rows], int(cell.max()) + 1)[cell[rows]] >= users_needed]
    number, level = cell[rows], rating[rows].astype(np.float64)
    found = CentredRating(rows, number, level - _means(level, number)[number])
    if found.spread < MIN_SPREAD:
        raise InputError(
            "no cell has sessions at two levels of rated expertise, so there is no slope; ask for more --sessions"
        )
    return found


def slope(sessions: CentredRating, outcome: Floats, owner: Ints, people: int) -> Influence:
    """Return the slope of ``outcome`` (n,) on the rating within cells, with each person's influence.

    The influences include the degrees-of-freedom correction for the estimated cell means, as in the study's
    regressions.
    """
    y = outcome[sessions.rows]
    y = y - _means(y, sessions.cell)[sessions.cell]
    value = float(sessions.centred @ y) / sessions.spread
    spare = max(len(y) - int(np.count_nonzero(np.bincount(sessions.cell))) - 1, 1)
    widening = float(np.sqrt(len(y) / spare)) / sessions.spread
    influence = widening * sessions.centred * (y - value * sessions.centred)
    return Influence(value, np.bincount(owner[sessions.rows], weights=influence, minlength=people))


def cross_cells(columns: list[Values]) -> Ints:
    """Return the number of each session's cell of crossed codes, from 0, shape (n,)."""
    combined = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        combined = combined * (int(column.max()) + 1) + column
    return np.unique(combined, return_inverse=True)[1].astype(np.int64)


def _means(values: Floats, cell: Ints) -> Floats:
    sizes = np.maximum(np.bincount(cell), 1)
    return np.bincount(cell, weights=values) / sizes


@compiled
def _distinct_users(cell: Ints, owner: Ints, cells: int) -> Ints:
    """Return the number of distinct users of each of so many cells; the sessions of a user are contiguous."""
    counts = np.zeros(cells, dtype=np.int64)
    latest = np.full(cells, -1, dtype=np.int64)
    for i in range(len(cell)):
        if latest[cell[i]] != owner[i]:
            latest[cell[i]] = owner[i]
            counts[cell[i]] += 1
    return counts
