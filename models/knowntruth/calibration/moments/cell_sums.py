"""Least squares within cells, computed from sums over cells alone in one pass over the sessions.

With one effect for each cell the normal equations of the other regressors are

    (Σ x x' - Σ_c s_c s_c' / n_c) b = Σ x y - Σ_c s_c t_c / n_c

with ``n_c``, ``s_c`` and ``t_c`` the number of sessions and the sums of ``x`` and ``y`` in cell ``c`` (Frisch, Waugh
and Lovell). For indicators of the five levels even the sums are counts. The results equal those of
`knowntruth.study.estimation.regression` and `knowntruth.study.estimation.adjusted_rates` without standard errors
(tested).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from knowntruth.calibration.simulation.moment_columns import SIZES, MomentColumns
from knowntruth.common.arrays import Floats, Ints, Values
from knowntruth.engine.numba_cache import compiled


@compiled
def _distinct_users(cell: Ints, user: Ints, out: Ints) -> None:
    last = np.full(len(out), -1, dtype=np.int64)
    for i in range(len(cell)):
        if last[cell[i]] != user[i]:
            last[cell[i]] = user[i]
            out[cell[i]] += 1


@dataclass(frozen=True, slots=True)
class Cells:
    """The sessions that survive suppression: ``kept`` their positions, ``code`` their cells, ``number`` of codes."""

    kept: Ints
    code: Ints
    number: int


def cross_cells(sample: MomentColumns, names: Sequence[str], needed: int) -> Cells:
    """Return the sessions of ``sample`` in cells of the crossed ``names`` with at least ``needed`` distinct users."""
    if not names:
        return Cells(np.arange(len(sample)), np.zeros(len(sample), dtype=np.int64), 1)
    code = np.zeros(len(sample), dtype=np.int64)
    for name in names:
        code *= SIZES[name]
        code += sample[name]
    users = np.zeros(prod(SIZES[name] for name in names), dtype=np.int64)
    _distinct_users(code, sample.user, users)
    kept = np.flatnonzero(users[code] >= needed)
    number, code = _packed(code[kept], len(users))
    return Cells(kept, code, number)


def _packed(code: Ints, number: int) -> tuple[int, Ints]:
    """Return the number of distinct codes, and the codes renumbered without gaps."""
    there = np.bincount(code, minlength=number) > 0
    return int(there.sum()), (np.cumsum(there) - 1)[code]


def slope_within_cells(cells: Cells, y: Values, *x: Values) -> tuple[float, float]:
    """Return the coefficient of the first of the regressors ``x`` within cells, and R² over all variation.

    ``y`` and ``x`` are columns of the whole sample. NaN where they do not vary within the cells.
    """
    columns = [_centred(column, cells) for column in (*x, y)]
    size = np.maximum(np.bincount(cells.code, minlength=cells.number), 1)
    sums = [np.bincount(cells.code, weights=column, minlength=cells.number) for column in columns]
    gram = np.array(
        [
            [a @ b - s @ (t / size) for b, t in zip(columns, sums, strict=True)]
            for a, s in zip(columns, sums, strict=True)
        ]
    )
    if not len(cells.kept) or gram[0, 0] <= 0:
        return np.nan, np.nan
    found = np.linalg.lstsq(gram[:-1, :-1], gram[:-1, -1], rcond=None)[0]
    left = gram[-1, -1] - found @ gram[:-1, -1]
    return float(found[0]), float(1.0 - left / (columns[-1] @ columns[-1]))


def _centred(column: Values, cells: Cells) -> Floats:
    kept = column[cells.kept].astype(np.float64)
    return np.asarray(kept - kept.mean() if len(kept) else kept, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class LevelCounts:
    """A count table of cells and levels, shared by the adjusted rates of every outcome.

    ``counts`` has shape (cells, 5).
    """

    cells: Cells
    level: Ints
    counts: Floats

    def rates(self, y: Values) -> Floats:
        """Return the adjusted rate at each level, shape (5,): effects shifted to average to the mean of y."""
        outcome = y[self.cells.kept].astype(np.float64)
        at_level = np.bincount(self.level, weights=outcome, minlength=5)
        in_cell = np.bincount(self.cells.code, weights=outcome, minlength=self.cells.number)
        size = np.maximum(self.counts.sum(axis=1), 1.0)
        n = self.counts.sum(axis=0)
        gram = np.diag(n) - self.counts.T @ (self.counts / size[:, None])
        right = at_level - self.counts.T @ (in_cell / size)
        effects = np.linalg.lstsq(gram, right, rcond=1e-10)[0]  # the overall level is not identified
        effects[n == 0] = np.nan
        total = n.sum()
        return np.asarray(effects + (at_level.sum() - np.nansum(effects * n)) / total if total else effects)


def count_levels(cells: Cells, rating: Values) -> LevelCounts:
    """Return the count table of the cells and the 1-5 ``rating`` of the whole sample."""
    level = rating[cells.kept].astype(np.int64) - 1
    counts = np.bincount(cells.code * 5 + level, minlength=cells.number * 5).reshape(-1, 5).astype(np.float64)
    return LevelCounts(cells, level, counts)
