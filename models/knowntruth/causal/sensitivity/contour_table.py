"""The data of a sensitivity contour plot for one outcome: the surface, and the points on it."""

from collections.abc import Sequence

import pandas as pd

from knowntruth.causal.estimation.analysis import Analysis
from knowntruth.causal.sensitivity import contour, partial_r2
from knowntruth.causal.sensitivity.partial_r2 import Benchmark


def contour_table(analysis: Analysis, planted: Sequence[Benchmark] = ()) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the surface and its points, both with a column ``outcome``.

    Parameters
    ----------
    planted
        Hidden causes whose true strength is known, as in a simulation.

    Returns
    -------
    The surface, with the columns with_treatment, with_outcome, value, lower, upper, in the unit of the analysis:
    ratios if the outcome is a logarithm. The points, with the columns name, kind (estimate, benchmark, planted),
    with_treatment, with_outcome.
    """
    robustness = partial_r2.robustness_value(analysis.fit, analysis.whole)
    parts = [
        pd.DataFrame([("estimate", "estimate", 0.0, 0.0)], columns=list(contour.POINT_COLUMNS)),
        contour.points_of(partial_r2.benchmarks(analysis.whole), "benchmark"),
        contour.points_of(planted, "planted"),
    ]
    points = pd.concat(parts, ignore_index=True)
    surface = contour.surface(analysis.fit, analysis.whole, contour.axis_limit(robustness, points))
    for column in ("value", "lower", "upper"):
        surface[column] = analysis.scaled(*surface[column])
    return surface.assign(outcome=analysis.outcome), points.assign(outcome=analysis.outcome)
