"""The estimate as a function of the strength of a hidden cause: the surface behind sensitivity contour plots.

A point of the surface is a hidden cause, given by its partial R² with treatment and with outcome. Its height is the
estimate adjusted for that cause, if its bias is away from zero (Cinelli and Hazlett 2020). The contour at no effect
shows which causes would explain the estimate away. Benchmarks are points on the surface. In a simulated world the
hidden causes are known, and are points too.
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
"""Grid points along each axis of the surface."""

POINT_COLUMNS: Final = ("name", "kind", "with_treatment", "with_outcome")
"""Columns of points on the surface."""

MIN_AXIS_LIMIT: Final = 0.05
"""The smallest limit of the axes, in partial R²."""


def surface(fit: Fit, compressed: PartialledOut, axis_limit: float) -> pd.DataFrame:
    """Return the surface as rows with_treatment, with_outcome, value, lower, upper: the remaining estimate.

    ``axis_limit`` is the largest partial R² on both sides, above 0 and below 1. Values are of one level.
    """
    grid = np.linspace(0.0, axis_limit, GRID_POINTS)
    with_treatment, with_outcome = (side.ravel() for side in np.meshgrid(grid, grid))
    remaining, margin = remaining_effect(fit, compressed, with_treatment, with_outcome)
    columns = {"with_treatment": with_treatment, "with_outcome": with_outcome, "value": remaining}
    return pd.DataFrame(columns | {"lower": remaining - margin, "upper": remaining + margin})


def remaining_effect(
    fit: Fit, compressed: PartialledOut, with_treatment: Floats, with_outcome: Floats
) -> tuple[Floats, Floats]:
    """Return the estimate adjusted for a hidden cause of these partial R², and half the width of its interval."""
    bias = residual_ratio(fit, compressed) * np.sqrt(with_outcome * with_treatment / (1 - with_treatment))
    value, _, high = fit.interval()
    return value - np.sign(value) * bias, (high - value) * np.sqrt((1 - with_outcome) / (1 - with_treatment))


def points_of(found: Sequence[Benchmark], kind: str) -> pd.DataFrame:
    """Return points on the surface: name, kind, with_treatment, with_outcome.

    A benchmark has the position of a hidden cause as strong as that covariate, a planted cause its own.
    """
    rows = []
    for one in found:
        place = hidden_strength(one) if kind == "benchmark" else (one.with_treatment, one.with_outcome)
        rows.append((one.name, kind, *place))
    return pd.DataFrame(rows, columns=list(POINT_COLUMNS))


def axis_limit(robustness: float, points: pd.DataFrame) -> float:
    """Return the limit of the axes that shows the robustness value and all points."""
    highest = max([robustness, MIN_AXIS_LIMIT, *points["with_treatment"], *points["with_outcome"]])
    return float(min(1.25 * highest, 0.95))


def equal_strength(with_treatment: float, with_outcome: float) -> float:
    """Return the partial R² that, if equal for both, has the same bias as these two: the unit of a robustness value.

    Examples
    --------
    >>> round(equal_strength(0.2, 0.2), 12)
    0.2
    """
    f2 = with_outcome * with_treatment / max(1 - with_treatment, 1e-12)
    return 0.5 * (sqrt(f2**2 + 4 * f2) - f2)
