"""Bounds: the range of values that each suppressed cell can have, given the released numbers.

Two linear programs per cell give the exact bounds, but there are hundreds of cells, and most ranges are wide. A cheap
lower bound of all widths comes first: from an interior point of the feasible set, move both ways in the direction in
which the cell changes most, until some cell would have fewer than one person. Both ends are feasible, so their
distance is a lower bound of the width. Only cells whose lower bound is too small get linear programs, the narrowest
first.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from knowntruth.common.arrays import Flags, Floats, Ints
from knowntruth.instruments.release.attack import System

TOLERANCE: Final = 1e-6
"""Tolerance of a linear program, in people."""

MAX_STEPS: Final = 30
"""Maximum number of Newton steps: any interior point is valid, the centre gives the best bounds."""

STEP_FRACTION: Final = 0.999
"""Share of the way to the boundary, so rounding errors leave no end outside."""

BATCH_SIZE: Final = 500
"""Cells per batch: each needs two points with one number per unknown."""


@dataclass(frozen=True, slots=True)
class InteriorPoint:
    """An interior point of the feasible set: ``room``, people above one, of the unknown cells that are ``free``.

    ``basis`` has orthonormal columns that span the equations with each unknown counted in units of its room.
    """

    free: Flags
    room: Floats
    basis: Floats

    def project(self, directions: Floats) -> Floats:
        """Return the part of each direction (one row each, in units of the room) along which no known sum changes."""
        along: Floats = directions - (directions @ self.basis) @ self.basis.T
        return along


def widths(given: System, enough: float, stop_after: float = math.inf) -> Floats:
    """Return for each target the difference of its largest and least possible value.

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
    """Return feasible numbers of people in each unknown cell that minimise the objective."""
    known = given.equations if given.equations.shape[0] else None
    found = _solved(objective, known, None if known is None else known @ given.people, (1.0, given.people.sum()))
    return given.people if found is None else found


def _solved(objective: Floats, known: Any, sums: Any, bounds: Any) -> Floats | None:
    from scipy.optimize import linprog

    found = linprog(objective, A_eq=known, b_eq=sums, bounds=bounds, method="highs")
    return np.asarray(found.x, dtype=np.float64) if found.status == 0 else None


def _ends(given: System) -> Any:
    """Yield people in each unknown cell, a column a point: the ends of both directions for each target."""
    inside = _inside(given)
    if inside is None:
        return
    for first in range(0, len(given.names), BATCH_SIZE):
        block = given.targets[first : first + BATCH_SIZE][:, inside.free].toarray() * inside.room
        along = inside.project(block)
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
    """Return which points are feasible despite rounding errors."""
    off = np.abs(given.equations @ points - (given.equations @ given.people)[:, None])
    fits: Flags = (off.max(axis=0, initial=0.0) < TOLERANCE) & (points.min(axis=0, initial=1.0) >= 1 - TOLERANCE)
    return fits


def _inside(given: System) -> InteriorPoint | None:
    """Return the analytic centre of the feasible set, by Newton's method (Boyd and Vandenberghe 2004, section 8.5).

    None if every cell is known.
    """
    room = _feasible_room(given)
    free = room > TOLERANCE
    if not free.any():
        return None
    rows = _independent(given.equations[:, np.flatnonzero(free)].toarray())
    at = room[free]
    for _ in range(MAX_STEPS):
        point = InteriorPoint(free, at, np.linalg.qr((rows * at).T)[0])
        step = point.project(np.ones((1, len(at))))[0]  # relative to the room: the slope of the sum of its logarithms
        if np.linalg.norm(step) < 0.5:
            break
        at = at * (1 + step / (1 + np.abs(step).max()))
    return InteriorPoint(free, at, np.linalg.qr((rows * at).T)[0])


def _feasible_room(given: System) -> Floats:
    """Return feasible numbers of people above one, positive wherever a positive number is feasible."""
    from scipy import sparse

    unknown = len(given.people)
    objective = np.repeat([-1.0, 0.0], unknown)  # the objective counts the first person above one in each cell only
    known = sparse.hstack([given.equations, given.equations]).tocsr() if given.equations.shape[0] else None
    bounds = [(0.0, 1.0)] * unknown + [(0.0, given.people.sum())] * unknown
    sums = None if known is None else given.equations @ (given.people - 1)
    found = _solved(objective, known, sums, bounds)
    return given.people - 1 if found is None else found[:unknown] + found[unknown:]


def _independent(rows: Floats) -> Floats:
    """Return a maximal set of linearly independent rows."""
    from scipy.linalg import qr

    if not len(rows):
        return rows
    triangle, order = qr(rows.T, mode="r", pivoting=True)
    sizes = np.abs(np.diag(triangle))
    chosen: Ints = np.sort(order[: int((sizes > TOLERANCE * sizes[0]).sum())])
    return rows[chosen]
