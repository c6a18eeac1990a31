"""What both models share: a monotone effect of five levels, and groups pooled within each covariate.

The linear predictor of a session at level k is

    intercept + effect × (ζ_1 + … + ζ_{k-1}) + Σ_covariates (effect of its group),

with shares ζ of the four steps that sum to one, so that ``effect`` is the whole way from novice to expert
(Bürkner and Charpentier 2020, doi:10.1111/bmsp.12195). Its sign is free: "no effect" lies inside the prior, not on
its edge, where a posterior could only err upwards. Groups are those of `pooling`.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
from scipy.linalg import block_diag

from knowntruth.bayes import pooling
from knowntruth.bayes.design import Design, Reals
from knowntruth.bayes.distributions import declare, declare_shares
from knowntruth.datasets.categories import LEVELS
from knowntruth.priors.tables import Activity, VerifiedSuccess

if TYPE_CHECKING:
    import xarray as xr

STEPS: Final = tuple(f"{high} vs {low}" for low, high in pairwise(LEVELS))
"""The four steps between neighbouring levels."""


def coordinates(design: Design) -> dict[str, tuple[Any, ...]]:
    """Return the named dimensions of a model over ``design``."""
    contrasts = sum(len(groups) - 1 for groups in design.groups.values())
    return {"step": STEPS, "covariate": tuple(design.groups), "contrast": tuple(range(contrasts))}


def coefficients(design: Design, priors: Activity | VerifiedSuccess, information: float) -> Any:
    """Declare the sampler's coefficients β: intercept, four steps, contrasts between groups; return their vector.

    ``information`` is for `pooling.contrasts`.
    """
    import pytensor.tensor as pt  # noqa: PLC0415 - heavy: loaded when used

    intercept = declare("intercept", priors.intercept)
    steps = declare("effect", priors.effect) * declare_shares("parts", priors.increments, dims="step")
    groups = [pooling.contrasts(design, priors.group_scale, information)] if design.groups else []
    return pt.concatenate([intercept[None], steps, *groups])


def matrix(design: Design, means: Reals) -> Reals:
    """Return the map from the sampler's coefficients β to those of `Design`, θ = matrix β.

    A level is the sum of the steps below it, a group is a sum of contrasts, and every dummy is centred at its mean,
    so that the intercept is that of an average session and leaves the rest alone.
    """
    levels = np.tril(np.ones((len(LEVELS), len(STEPS))), -1)
    rows = block_diag(np.ones((1, 1)), levels, pooling.basis(design))
    rows[0] -= means @ rows
    return cast(Reals, rows)


def key(name: str, design: Design, priors: Activity | VerifiedSuccess) -> tuple[str, ...]:
    """Return what tells this model from others, the values of its data apart."""
    return (name, priors.model_dump_json(), repr(design.groups))


def named(draws: "xr.Dataset", design: Design, information: float) -> "xr.Dataset":
    """Return the draws under the names of the schema: a variable a covariate, levels and steps with coordinates.

    ``increments`` are the shares of the steps, ``level_effect`` the effect of each level against novice, and for
    each covariate ``<name>_effect`` and ``<name>_scale``.
    """
    out = draws[[name for name in ("intercept", "effect", "session_scale") if name in draws]]
    if "user_scale" in draws:
        out["user_scale"] = abs(draws["user_scale"])
    out["increments"] = (draws["parts"] / draws["parts"].sum("step")).assign_coords(step=list(STEPS))
    out["level_effect"] = _level_effect(draws["effect"], out["increments"])
    return out.assign(_groups(draws, design, information)) if design.groups else out


def _groups(draws: "xr.Dataset", design: Design, information: float) -> "dict[str, xr.DataArray]":
    """Return effects and spread of each covariate."""
    import xarray as xr  # noqa: PLC0415 - heavy: loaded when used

    raw, scales = (draws[name].transpose("chain", "draw", ...).to_numpy() for name in ("raw", "group_scale"))
    effects = pooling.effects(raw, scales, design, information)
    ends = np.cumsum([len(members) for members in design.groups.values()])
    found = {}
    for j, (name, members) in enumerate(design.groups.items()):
        own = effects[..., ends[j] - len(members) : ends[j]]
        found[f"{name}_effect"] = xr.DataArray(own, dims=("chain", "draw", name), coords={name: list(members)})
        found[f"{name}_scale"] = xr.DataArray(scales[..., j], dims=("chain", "draw"))
    return found


def _level_effect(effect: "xr.DataArray", increments: "xr.DataArray") -> "xr.DataArray":
    """Return the effect of each level against level 1, which has none by definition."""
    steps = (effect * increments.cumsum("step")).rename(step="level").assign_coords(level=list(LEVELS[1:]))
    return steps.reindex(level=list(LEVELS), fill_value=0.0).transpose("chain", "draw", "level")


def vectors(posterior: "xr.Dataset", groups: Mapping[str, tuple[Any, ...]]) -> Reals:
    """Return θ of every draw but for the centring, shape (chains × draws, coefficients), as `Design` orders it."""
    names = ["intercept", "level_effect", *(f"{name}_effect" for name in groups)]
    draws = posterior.sizes["chain"] * posterior.sizes["draw"]
    return np.concatenate([posterior[name].to_numpy().reshape(draws, -1) for name in names], axis=1)
