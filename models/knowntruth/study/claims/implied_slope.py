"""The slope that the study's regression would estimate from a curve of true effects.

The regression gives one slope over five levels; the truth is a curve, one effect for each level against novice.
Least squares within cells turns any curve ``d(1) … d(5)`` into the slope ``Σ a(level) · d(level)``, where

    a(level) = Σ of x̃ over the sessions at that level / Σ of x̃² over all sessions

and ``x̃`` is a session's rating minus the mean of its cell (Frisch, Waugh and Lovell). The weights add up to 0 and
reproduce the slope of a straight line. With the true effects as ``d``, the sum is the slope that the regression would
report if the rated level had the true effects and there were no bias. So a slope is compared with a slope even where
the true curve is not straight.
"""

import math
from typing import Final

import numpy as np
import pandas as pd

from knowntruth.common.arrays import Floats
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.study.estimation.estimates import EMPTY, Estimate
from knowntruth.study.estimation.regression import demean

MIN_SPREAD: Final = 1e-12
"""Sum of squared deviations of the rating within cells below which the slope is undefined."""


def level_weights(sample: pd.DataFrame) -> Floats:
    """Return the weight of each level's effect in the regression's slope, shape ``(5,)``; NaN without spread.

    ``sample`` has columns ``rated_expertise`` and ``cell``, one row per session.
    """
    rating = sample["rated_expertise"].to_numpy(dtype=np.float64)
    if not len(rating):
        return np.full(5, np.nan)
    within = demean(rating[:, None], sample["cell"].to_numpy())[:, 0]
    spread = float(within @ within)
    if spread < MIN_SPREAD:
        return np.full(5, np.nan)
    return np.array([within[rating == level].sum() / spread for level in LEVELS])


def implied_slope(effects: dict[int, Estimate], sample: pd.DataFrame) -> Estimate:
    """Return the slope per level that true ``effects`` against novice imply in the regression sample.

    Parameters
    ----------
    effects
        Level (2-5) to effect against novice, in the unit of the regression's outcome; the novice's own is 0.
    sample
        The sessions of the regression, with ``rated_expertise`` and ``cell``.

    Returns
    -------
    Estimate
        ``n`` is the smallest of the effects; their errors are assumed independent.
    """
    if set(effects) != set(LEVELS[1:]):
        return EMPTY
    by_level = dict(zip(LEVELS, level_weights(sample), strict=True))
    value = math.fsum(by_level[level] * each.value for level, each in effects.items())
    error = math.hypot(*(by_level[level] * each.standard_error for level, each in effects.items()))
    return Estimate(value, error, min(each.n for each in effects.values()))
