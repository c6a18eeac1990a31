"""Predictions of the figures that were held out of the fit, and the reason why a figure is missed.

A prediction is the calibrated world's value. Its interval combines the remaining uncertainty of the dials, the
sampling error of the published figure and of the simulation, and the rounding. The linear approximation near the fit
distinguishes two reasons for a miss: no free dial moves the figure, so the world's mechanisms differ from the
study's; or some dial does, but fitted figures would then be missed, and those are named.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.calibration.fitting.gauss_newton import FitState, FitTargets
from knowntruth.calibration.fitting.inference import Inference
from knowntruth.calibration.moments.targets import Target
from knowntruth.common.intervals import Z_95_ROUNDED

if TYPE_CHECKING:
    import pandas as pd

MAX_FIGURES_NAMED: Final = 3
"""Maximum number of figures named in the reason of a miss."""

MIN_MOVE_NAMED: Final = 0.5
"""Standard errors by which a fitted figure must move to be named."""

COLUMNS: Final = (
    "key", "role", "published", "standard_error", "rounding", "simulated", "gap", "gap_in_errors", "within_errors",
    "within_rounding", "within", "unknown", "low", "high", "inside", "reading", "reason",
)  # fmt: skip
"""Columns of the table of figures; numbers are in the figure's unit, ``low`` and ``high`` a 95% interval."""


def figure_table(
    targets: Sequence[Target], place: FitState, aim: FitTargets, found: Inference, noise: float
) -> "pd.DataFrame":
    """Return every figure with its simulated value, the interval of its prediction and the reason of a miss.

    ``noise`` is the simulation's sampling variance relative to the study's: sessions of the study over those
    simulated. For a fitted figure the interval describes the fit and is no prediction.
    """
    import pandas as pd

    unknown = found.unknown_of(np.nan_to_num(place.slopes))
    rows = [
        _row(each, float(place.moments[k]), float(unknown[k]), noise)
        | {"reason": "" if each.within(float(place.moments[k])) else explain_miss(k, targets, place, aim, found)}
        for k, each in enumerate(targets)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(each: Target, simulated: float, unknown: float, noise: float) -> dict[str, object]:
    spread = math.hypot(unknown, each.standard_error * math.sqrt(1.0 + noise))
    reach = Z_95_ROUNDED * spread + each.rounding
    gap = simulated - each.value
    return {
        "key": each.key,
        "role": each.role,
        "published": each.value,
        "standard_error": each.standard_error,
        "rounding": each.rounding,
        "simulated": simulated,
        "gap": gap,
        "gap_in_errors": gap / each.error,
        "within_errors": each.within_errors(simulated),
        "within_rounding": each.within_rounding(simulated),
        "within": each.within(simulated),
        "unknown": unknown,
        "low": simulated - reach,
        "high": simulated + reach,
        "inside": abs(gap) <= reach,
        "reading": each.reading,
    }


def explain_miss(figure: int, targets: Sequence[Target], place: FitState, aim: FitTargets, found: Inference) -> str:
    """Return in words why a figure is missed, from the slopes at the fit.

    With posterior covariance ``U`` and the figure's slopes ``s``, the smallest move of the parameters (Mahalanobis
    distance) that brings the figure to its published value is ``U s / (s' U s)`` times the gap. The fitted figures
    that this move would change most are the reason of the miss.
    """
    slope = np.nan_to_num(place.slopes[figure])
    gap = targets[figure].value - float(place.moments[figure])
    reachable = float(slope @ found.unknown @ slope)
    if reachable <= (0.02 * gap) ** 2:
        return "no free dial moves it far enough: the world's mechanisms differ from the study's here"
    move = found.unknown @ slope / reachable * gap
    moved = np.nan_to_num(place.slopes[list(aim.fitted)]) @ move / aim.error
    order = [j for j in np.argsort(-np.abs(moved)) if abs(moved[j]) > MIN_MOVE_NAMED and aim.fitted[j] != figure][
        :MAX_FIGURES_NAMED
    ]
    ways = ", ".join(f"{targets[aim.fitted[j]].key} ({moved[j]:+.1f} errors)" for j in order)
    far = abs(gap) / math.sqrt(reachable)
    if not ways:
        return f"the fitted figures do not constrain it; it lies {far:.1f} prior standard deviations away"
    return f"{far:.1f} standard deviations away from what the fitted figures allow; would move {ways}"


def count_by_role(table: "pd.DataFrame") -> dict[str, dict[str, int]]:
    """Return for each role the number of figures, and how many lie within each limit."""
    counted = ("within_errors", "within_rounding", "within", "inside")
    return {
        str(role): {"figures": len(rows)} | {name: int(rows[name].sum()) for name in counted}
        for role, rows in table.groupby("role", sort=False)
    }
