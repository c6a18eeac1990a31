"""Rates by rated expertise with the controls held fixed: the method of Table A2 and Figure 5.

The outcome is regressed on indicators of the five levels within cells, and the level coefficients are shifted by
one constant so that their average over the sample is the sample's raw rate. The study's numbers show that it uses
this anchor: the count-weighted mean of Table A2's adjusted rates is 27.5%, the raw overall rate.
It follows that any adjusted rate is the novice rate plus a coefficient, as printed in the study.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from knowntruth.common.arrays import Floats
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.study.estimation import estimates
from knowntruth.study.estimation.estimates import Estimate
from knowntruth.study.estimation.regression import Fit, fit, identified_columns


@dataclass(frozen=True, slots=True)
class LevelEffects:
    """An outcome by level, adjusted.

    ``effects`` are coefficients against ``reference`` (an index into the five levels), NaN where a level is
    not identified; ``covariance`` is their covariance, zero for the reference. ``counts`` are sessions by level.
    ``anchor`` is the sample's raw rate. Rates and effects are in the unit of the outcome.
    """

    effects: Floats
    covariance: Floats
    counts: Floats
    anchor: Estimate

    def rate(self, levels: Sequence[int]) -> Estimate:
        """Return the adjusted rate, averaged over ``levels``, weighted by their numbers of sessions."""
        index = np.array(levels) - 1
        known = np.isfinite(self.effects)
        n = self.counts[index].sum()
        if not n or not known[index].any():
            return Estimate(np.nan, np.nan, int(n))
        picked = _shares(self.counts, known & np.isin(np.arange(5), index))
        weights = picked - _shares(self.counts, known)
        moved = self._combine(weights)
        error = np.hypot(moved.standard_error, self.anchor.standard_error)
        return Estimate(self.anchor.value + moved.value, float(error), int(n))

    def contrast(self, level: int, against: int = 1) -> Estimate:
        """Return the adjusted rate at ``level`` minus that at ``against``; the anchor cancels."""
        weights = np.zeros(5)
        weights[level - 1] += 1.0
        weights[against - 1] -= 1.0
        n = int(self.counts[level - 1])
        if not np.isfinite(self.effects[[level - 1, against - 1]]).all():
            return Estimate(np.nan, np.nan, n)
        return Estimate(self._combine(weights).value, self._combine(weights).standard_error, n)

    def _combine(self, weights: Floats) -> Estimate:
        used = np.flatnonzero(weights)
        variance = float(weights[used] @ self.covariance[np.ix_(used, used)] @ weights[used])
        value = float(weights[used] @ self.effects[used])
        return Estimate(value, math.sqrt(max(variance, 0.0)), int(self.counts.sum()))


def fit_by_level(sample: pd.DataFrame, outcome: str) -> LevelEffects:
    """Fit the level indicators of ``rated_expertise`` within the cells of ``sample``.

    Sessions at a level whose effect is not identified within the cells are left out.

    Parameters
    ----------
    sample
        Columns ``cell``, ``user_id``, ``rated_expertise`` (1-5) and the outcome.
    outcome
        A flag or a real column.
    """
    level = sample["rated_expertise"].to_numpy(dtype=np.int64)
    counts = np.bincount(level, minlength=6)[1:].astype(np.float64)
    reference = int(np.argmax(counts))
    others = [k for k in range(5) if k != reference]
    dummies = np.column_stack([level == LEVELS[k] for k in others]).astype(np.float64)
    identified = [others[k] for k in identified_columns(dummies, sample["cell"].to_numpy())]
    used = np.isin(level, [LEVELS[k] for k in (*identified, reference)])
    names = [f"level{k}" for k in others]
    kept = sample.assign(**dict(zip(names, dummies.T, strict=True)))[used]
    effects, covariance = _with_reference(fit(kept, outcome, names), others)
    return LevelEffects(effects, covariance, counts, _anchor(kept, outcome, effects))


def _with_reference(fitted: Fit, others: Sequence[int]) -> tuple[Floats, Floats]:
    effects, covariance = np.zeros(5), np.zeros((5, 5))
    effects[list(others)] = fitted.coefficients
    covariance[np.ix_(others, others)] = fitted.covariance
    if not np.isfinite(fitted.coefficients).any():
        effects[:] = np.nan
    return effects, covariance


def _anchor(kept: pd.DataFrame, outcome: str, effects: Floats) -> Estimate:
    """Return the rate of the sessions, with the standard error of the residuals after levels and cells."""
    level = kept["rated_expertise"].to_numpy(dtype=np.int64) - 1
    y = kept[outcome].astype("float64")
    residual = y - effects[level]
    residual = residual - residual.groupby(kept["cell"]).transform("mean")
    rate = estimates.mean(y, kept["user_id"])
    return Estimate(rate.value, estimates.mean(residual, kept["user_id"]).standard_error, rate.n)


def _shares(counts: Floats, use: npt.NDArray[np.bool_]) -> Floats:
    weights = np.where(use, counts, 0.0)
    return np.asarray(weights / weights.sum(), dtype=np.float64)
