"""Inference at a fit: standard errors of the parameters, which figure identifies which, and what stays unknown.

Near the fit the moments are approximately linear. With residuals in standard errors, ``S`` their slopes with respect
to shares of the ranges, and ``P`` the prior precision of the parameters, the fit responds to the figures as

    Λ = (S' S + P)^-1 S'         (sensitivity; Andrews, Gentzkow and Shapiro 2017, doi:10.1093/qje/qjx023)

so its sampling covariance is ``Λ Λ'`` (the sandwich: the errors include sampling, rounding and simulation noise), and
the posterior covariance of the parameters is ``(S' S + P)^-1``. The reduction from the prior variance shows whether
the figures identify a parameter.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.calibration.fitting.gauss_newton import PRIOR_SPREAD, FitState, FitTargets
from knowntruth.common.arrays import Floats

if TYPE_CHECKING:
    import pandas as pd

MIN_IDENTIFIED: Final = 0.5
"""A parameter counts as identified if the figures remove more than this share of its prior variance."""

MIN_SHARE: Final = 0.02
"""Least share of a parameter's variance for a figure to be listed as identifying it."""


@dataclass(frozen=True, slots=True)
class Inference:
    """All quantities are in shares of the parameters' ranges and in standard errors of the figures.

    ``sensitivity`` has shape (parameters, fitted figures); ``sampling`` and ``unknown`` (parameters, parameters);
    ``singular`` are the singular values of the slopes, in prior standard deviations, largest first.
    """

    sensitivity: Floats
    sampling: Floats
    unknown: Floats
    singular: Floats

    @property
    def identified(self) -> Floats:
        """The share of each parameter's prior variance that the figures remove, 0-1."""
        return np.asarray(1.0 - np.diag(self.unknown) / PRIOR_SPREAD**2)

    def standard_errors(self, widths: Floats) -> Floats:
        """Return the standard error of each parameter in its own unit; ``widths`` are those of the ranges."""
        return np.asarray(np.sqrt(np.diag(self.sampling)) * widths)

    def spreads(self, widths: Floats) -> Floats:
        """Return the posterior standard deviation of each parameter in its own unit."""
        return np.asarray(np.sqrt(np.diag(self.unknown)) * widths)

    def unknown_of(self, slopes: Floats) -> Floats:
        """Return the standard deviation that parameter uncertainty adds to moments with these slopes."""
        return np.asarray(np.sqrt(np.maximum(np.einsum("mk,kl,ml->m", slopes, self.unknown, slopes), 0.0)))


def infer(place: FitState, aim: FitTargets) -> Inference:
    """Return the inference at a fit, from the slopes measured there."""
    slopes = np.nan_to_num(place.slopes[list(aim.fitted)]) / aim.error[:, None]
    unknown = np.linalg.inv(slopes.T @ slopes + np.eye(slopes.shape[1]) / PRIOR_SPREAD**2)
    sensitivity = unknown @ slopes.T
    singular = np.linalg.svd(slopes * PRIOR_SPREAD, compute_uv=False)
    return Inference(sensitivity, sensitivity @ sensitivity.T, unknown, singular)


def identification_shares(
    found: Inference, parameters: list[str], figures: list[str], widths: Floats
) -> "pd.DataFrame":
    """Return which figure identifies which parameter: columns parameter, figure, share, moves.

    ``share`` is the figure's part of the parameter's sampling variance; ``moves`` is the change of the parameter, in
    its own unit, if the figure were one standard error higher. Figures with a share under `MIN_SHARE` are left out,
    as are parameters that no figure identifies.
    """
    import pandas as pd

    shares = found.sensitivity**2 / np.maximum((found.sensitivity**2).sum(axis=1, keepdims=True), 1e-300)
    rows = [
        (parameters[k], figures[j], shares[k, j], found.sensitivity[k, j] * widths[k])
        for k in np.flatnonzero(found.identified > MIN_IDENTIFIED)
        for j in np.argsort(-shares[k])
        if shares[k, j] >= MIN_SHARE
    ]
    return pd.DataFrame(rows, columns=["parameter", "figure", "share", "moves"])
