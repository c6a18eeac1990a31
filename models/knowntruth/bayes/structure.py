"""What both models share: a monotone effect of five levels, and groups pooled within each covariate.

The linear predictor of a session at level k is

    intercept + effect × (ζ_1 + … + ζ_{k-1}) + Σ_covariates (effect of its group),

with shares ζ of the four steps that sum to one, so that ``effect`` is the whole way from novice to expert
(Bürkner and Charpentier 2020, doi:10.1111/bmsp.12195). Its sign is free: "no effect" lies inside the prior, not on
its edge, where a posterior could only err upwards. Groups are those of `pooling`.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes.design import Design
from knowntruth.bayes.distributions import declare, declare_shares
from knowntruth.bayes.pooling import pooled
from knowntruth.datasets.categories import LEVELS
from knowntruth.priors.tables import Activity, VerifiedSuccess

if TYPE_CHECKING:
    import xarray as xr

STEPS: Final = tuple(f"{high} vs {low}" for low, high in pairwise(LEVELS))
"""The four steps between neighbouring levels."""


def coordinates(design: Design) -> dict[str, tuple[Any, ...]]:
    """Return the named dimensions of a model over ``design``."""
    names = tuple(f"{name}={group}" for name, groups in design.groups.items() for group in groups)
    contrasts = range(len(names) - len(design.groups))
    return {"step": STEPS, "covariate": tuple(design.groups), "group": names, "contrast": tuple(contrasts)}


def coefficients(design: Design, priors: Activity | VerifiedSuccess, information: float) -> Any:
    """Declare intercept, level effects and group effects; return them as one vector, as `Design` orders them.

    ``information`` is for `pooling.pooled`.
    """
    import pytensor.tensor as pt  # noqa: PLC0415 - heavy: loaded when used

    shares = declare_shares("parts", priors.increments, dims="step")
    levels = declare("effect", priors.effect) * pt.cumsum(shares)
    start = [declare("intercept", priors.intercept), 0.0]
    effects = [pooled(design, priors.group_scale, information)] if design.groups else []
    return pt.concatenate([pt.stack(start), levels, *effects])


def key(name: str, design: Design, priors: Activity | VerifiedSuccess) -> tuple[str, ...]:
    """Return what tells this model from others, the values of its data apart."""
    return (name, priors.model_dump_json(), repr(design.groups))


def named(draws: "xr.Dataset", groups: Mapping[str, tuple[Any, ...]]) -> "xr.Dataset":
    """Return the draws under the names of the schema: a variable a covariate, levels and steps with coordinates.

    ``increments`` are the shares of the steps, ``level_effect`` the effect of each level against novice, and for
    each covariate ``<name>_effect`` and ``<name>_scale``.
    """
    parts = draws["parts"]
    out = draws.drop_vars(["parts", "raw", "group_effect", "group_scale", "user_scale_signed"], errors="ignore")
    out = out.drop_dims([dim for dim in ("covariate", "group", "contrast") if dim in out.dims])
    out["increments"] = (parts / parts.sum("step")).assign_coords(step=list(STEPS))
    out["level_effect"] = _level_effect(draws["effect"], out["increments"])
    start = 0
    for name, members in groups.items():
        own = draws["group_effect"].isel(group=slice(start, start + len(members))).rename(group=name)
        out[f"{name}_effect"] = own.assign_coords({name: list(members)})
        out[f"{name}_scale"] = draws["group_scale"].sel(covariate=name, drop=True)
        start += len(members)
    return out


def _level_effect(effect: "xr.DataArray", increments: "xr.DataArray") -> "xr.DataArray":
    """Return the effect of each level against level 1, which has none by definition."""
    steps = (effect * increments.cumsum("step")).rename(step="level").assign_coords(level=list(LEVELS[1:]))
    return steps.reindex(level=list(LEVELS), fill_value=0.0).transpose("chain", "draw", "level")


def vectors(posterior: "xr.Dataset", groups: Mapping[str, tuple[Any, ...]]) -> "np.typing.NDArray[np.float64]":
    """Return the coefficients of every draw, shape (chains × draws, coefficients), as `Design` orders them."""
    names = ["intercept", "level_effect", *(f"{name}_effect" for name in groups)]
    draws = posterior.sizes["chain"] * posterior.sizes["draw"]
    return np.concatenate([posterior[name].to_numpy().reshape(draws, -1) for name in names], axis=1)
