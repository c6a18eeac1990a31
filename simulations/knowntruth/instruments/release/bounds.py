"""Bounds: between what values an outsider can place each cell that stayed.

Two linear programs a cell tell, but there are hundreds of cells, and most are in plenty of doubt. So first a cheap
proof of that, for all at once: from a point well inside of all that fits what is known, go both ways in the direction
in which the cell changes most, until some cell would have fewer than one person. Both ends fit, so the cell is in
doubt by their distance at least. Only cells for which that is not enough get linear programs, the narrowest first.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from knowntruth.common.arrays import Flags, Floats, Ints
from knowntruth.instruments.release.attack import System

TOLERANCE: Final = 1e-6
"""How far a linear program may be off, in people."""

MAX_STEPS: Final = 30
"""Newton's method is stopped here at the latest: any inner point does, the centre only does best."""

STEP_FRACTION: Final = 0.999
"""How much of the way to the edge is gone, so that no end lies beyond it for want of digits."""

BATCH_SIZE: Final = 500
"""Cells that are looked at together: each needs two points with a number for each unknown."""


@dataclass(frozen=True, slots=True)
class InteriorPoint:
    """A point well inside of all that fits: ``room``, people above one, of the unknown cells that are ``free``.

    ``basis`` has orthonormal columns that span the equations with each unknown counted in units of its room.
    """

    free: Flags
    room: Floats
    basis: Floats

    def kept(self, directions: Floats) -> Floats:
        """Return the part of each direction (a row each, in units of the room) along which no known sum changes."""
        along: Floats = directions - (directions @ self.basis) @ self.basis.T
        return along


def widths(given: System, enough: float, stop_after: float = math.inf) -> Floats:
    """Return for each target how far apart its largest and least possible value are.

    A target whose bounds are found to be ``enough`` apart is not looked at any further: its width is then a lower
    bound. All others are exact up to the solver's tolerance, unless so many narrow ones were found that it stopped:
    those not looked at are infinite.
    """
    if not given.names:
        return np.zeros(0)
    targets = given.targets
    low = targets @ given.people
    high = low.copy()
    for points in _ends(given):
        found = targets @ points
        low, high = np.minimum(low, found.min(axis=1)), np.maximum(high, found.max(axis=1))
    narrow = np.flatnonzero(high - low < enough)
    exact = np.zeros(len(low), dtype=bool)
    for k in narrow[np.argsort((high - low)[narrow], kind="stable")]:
        if (exact & (high - low < enough - TOLERANCE)).sum() >= stop_after:
            break
        for sign in (-1.0, 1.0):  # upwards first: small cells have more room there
            if high[k] - low[k] < enough:
                found = targets @ _extreme(given, sign * targets[k].toarray().ravel())
                low, high = np.minimum(low, found), np.maximum(high, found)
        exact[k] = True
    return np.where(exact | (high - low >= enough), high - low, np.inf)


def _extreme(given: System, objective: Floats) -> Floats:
    """Return people in each unknown cell, fitting all that is known, where the objective is least."""
    known = given.equations if given.equations.shape[0] else None
    found = _solved(objective, known, None if known is None else known @ given.people, (1.0, given.people.sum()))
    return given.people if found is None else found


def _solved(objective: Floats, known: Any, sums: Any, bounds: Any) -> Floats | None:
    from scipy.optimize import linprog

    found = linprog(objective, A_eq=known, b_eq=sums, bounds=bounds, method="highs")
    return np.asarray(found.x, dtype=np.float64) if found.status == 0 else None


def _ends(given: System) -> Any:
    """Yield people in each unknown cell, a column a point: as far as can be gone up and down for each target."""
    inside = _inside(given)
    if inside is None:
        return
    for first in range(0, len(given.names), BATCH_SIZE):
        block = given.targets[first : first + BATCH_SIZE][:, inside.free].toarray() * inside.room
        along = inside.kept(block)
        changes = np.abs(along).max(axis=1, initial=0.0) > TOLERANCE * np.abs(block).max(axis=1, initial=0.0)
        along = along[changes]
        for way in (along, -along):
            far = STEP_FRACTION / np.maximum(-way.min(axis=1, initial=0.0), 1 / given.people.sum())
            points = np.ones((len(given.people), len(way)))
            points[inside.free] += (inside.room * (1 + far[:, None] * way)).T
            fit = _fits(given, points)
            if fit.any():
                yield points[:, fit]


def _fits(given: System, points: Floats) -> Flags:
    """Return which points fit all that is known, whatever was lost to rounding on the way."""
    off = np.abs(given.equations @ points - (given.equations @ given.people)[:, None])
    fits: Flags = (off.max(axis=0, initial=0.0) < TOLERANCE) & (points.min(axis=0, initial=1.0) >= 1 - TOLERANCE)
    return fits


def _inside(given: System) -> InteriorPoint | None:
    """Return the analytic centre of all that fits, by Newton's method; None where everything is known."""
    room = _somewhere(given)
    free = room > TOLERANCE
    if not free.any():
        return None
    rows = _independent(given.equations[:, np.flatnonzero(free)].toarray())
    at = room[free]
    for _ in range(MAX_STEPS):
        point = InteriorPoint(free, at, np.linalg.qr((rows * at).T)[0])
        step = point.kept(np.ones((1, len(at))))[0]  # relative to the room: the slope of the sum of its logarithms
        if np.linalg.norm(step) < 0.5:
            break
        at = at * (1 + step / (1 + np.abs(step).max()))
    return InteriorPoint(free, at, np.linalg.qr((rows * at).T)[0])


def _somewhere(given: System) -> Floats:
    """Return people above one that fit what is known, above none wherever anything above none fits."""
    from scipy import sparse

    unknown = len(given.people)
    objective = np.repeat([-1.0, 0.0], unknown)  # the first person above one earns, in each cell, and no further one
    known = sparse.hstack([given.equations, given.equations]).tocsr() if given.equations.shape[0] else None
    bounds = [(0.0, 1.0)] * unknown + [(0.0, given.people.sum())] * unknown
    sums = None if known is None else given.equations @ (given.people - 1)
    found = _solved(objective, known, sums, bounds)
    return given.people - 1 if found is None else found[:unknown] + found[unknown:]


def _independent(rows: Floats) -> Floats:
    """Return as many of the rows as span them all."""
    from scipy.linalg import qr

    if not len(rows):
        return rows
    triangle, order = qr(rows.T, mode="r", pivoting=True)
    sizes = np.abs(np.diag(triangle))
    chosen: Ints = np.sort(order[: int((sizes > TOLERANCE * sizes[0]).sum())])
    return rows[chosen]
