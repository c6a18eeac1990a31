"""Features of a variable, whose residuals are compared, and the regressors that hold its parents fixed."""

import itertools
from typing import Final

import numpy as np

from knowntruth.common.arrays import Floats, Ints, Values

MAX_DISCRETE_VALUES: Final = 24
"""A variable with at most this many distinct values gets one regressor per value, such as months."""

KNOTS: Final = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98)
"""Quantiles that are the knots of the quadratic spline of a continuous parent."""

MAX_CELLS: Final = 400
"""Discrete parents with at most this many combinations get one regressor per combination, otherwise one per value."""

MAX_CURVES: Final = 100
"""Maximum number of interactions between strata and continuous parents."""

MIN_CASES: Final = 100
"""A yes-or-no feature with fewer cases on either side is too uneven for a normal approximation."""

MIN_EXPECTED_PAIRS: Final = 100
"""A category is compared if it would coincide this often with an independent, equally common one."""

MAX_SKEWNESS: Final = 2.0


def features(values: Values, categories: tuple[str, ...]) -> Floats:
    """Return the columns in which a variable is compared: itself, or each of its categories.

    A skewed variable is compared by its logarithm; one that hardly varies and a rare category have no columns.
    """
    if categories:
        counts = np.bincount(values.astype(np.int64), minlength=len(categories))
        columns = [values == code for code in np.flatnonzero(counts**2 >= MIN_EXPECTED_PAIRS * len(values))]
    else:
        columns = [_unskewed(values.astype(float))]
    kept = [np.asarray(c, dtype=float) for c in columns if _varies(np.asarray(c))]
    return np.column_stack(kept) if kept else np.empty((len(values), 0))


def basis(parents: list[Values], rows: int) -> Floats:
    """Return the regressors that hold the parents fixed: indicators of values, splines, and products.

    Each combination of the discrete parents is a stratum with its own curves, up to the limits above.
    """
    discrete = [p for p in parents if _discrete(p)]
    strata = _cells(discrete, rows)
    steps = [_steps(strata)] if strata.max() < MAX_CELLS else [_steps(p) for p in discrete]
    splines = [_spline(p) for p in parents if not _discrete(p)]
    numbers = [_standard(p.astype(float)) for p in parents]
    products = [(a * b)[:, None] for a, b in itertools.combinations(numbers, 2)]
    return np.hstack([np.ones((rows, 1)), *steps, *splines, *products, _within(np.hstack(steps), splines, numbers)])


def _within(steps: Floats, splines: list[Floats], numbers: list[Floats]) -> Floats:
    """Return interactions of strata with splines, or with slopes, or none, whichever fits within `MAX_CURVES`."""
    for columns in (np.hstack(splines), np.column_stack(numbers)) if splines and steps.size else ():
        if steps.shape[1] * columns.shape[1] <= MAX_CURVES:
            return (steps[:, :, None] * columns[:, None, :]).reshape(len(steps), -1)
    return np.empty((len(steps), 0))


def _cells(discrete: list[Values], rows: int) -> Ints:
    """Return the code of each row's combination of values."""
    cells = np.zeros(rows, dtype=np.int64)
    for values in discrete:
        own = np.unique(values, return_inverse=True)[1]
        cells = np.unique(cells * (own.max() + 1) + own, return_inverse=True)[1]
    return cells


def _discrete(values: Values) -> bool:
    return len(np.unique(values)) <= MAX_DISCRETE_VALUES


def _steps(values: Values) -> Floats:
    return (values[:, None] == np.unique(values)[1:]).astype(float)


def _spline(values: Values) -> Floats:
    """Return a quadratic spline, with an indicator for the least value if many rows have it (such as no lines)."""
    x = _standard(_unskewed(values.astype(float)))
    least = x == x.min()
    step = [least] if least.sum() >= MIN_CASES else []
    return np.column_stack([x, x**2, np.maximum(x[:, None] - np.unique(np.quantile(x, KNOTS)), 0.0) ** 2, *step])


def _unskewed(x: Floats) -> Floats:
    centred = _standard(x)
    if x.min() < 0 or (centred**3).mean() < MAX_SKEWNESS:
        return x
    return np.log(x) if x.min() > 0 else np.log1p(x)


def _standard(x: Floats) -> Floats:
    spread = x.std()
    return (x - x.mean()) / spread if spread > 0 else np.zeros_like(x)


def _varies(column: Values) -> bool:
    distinct, counts = np.unique(column, return_counts=True)
    return len(distinct) > 2 or (len(distinct) == 2 and bool(counts.min() >= MIN_CASES))
