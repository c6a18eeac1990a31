"""From coefficients to cells and back: the two loops that every compiled likelihood shares.

Written for Numba, which compiles them into whatever calls them (see `likelihoods`); uncompiled they are slow.
"""

import numpy as np

from knowntruth.common.arrays import Floats, Ints


def over_blocks(theta: Floats, columns: Ints) -> Floats:
    """Return the linear predictor of each cell: the first coefficient, plus those at its positions."""
    found = np.full(len(columns), theta[0])
    for cell in range(len(columns)):
        for j in range(columns.shape[1]):
            found[cell] += theta[columns[cell, j]]
    return found


def over_cells(slopes: Floats, columns: Ints, size: int) -> Floats:
    """Return the derivative by each coefficient, shape (size,), from that by each cell's linear predictor."""
    found = np.zeros(size)
    for cell in range(len(columns)):
        found[0] += slopes[cell]
        for j in range(columns.shape[1]):
            found[columns[cell, j]] += slopes[cell]
    return found


PARTS = (over_blocks, over_cells)
"""What Numba must know before it compiles a likelihood."""
