"""From coefficients to cells and back: the two loops that every compiled likelihood shares.

A cell's linear predictor is η_c = θ_0 + Σ_j θ[columns_cj]. Its transpose carries derivatives back: ∂/∂θ_k is the sum
of ∂/∂η_c over the cells with k among their positions. Both are products with the same sparse matrix of zeros and
ones.

Written for Numba, which compiles them into whatever calls them (see `ops`); uncompiled they are slow.
"""

import numpy as np

from knowntruth.common.arrays import Floats, Ints


def gather_predictors(theta: Floats, columns: Ints) -> Floats:
    """Return the linear predictor of each cell: the first coefficient, plus those at its positions."""
    found = np.full(len(columns), theta[0])
    for cell in range(len(columns)):
        for j in range(columns.shape[1]):
            found[cell] += theta[columns[cell, j]]
    return found


def scatter_gradient(slopes: Floats, columns: Ints, size: int) -> Floats:
    """Return the derivative by each coefficient, shape (size,), from that by each cell's linear predictor."""
    found = np.zeros(size)
    for cell in range(len(columns)):
        found[0] += slopes[cell]
        for j in range(columns.shape[1]):
            found[columns[cell, j]] += slopes[cell]
    return found


PARTS = (gather_predictors, scatter_gradient)
"""What Numba must know before it compiles a likelihood."""
