"""From scores to chances and levels: the link functions that mechanisms and instruments share."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowntruth.common.arrays import Floats, Values


def to_level(score: Floats, cuts: tuple[float, ...] | list[float]) -> Values:
    """Return the level 1-5 of a continuous score, given four increasing cuts."""
    return np.int8(1) + digitize(score, cuts)


def digitize(score: Floats, ladder: Sequence[float] | Floats) -> NDArray[np.int8]:
    """Return how many of a few ascending numbers each score reaches: as NumPy's searchsorted, but sooner."""
    reached = np.zeros(len(score), dtype=np.int8)
    for number in ladder:
        reached += score >= number
    return reached


def logistic(x: Floats) -> Floats:
    """Return the probability of log odds ``x``."""
    return 1.0 / (1.0 + np.exp(-x))


def logit(p: float | Floats) -> Floats:
    """Return the log odds of a probability, which is kept a hair inside (0, 1)."""
    inside = np.clip(p, 1e-9, 1 - 1e-9)
    return np.log(inside / (1 - inside))
