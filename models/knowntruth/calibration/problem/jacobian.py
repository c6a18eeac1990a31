"""Slopes: how everything that a problem returns changes with every parameter, near one point.

`measured` takes one run a parameter. `corrected` learns from any run that was made anyway: the smallest change to the
slopes that makes them right along the last move (Broyden 1965, doi:10.1090/S0025-5718-1965-0198670-6). So most steps
of a search cost one run, and the whole table is measured again only where that no longer does.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from knowntruth.common.arrays import Floats

STEP: Final = 0.02
"""Move of one parameter, as a share of its range: far enough that rounding to whole sessions averages out."""

SHORTEST: Final = 1e-3
"""Moves shorter than this teach nothing: what changes over them is mostly whole sessions changing sides."""

Answers = Callable[[Floats], Floats]
"""Everything of interest at a point, one array."""


def jacobian(answers: Answers, point: Floats, step: float = STEP, threads: int = 1) -> Floats:
    """Return the slopes at a point, shape (answers, parameters), each from a move towards the middle of the range."""
    here = answers(point)
    with ThreadPoolExecutor(threads) as pool:
        columns = list(pool.map(lambda k: _slope(answers, point, here, k, step), range(len(point))))
    return np.column_stack(columns)


def _slope(answers: Answers, point: Floats, here: Floats, parameter: int, step: float) -> Floats:
    """Return one parameter's slopes; towards its nearer end if nothing can be had towards the middle, else zeros."""
    inwards = step if point[parameter] <= 0.5 else -step
    for move in (inwards, -inwards):
        moved = point.copy()
        moved[parameter] = np.clip(moved[parameter] + move, 0.0, 1.0)
        change = answers(moved) - here
        if moved[parameter] != point[parameter] and np.isfinite(change).all():
            return change / (moved[parameter] - point[parameter])
    return np.zeros_like(here)


def broyden_update(slopes: Floats, move: Floats, change: Floats) -> Floats:
    """Return slopes that say ``change`` along ``move``, and what they said before across it."""
    length = float(move @ move)
    if length < SHORTEST**2 or not np.isfinite(change).all():
        return slopes
    return slopes + np.outer(change - slopes @ move, move) / length
