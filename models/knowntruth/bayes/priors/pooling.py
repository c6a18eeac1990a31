"""Partial pooling: the effects of a covariate's groups have one common spread, learned from the data.

Only differences between groups can be estimated next to an intercept, so the effects of a covariate's K groups are
normal and sum to zero: K - 1 contrasts, each N(0, s²), on an orthonormal basis. Any such basis gives the same prior;
the one used is Helmert's, with groups ordered from large to small, so that each contrast compares one group with the
larger ones, and its information is that of its own sessions.

The parametrization of a group matters more than anything else for a sampler's speed (Papaspiliopoulos, Roberts and
Sköld 2007, doi:10.1214/088342307000000014): an effect that the data determine should be a parameter itself (centred),
one that they leave to the prior should be spread × standard normal (non-centred). Here each contrast lies between, as
its sessions require. With information Λ, one over the variance that the data alone would leave it, and spread s,

    raw ~ N(0, 1 + Λ s²),    contrast = raw × s / √(1 + Λ s²),

which is contrast ~ N(0, s²) whatever Λ is: non-centred at Λ = 0, centred as Λ grows.
"""

from typing import Any, Final

import numpy as np
from scipy.linalg import block_diag

from knowntruth.bayes.priors.distributions import declare_by_quantile
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.common.arrays import Floats, Ints
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.priors.distributions import PositivePrior

MIN_VARIATION: Final = 1e-9
"""Below this, the levels within a group differ only by rounding."""


def declare_contrasts(frame: ModelFrame, scale: PositivePrior, information: float, prefix: str = "") -> Any:
    """Declare the spread of each covariate and its contrasts; return these, all covariates in one vector.

    ``information`` is roughly that of one session on the linear predictor: one over the outcome's variance there. It
    affects the sampler's speed and not the posterior.
    """
    spread = declare_by_quantile(f"{prefix}group_scale", scale, dims="covariate")[_covariate_of_contrast(frame)]
    return _declare_partially_centred(f"{prefix}raw", "contrast", spread, information * _information(frame))


def declare_slopes(frame: ModelFrame, scale: PositivePrior, information: float, prefix: str = "") -> Any:
    """Declare the effect's differences between the groups that it varies by; return their contrasts, one vector."""
    spread = declare_by_quantile(f"{prefix}slope_scale", scale)
    return _declare_partially_centred(
        f"{prefix}slope_raw", "slope_contrast", spread, information * _slope_information(frame)
    )


def _declare_partially_centred(name: str, dims: str, spread: Any, known: Floats) -> Any:
    """Declare contrasts with the given spread, partially centred by their information (see above)."""
    import pymc as pm
    import pytensor.tensor as pt

    stretch = pt.sqrt(1.0 + pm.Data(f"{name}_information", known) * pt.square(spread))
    return pm.Normal(name, 0.0, stretch, dims=dims) * spread / stretch


def group_effects(raw: Floats, scales: Floats, frame: ModelFrame, information: float) -> Floats:
    """Return the effects (…, groups) from the sampler's ``raw`` (…, contrasts) and ``scales`` (…, covariates)."""
    return (
        _contrasts_from_raw(raw, scales[..., _covariate_of_contrast(frame)], information * _information(frame))
        @ effect_basis(frame).T
    )


def slope_effects(raw: Floats, scale: Floats, frame: ModelFrame, information: float) -> Floats:
    """Return the difference of the effect in each group (…, groups), from ``raw`` and ``scale`` (…)."""
    return _contrasts_from_raw(raw, scale[..., None], information * _slope_information(frame)) @ slope_basis(frame).T


def _contrasts_from_raw(raw: Floats, spread: Floats, known: Floats) -> Floats:
    """Return contrast = raw × s / √(1 + Λ s²)."""
    contrasts: Floats = raw * spread / np.sqrt(1.0 + known * np.square(spread))
    return contrasts


def effect_basis(frame: ModelFrame) -> Floats:
    """Return the effects of all groups by contrast, shape (groups, contrasts): a block for each covariate."""
    blocks = [helmert_basis(sizes)[0] for sizes in frame.group_sizes]
    return block_diag(*blocks) if blocks else np.empty((0, 0))


def slope_basis(frame: ModelFrame) -> Floats:
    """Return the effects' differences by contrast, shape (groups, groups - 1)."""
    return helmert_basis(frame.group_sizes[_by_position(frame)])[0]


def _by_position(frame: ModelFrame) -> int:
    """Return the position of the covariate that the effect varies by."""
    return tuple(frame.layout.groups).index(str(frame.layout.by))


def _slope_information(frame: ModelFrame) -> Floats:
    """Return the information on each contrast of slopes, in sessions that go the whole way from novice to expert.

    A group's information on its own slope is the sum of squares of its sessions' levels about their mean, as in a
    regression, with each step taken as a quarter of the way.
    """
    group, dose = frame.groups[_by_position(frame)], frame.levels[0] / (len(LEVELS) - 1)
    sizes = frame.group_sizes[_by_position(frame)]
    sums, squares = (np.bincount(group, weights=dose**power, minlength=len(sizes)) for power in (1, 2))
    apart = squares - np.divide(sums**2, sizes, out=np.zeros(len(sizes)), where=sizes > 0)
    return helmert_basis(sizes, np.where(apart > MIN_VARIATION, apart, 0.0))[1]


def _information(frame: ModelFrame) -> Floats:
    """Return the information on each contrast, in sessions."""
    return np.concatenate([helmert_basis(sizes)[1] for sizes in frame.group_sizes])


def _covariate_of_contrast(frame: ModelFrame) -> Ints:
    """Return the position of the covariate to which each contrast belongs."""
    return np.repeat(np.arange(len(frame.group_sizes)), [len(sizes) - 1 for sizes in frame.group_sizes])


def helmert_basis(sizes: Ints, known: Floats | None = None) -> tuple[Floats, Floats]:
    """Return an orthonormal basis of the effects that sum to zero, and the sessions' information on each contrast.

    Parameters
    ----------
    sizes
        Sessions in each of K groups, shape (K,); 0 where a group has none.
    known
        How many sessions' worth of information there is on each group's effect; by default all of its sessions.

    Returns
    -------
    The basis, shape (K, K - 1), and the information on each contrast in sessions, shape (K - 1,): one over the
    variance of the contrast between the groups' means, if a session has variance 1.
    """
    groups = len(sizes)
    order = np.argsort(-sizes, kind="stable")
    columns = np.zeros((groups, groups - 1))
    for k in range(1, groups):
        columns[order[:k], k - 1] = -1.0 / np.sqrt(k * (k + 1))
        columns[order[k], k - 1] = k / np.sqrt(k * (k + 1))
    with np.errstate(divide="ignore"):
        sessions = (sizes if known is None else known)[:, None]
        shares = np.divide(np.square(columns), sessions, out=np.zeros_like(columns), where=columns != 0)
    return columns, 1.0 / shares.sum(axis=0)
