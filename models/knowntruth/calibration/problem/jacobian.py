"""The Jacobian of everything that a problem returns with respect to every parameter, near one point.

`jacobian` takes one run per parameter (finite differences). `broyden_update` uses any later run: it makes the
smallest change to the Jacobian that is exact along the last move (Broyden 1965,
doi:10.1090/S0025-5718-1965-0198670-6). Most steps of a search therefore cost one run, and the Jacobian is measured
again only where the update is not enough.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from knowntruth.common.arrays import Floats

STEP: Final = 0.02
"""Move of one parameter, as a share of its range: large enough that the discreteness of sessions averages out."""

MIN_MOVE: Final = 1e-3
"""Shorter moves are not used for updates: changes over them are mostly discreteness noise."""

Answers = Callable[[Floats], Floats]
"""From a point to an array of all outcomes."""


def jacobian(answers: Answers, point: Floats, step: float = STEP, threads: int = 1) -> Floats:
    """Return the slopes at a point, shape (answers, parameters), each from a move towards the middle of the range."""
    here = answers(point)
    with ThreadPoolExecutor(threads) as pool:
        columns = list(pool.map(lambda k: _slope(answers, point, here, k, step), range(len(point))))
    return np.column_stack(columns)


def _slope(answers: Answers, point: Floats, here: Floats, parameter: int, step: float) -> Floats:
    """Return one parameter's slopes; towards its nearer end if the step towards the middle fails, else zeros."""
    inwards = step if point[parameter] <= 0.5 else -step
    for move in (inwards, -inwards):
        moved = point.copy()
        moved[parameter] = np.clip(moved[parameter] + move, 0.0, 1.0)
        change = answers(moved) - here
        if moved[parameter] != point[parameter] and np.isfinite(change).all():
            return change / (moved[parameter] - point[parameter])
    return np.zeros_like(here)


def broyden_update(slopes: Floats, move: Floats, change: Floats) -> Floats:
    """Return slopes that give ``change`` along ``move`` and are unchanged orthogonal to it."""
    length = float(move @ move)
    if length < MIN_MOVE**2 or not np.isfinite(change).all():
        return slopes
    return slopes + np.outer(change - slopes @ move, move) / length
