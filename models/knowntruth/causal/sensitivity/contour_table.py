"""One outcome's sensitivity as a picture needs it: the surface, and the points that stand on it."""

from collections.abc import Sequence

import pandas as pd

from knowntruth.causal.estimation.analysis import Analysis
from knowntruth.causal.sensitivity import contour, partial_r2
from knowntruth.causal.sensitivity.partial_r2 import Benchmark


def contour_table(case: Analysis, planted: Sequence[Benchmark] = ()) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the surface and its points, both with a column ``outcome``.

    Parameters
    ----------
    planted
        Hidden causes whose true strength is known, as in a simulation.

    Returns ------- The surface has with_treatment, with_outcome, value, lower, upper, in the unit of the case:
    ratios where the outcome is a logarithm. The points have name, kind (estimate, benchmark, planted),
    with_treatment, with_outcome.
    """
    robustness = partial_r2.robustness_value(case.fit, case.whole)
    points = pd.concat([
        pd.DataFrame([("estimate", "estimate", 0.0, 0.0)], columns=list(contour.POINT_COLUMNS)),
        contour.points_of(partial_r2.benchmarks(case.whole), "benchmark"),
        contour.points_of(planted, "planted"),
    ], ignore_index=True)  # fmt: skip
    surface = contour.surface(case.fit, case.whole, contour.axis_limit(robustness, points))
    for column in ("value", "lower", "upper"):
        surface[column] = case.scaled(*surface[column])
    return surface.assign(outcome=case.outcome), points.assign(outcome=case.outcome)
