"""Link functions that mechanisms and instruments share: from scores to probabilities and levels."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowntruth.common.arrays import Floats, Values


def to_level(score: Floats, cuts: tuple[float, ...] | list[float]) -> Values:
    """Return the level 1-5 of a continuous score, given four increasing cuts."""
    return np.int8(1) + digitize(score, cuts)


def digitize(score: Floats, ladder: Sequence[float] | Floats) -> NDArray[np.int8]:
    """Return the number of ascending ``ladder`` values that each score reaches.

    Equal to ``np.searchsorted(ladder, score, side="right")``, and faster for a few values.
    """
    reached = np.zeros(len(score), dtype=np.int8)
    for number in ladder:
        reached += score >= number
    return reached


def logistic(x: Floats) -> Floats:
    """Return the probability of log odds ``x``."""
    return 1.0 / (1.0 + np.exp(-x))


def logit(p: float | Floats) -> Floats:
    """Return the log odds of a probability, clipped to [1e-9, 1 - 1e-9]."""
    inside = np.clip(p, 1e-9, 1 - 1e-9)
    return np.log(inside / (1 - inside))
