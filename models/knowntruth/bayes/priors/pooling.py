"""Partial pooling: the groups of a covariate differ by amounts that have one spread, learned from the data.

Only differences between groups can be learned beside an intercept, so the effects of a covariate's K groups are
normal and sum to zero: K - 1 contrasts, each N(0, s²), on an orthonormal basis. Any such basis gives the same prior;
the one used is Helmert's, with groups ordered from large to small, so that each contrast sets one group against the
larger ones and the data inform each in its own measure.

How a sampler sees a group matters more than anything else for its speed (Papaspiliopoulos, Roberts and Sköld 2007,
doi:10.1214/088342307000000014): an effect that the data determine wants to be a parameter itself (centred), one that
they leave to the prior wants to be spread × standard normal (non-centred). Here each contrast stands where its
sessions put it. With information Λ, one over the variance that the data alone would leave it, and spread s,

    raw ~ N(0, 1 + Λ s²),    contrast = raw × s / √(1 + Λ s²),

which is contrast ~ N(0, s²) whatever Λ is: non-centred at Λ = 0, centred as Λ grows.
"""

from typing import Any, Final

import numpy as np
from scipy.linalg import block_diag

from knowntruth.bayes.priors.distributions import declare_pushed
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.common.arrays import Floats, Ints
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.priors.distributions import PositivePrior

TINY: Final = 1e-9
"""Below it the levels of a group do not differ but for rounding."""


def contrasts(design: ModelFrame, scale: PositivePrior, information: float, prefix: str = "") -> Any:
    """Declare the spread of each covariate and its contrasts; return these, all covariates in one vector.

    ``information`` is roughly what one session tells about the linear predictor: one over the outcome's variance
    there. It steers the sampler and has no influence on the posterior.
    """
    spread = declare_pushed(f"{prefix}group_scale", scale, dims="covariate")[_owner(design)]
    return _stretched(f"{prefix}raw", "contrast", spread, information * _known(design))


def slopes(design: ModelFrame, scale: PositivePrior, information: float, prefix: str = "") -> Any:
    """Declare how the effect differs between the groups that it varies by; return its contrasts, one vector."""
    spread = declare_pushed(f"{prefix}slope_scale", scale)
    return _stretched(f"{prefix}slope_raw", "slope_contrast", spread, information * _slopes_known(design))


def _stretched(name: str, dims: str, spread: Any, known: Floats) -> Any:
    """Declare contrasts with the given spread, each standing where its sessions put it (see above)."""
    import pymc as pm
    import pytensor.tensor as pt

    stretch = pt.sqrt(1.0 + pm.Data(f"{name}_information", known) * pt.square(spread))
    return pm.Normal(name, 0.0, stretch, dims=dims) * spread / stretch


def effects(raw: Floats, scales: Floats, design: ModelFrame, information: float) -> Floats:
    """Return the effects (…, groups) from what was drawn: ``raw`` (…, contrasts) and ``scales`` (…, covariates)."""
    return _unstretched(raw, scales[..., _owner(design)], information * _known(design)) @ basis(design).T


def slope_effects(raw: Floats, scale: Floats, design: ModelFrame, information: float) -> Floats:
    """Return by how much the effect differs in each group (…, groups), from ``raw`` and ``scale`` (…)."""
    return _unstretched(raw, scale[..., None], information * _slopes_known(design)) @ slope_basis(design).T


def _unstretched(raw: Floats, spread: Floats, known: Floats) -> Floats:
    """Return the contrasts from what was drawn."""
    contrasts: Floats = raw * spread / np.sqrt(1.0 + known * np.square(spread))
    return contrasts


def basis(design: ModelFrame) -> Floats:
    """Return the effects of all groups by contrast, shape (groups, contrasts): a block for each covariate."""
    blocks = [helmert(sizes)[0] for sizes in design.group_sizes]
    return block_diag(*blocks) if blocks else np.empty((0, 0))


def slope_basis(design: ModelFrame) -> Floats:
    """Return the effects' differences by contrast, shape (groups, groups - 1)."""
    return helmert(design.group_sizes[_by(design)])[0]


def _by(design: ModelFrame) -> int:
    """Return the place of the covariate that the effect varies by."""
    return tuple(design.layout.groups).index(str(design.layout.by))


def _slopes_known(design: ModelFrame) -> Floats:
    """Return the information on each contrast of slopes, in sessions that go the whole way from novice to expert.

    A group tells of its own slope by how much levels differ within it, each step taken as a quarter of the way.
    """
    group, dose = design.groups[_by(design)], design.levels[0] / (len(LEVELS) - 1)
    sizes = design.group_sizes[_by(design)]
    sums, squares = (np.bincount(group, weights=dose**power, minlength=len(sizes)) for power in (1, 2))
    apart = squares - np.divide(sums**2, sizes, out=np.zeros(len(sizes)), where=sizes > 0)
    return helmert(sizes, np.where(apart > TINY, apart, 0.0))[1]


def _known(design: ModelFrame) -> Floats:
    """Return the information on each contrast, in sessions."""
    return np.concatenate([helmert(sizes)[1] for sizes in design.group_sizes])


def _owner(design: ModelFrame) -> Ints:
    """Return the position of the covariate to which each contrast belongs."""
    return np.repeat(np.arange(len(design.group_sizes)), [len(sizes) - 1 for sizes in design.group_sizes])


def helmert(sizes: Ints, known: Floats | None = None) -> tuple[Floats, Floats]:
    """Return an orthonormal basis of the effects that sum to zero, and what the sessions tell of each contrast.

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
        told = (sizes if known is None else known)[:, None]
        shares = np.divide(np.square(columns), told, out=np.zeros_like(columns), where=columns != 0)
    return columns, 1.0 / shares.sum(axis=0)
