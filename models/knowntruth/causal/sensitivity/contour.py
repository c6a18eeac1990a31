"""How an estimate would change with a hidden cause of any strength: the surface that robustness values are read off.

Each point of the surface is a hidden cause, by the share that it explains of what is left of the treatment and of the
outcome once covariates are held; its height is what would be left of the estimate if that cause were held too and
pulled towards no effect (Cinelli and Hazlett 2020). The contour at no effect says which causes would do away with it.
Benchmarks are points on the surface; where the world knows its hidden causes, they are points too.
"""

from collections.abc import Sequence
from math import sqrt
from typing import Final

import numpy as np
import pandas as pd

from knowntruth.causal.estimation.partial_out import PartialledOut
from knowntruth.causal.estimation.regression import Fit
from knowntruth.causal.sensitivity.partial_r2 import Benchmark, hidden_strength, residual_ratio
from knowntruth.common.arrays import Floats

GRID_POINTS: Final = 60
"""Points along each side of the surface."""

POINT_COLUMNS: Final = ("name", "kind", "with_treatment", "with_outcome")
"""Columns of points on the surface."""

MIN_AXIS_LIMIT: Final = 0.05
"""The surface reaches at least to this partial R²."""


def surface(fit: Fit, compressed: PartialledOut, axis_limit: float) -> pd.DataFrame:
    """Return the surface as rows with_treatment, with_outcome, value, lower, upper: what is left of the estimate.

    ``axis_limit`` is the largest partial R² on both sides, above 0 and below 1. Values are of one level.
    """
    grid = np.linspace(0.0, axis_limit, GRID_POINTS)
    with_treatment, with_outcome = (side.ravel() for side in np.meshgrid(grid, grid))
    left, error = remaining_effect(fit, compressed, with_treatment, with_outcome)
    return pd.DataFrame({
        "with_treatment": with_treatment, "with_outcome": with_outcome, "value": left,
        "lower": left - error, "upper": left + error,
    })  # fmt: skip


def remaining_effect(
    fit: Fit, compressed: PartialledOut, with_treatment: Floats, with_outcome: Floats
) -> tuple[Floats, Floats]:
    """Return what a hidden cause of these partial R² leaves of the estimate, and half the width of its interval."""
    bias = residual_ratio(fit, compressed) * np.sqrt(with_outcome * with_treatment / (1 - with_treatment))
    value, _, high = fit.interval()
    return value - np.sign(value) * bias, (high - value) * np.sqrt((1 - with_outcome) / (1 - with_treatment))


def points_of(found: Sequence[Benchmark], kind: str) -> pd.DataFrame:
    """Return points on the surface: name, kind, with_treatment, with_outcome.

    A benchmark stands where a hidden cause as strong as that covariate would, a planted cause where it is.
    """
    rows = []
    for one in found:
        place = hidden_strength(one) if kind == "benchmark" else (one.with_treatment, one.with_outcome)
        rows.append((one.name, kind, *place))
    return pd.DataFrame(rows, columns=list(POINT_COLUMNS))


def axis_limit(robustness: float, points: pd.DataFrame) -> float:
    """Return how far the surface must reach for the robustness value and all points to be seen."""
    highest = max([robustness, MIN_AXIS_LIMIT, *points["with_treatment"], *points["with_outcome"]])
    return float(min(1.25 * highest, 0.95))


def equal_strength(with_treatment: float, with_outcome: float) -> float:
    """Return the one share that, explained of both, does what these two do: the unit of a robustness value.

    Examples
    --------
    >>> round(equal_strength(0.2, 0.2), 12)
    0.2
    """
    f2 = with_outcome * with_treatment / max(1 - with_treatment, 1e-12)
    return 0.5 * (sqrt(f2**2 + 4 * f2) - f2)
