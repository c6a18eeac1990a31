"""What a variable looks like on either side of a regression: features to be compared, and regressors to be held."""

import itertools
from typing import Final

import numpy as np

from knowntruth.world.mechanism import Values
from knowntruth.world.noise import Floats

FEW_VALUES: Final = 24
"""Up to so many distinct values each gets a regressor of its own: levels, months, modes, occupations."""

KNOTS: Final = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98)
"""Quantiles at which the quadratic spline of a continuous parent may bend."""

COMMONEST: Final = 3
LEAST_CASES: Final = 100
"""A yes-or-no feature with fewer cases on either side is too uneven for a normal approximation."""

SKEWED: Final = 2.0


def features(values: Values, categories: tuple[str, ...]) -> Floats:
    """Return the columns in which a variable is compared: itself, or its commonest categories.

    A skewed one is compared by its logarithm; one that hardly varies has no columns.
    """
    if categories:
        counts = np.bincount(values.astype(np.int64), minlength=len(categories))
        common = np.argsort(-counts, kind="stable")[:COMMONEST]
        columns = [values == code for code in common]
    else:
        columns = [_unskewed(values.astype(float))]
    kept = [np.asarray(c, dtype=float) for c in columns if _varies(np.asarray(c))]
    return np.column_stack(kept) if kept else np.empty((len(values), 0))


def basis(parents: list[Values], rows: int) -> Floats:
    """Return the regressors that hold the parents fixed: one of each value, or a spline, and products."""
    blocks = [np.ones((rows, 1)), *(_steps(p) if _discrete(p) else _spline(p) for p in parents)]
    numbers = [_standard(p.astype(float)) for p in parents]
    products = [(a * b)[:, None] for a, b in itertools.combinations(numbers, 2)]
    return np.hstack([*blocks, *products])


def _discrete(values: Values) -> bool:
    return len(np.unique(values)) <= FEW_VALUES


def _steps(values: Values) -> Floats:
    return (values[:, None] == np.unique(values)[1:]).astype(float)


def _spline(values: Values) -> Floats:
    x = _standard(_unskewed(values.astype(float)))
    return np.column_stack([x, x**2, np.maximum(x[:, None] - np.unique(np.quantile(x, KNOTS)), 0.0) ** 2])


def _unskewed(x: Floats) -> Floats:
    centred = _standard(x)
    if x.min() < 0 or (centred**3).mean() < SKEWED:
        return x
    return np.log(x) if x.min() > 0 else np.log1p(x)


def _standard(x: Floats) -> Floats:
    spread = x.std()
    return (x - x.mean()) / spread if spread > 0 else np.zeros_like(x)


def _varies(column: Values) -> bool:
    distinct, counts = np.unique(column, return_counts=True)
    return len(distinct) > 2 or (len(distinct) == 2 and bool(counts.min() >= LEAST_CASES))
