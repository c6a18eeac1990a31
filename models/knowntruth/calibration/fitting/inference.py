"""What a fit has learned: errors of the parameters, which figure pins which, and what the figures leave open.

Near the fit the moments are straight lines. With residuals in errors, ``S`` their slopes over shares of the ranges
and ``P`` the precision of what was believed of each parameter before, the fit answers to the figures as

    Λ = (S' S + P)^-1 S'         (sensitivity; Andrews, Gentzkow and Shapiro 2017, doi:10.1093/qje/qjx023)

so its sampling covariance is ``Λ Λ'`` (the sandwich: sampling, rounding and the simulation's own noise are all in the
errors), and what remains unknown of the parameters is ``(S' S + P)^-1``. How far that is below the belief
says whether the figures pin a parameter at all.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.calibration.fitting.gauss_newton import PRIOR_SPREAD, Aim, Place
from knowntruth.common.arrays import Floats

if TYPE_CHECKING:
    import pandas as pd

PINNED: Final = 0.5
"""A parameter counts as pinned if the figures took away more than this share of what was unknown of it."""

WORTH_NAMING: Final = 0.02
"""Least share of a parameter's variance for a figure to be said to pin it."""


@dataclass(frozen=True, slots=True)
class Inference:
    """Everything in shares of the parameters' ranges and in errors of the figures.

    ``sensitivity`` has shape (parameters, fitted figures); ``sampling`` and ``unknown`` (parameters, parameters);
    ``singular`` are the singular values of the slopes, in units of what was believed, largest first.
    """

    sensitivity: Floats
    sampling: Floats
    unknown: Floats
    singular: Floats

    @property
    def pinned(self) -> Floats:
        """The share of what was unknown of each parameter that the figures took away, 0-1."""
        return np.asarray(1.0 - np.diag(self.unknown) / PRIOR_SPREAD**2)

    def standard_errors(self, widths: Floats) -> Floats:
        """Return the standard error of each parameter in its own unit; ``widths`` are those of the ranges."""
        return np.asarray(np.sqrt(np.diag(self.sampling)) * widths)

    def spreads(self, widths: Floats) -> Floats:
        """Return what remains unknown of each parameter, as a standard deviation in its own unit."""
        return np.asarray(np.sqrt(np.diag(self.unknown)) * widths)

    def unknown_of(self, slopes: Floats) -> Floats:
        """Return the standard deviation that unknown parameters give to moments with these slopes."""
        return np.asarray(np.sqrt(np.maximum(np.einsum("mk,kl,ml->m", slopes, self.unknown, slopes), 0.0)))


def inference(place: Place, aim: Aim) -> Inference:
    """Return what the fit at ``place`` has learned, from the slopes measured there."""
    slopes = np.nan_to_num(place.slopes[list(aim.fitted)]) / aim.error[:, None]
    unknown = np.linalg.inv(slopes.T @ slopes + np.eye(slopes.shape[1]) / PRIOR_SPREAD**2)
    sensitivity = unknown @ slopes.T
    singular = np.linalg.svd(slopes * PRIOR_SPREAD, compute_uv=False)
    return Inference(sensitivity, sensitivity @ sensitivity.T, unknown, singular)


def pins(found: Inference, parameters: list[str], figures: list[str], widths: Floats) -> "pd.DataFrame":
    """Return which figure pins which parameter: columns parameter, figure, share, moves.

    ``share`` is the figure's part of the parameter's sampling variance, ``moves`` how far the parameter would go, in
    its own unit, were the figure one error higher. Figures under `WORTH_NAMING` are left out, as are parameters that
    nothing pins.
    """
    import pandas as pd

    shares = found.sensitivity**2 / np.maximum((found.sensitivity**2).sum(axis=1, keepdims=True), 1e-300)
    rows = [
        (parameters[k], figures[j], shares[k, j], found.sensitivity[k, j] * widths[k])
        for k in np.flatnonzero(found.pinned > PINNED)
        for j in np.argsort(-shares[k])
        if shares[k, j] >= WORTH_NAMING
    ]
    return pd.DataFrame(rows, columns=["parameter", "figure", "share", "moves"])
