"""Predictions of the figures that were kept out of the fit, and why a figure is missed.

A prediction is the calibrated world's value; its interval holds what the fitted figures leave unknown of the dials,
the sampling of the published figure and of the simulation, and the rounding. A figure can be missed for two reasons,
told apart by the straight lines near the fit: nothing that may be turned moves it, so that the world works in another
way than the study's; or something does, but then fitted figures would have to give way, and which is said.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.calibration.fitting.gauss_newton import Aim, Place
from knowntruth.calibration.fitting.inference import Inference
from knowntruth.calibration.moments.targets import Target

if TYPE_CHECKING:
    import pandas as pd

WIDTH: Final = 1.96
"""Standard deviations on either side of a 95% interval."""

NAMED: Final = 3
"""Figures named in the reason of a miss."""

GIVES_WAY: Final = 0.5
"""Errors by which a fitted figure must move to be named."""

COLUMNS: Final = (
    "key", "role", "published", "standard_error", "rounding", "simulated", "gap", "gap_in_errors", "within_errors",
    "within_rounding", "within", "unknown", "low", "high", "inside", "reading", "reason",
)  # fmt: skip
"""Columns of the table of figures; numbers are in the figure's unit, ``low`` and ``high`` a 95% interval."""


def table(targets: Sequence[Target], place: Place, aim: Aim, found: Inference, noise: float) -> "pd.DataFrame":
    """Return every figure beside its simulated value, with the interval of its prediction and the reason of a miss.

    ``noise`` is the simulation's sampling variance in terms of the study's: sessions of the study over those
    simulated. For a fitted figure the interval says how well the fit holds it, not a prediction.
    """
    import pandas as pd

    unknown = found.unknown_of(np.nan_to_num(place.slopes))
    rows = [
        _row(each, float(place.moments[k]), float(unknown[k]), noise)
        | {"reason": "" if each.within(float(place.moments[k])) else reason(k, targets, place, aim, found)}
        for k, each in enumerate(targets)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(each: Target, simulated: float, unknown: float, noise: float) -> dict[str, object]:
    spread = math.hypot(unknown, each.standard_error * math.sqrt(1.0 + noise))
    reach = WIDTH * spread + each.rounding
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


def reason(figure: int, targets: Sequence[Target], place: Place, aim: Aim, found: Inference) -> str:
    """Return in words why a figure is missed, from the slopes at the fit.

    The smallest move of the parameters, measured in what is unknown of them, that would bring the figure to its
    published value is ``U s / (s' U s)`` times the gap; how far fitted figures go along is what stands against it.
    """
    slope = np.nan_to_num(place.slopes[figure])
    gap = targets[figure].value - float(place.moments[figure])
    reachable = float(slope @ found.unknown @ slope)
    if reachable <= (0.02 * gap) ** 2:
        return "no dial that may be turned moves it far enough: the world works in another way here"
    move = found.unknown @ slope / reachable * gap
    moved = np.nan_to_num(place.slopes[list(aim.fitted)]) @ move / aim.error
    order = [j for j in np.argsort(-np.abs(moved)) if abs(moved[j]) > GIVES_WAY and aim.fitted[j] != figure][:NAMED]
    ways = ", ".join(f"{targets[aim.fitted[j]].key} ({moved[j]:+.1f} errors)" for j in order)
    far = abs(gap) / math.sqrt(reachable)
    if not ways:
        return f"the fitted figures leave it open; it lies {far:.1f} standard deviations from what was believed"
    return f"{far:.1f} standard deviations away from what the fitted figures allow; would move {ways}"


def scores(table: "pd.DataFrame") -> dict[str, dict[str, int]]:
    """Return for each role how many figures there are, and how many lie within what."""
    counted = ("within_errors", "within_rounding", "within", "inside")
    return {
        str(role): {"figures": len(rows)} | {name: int(rows[name].sum()) for name in counted}
        for role, rows in table.groupby("role", sort=False)
    }
