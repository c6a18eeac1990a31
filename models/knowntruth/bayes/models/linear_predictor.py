"""What all models share: monotone effects of five levels, and groups pooled within each covariate.

The linear predictor of an outcome for a session at level k, in group o of the covariate that the effect varies by, is

    intercept + (effect + slope_o) × (ζ_1 + … + ζ_{k-1}) + Σ_covariates (effect of its group),

with shares ζ of the four steps that sum to one, so that ``effect`` is the whole way from novice to expert (Bürkner
and Charpentier 2020, doi:10.1111/bmsp.12195): monotone, and as steep or flat from step to step as the data require.
Its sign is free: "no effect" lies inside the prior, not on its edge, where a posterior could only err upwards. A
second treatment, coding expertise, adds a term of the same form. Groups and slopes are partially pooled (`pooling`).

Names of a model's parameters begin with the outcome's prefix where a model has several outcomes, then with the
treatment's (``coding_``).
"""

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from scipy.linalg import block_diag

from knowntruth.bayes.priors import pooling
from knowntruth.bayes.priors.distributions import declare, declare_shares, sample
from knowntruth.bayes.rows.coefficients import ROLES, STEPS
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.common.arrays import Floats
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.priors.distributions import PositivePrior, Prior
from knowntruth.priors.tables import Activity, VerifiedSuccess

if TYPE_CHECKING:
    import xarray as xr

STEPS_TO_LEVELS = np.tril(np.ones((len(LEVELS), len(STEPS))), -1)
"""A level is the sum of the steps below it: shape (levels, steps)."""


def dimensions(frame: ModelFrame) -> dict[str, tuple[Any, ...]]:
    """Return the named dimensions of a model over ``frame``."""
    layout = frame.layout
    contrasts = sum(len(groups) - 1 for groups in layout.groups.values())
    slopes = {"slope_contrast": tuple(range(len(layout.groups[layout.by]) - 1))} if layout.by else {}
    return {"step": STEPS, "covariate": tuple(layout.groups), "contrast": tuple(range(contrasts)), **slopes}


def declare_coefficients(
    frame: ModelFrame,
    priors: Activity | VerifiedSuccess,
    information: float,
    prefix: str = "",
    effect: Any = None,
) -> Any:
    """Declare the sampler's coefficients β and return their vector: intercept, four steps per treatment, contrasts.

    Last come the products of slope contrasts and shares. ``information`` is for `pooling.contrasts`; ``effect``
    is the first treatment's whole effect from novice to expert where a model declares it itself.
    """
    import pytensor.tensor as pt

    terms = [declare(f"{prefix}intercept", priors.intercept)[None]]
    shares = []
    for role in ROLES[: len(frame.levels)]:
        name = f"{prefix}{role}effect"
        size = effect if effect is not None and not role else declare(name, getattr(priors, f"{role}effect"))
        shares.append(declare_shares(f"{prefix}{role}parts", priors.increments, dims="step"))
        terms.append(size * shares[-1])
    if frame.layout.groups:
        terms.append(pooling.declare_contrasts(frame, priors.group_scale, information, prefix))
    if frame.layout.by:
        slopes = pooling.declare_slopes(frame, priors.slope_scale, information, prefix)
        terms.append((slopes[:, None] * shares[0][None, :]).ravel())
    return pt.concatenate(terms)


def coefficient_matrix(frame: ModelFrame, means: Floats) -> Floats:
    """Return the map from the sampler's coefficients β to those of the layout, θ = matrix β.

    Block by block: levels are sums of steps, groups are a basis times contrasts, and group × level effects are both,
    a Kronecker product. Every dummy is centred at its mean, θ_0 = β_0 - Σ means_j θ_j, so the intercept is that of an
    average session and nearly independent of the rest.
    """
    blocks: list[Floats] = [np.ones((1, 1)), *[STEPS_TO_LEVELS] * len(frame.levels), pooling.effect_basis(frame)]
    if frame.layout.by:
        blocks.append(np.asarray(np.kron(pooling.slope_basis(frame), STEPS_TO_LEVELS), dtype=np.float64))
    rows = block_diag(*blocks)
    rows[0] -= means[: len(rows)] @ rows
    return cast(Floats, rows)


def add_likelihood(name: str, value: Any) -> None:
    """Add a log likelihood to the PyMC model in context, and keep its value at each draw under ``name``."""
    import pymc as pm

    pm.Potential(f"{name}_term", value)
    pm.Deterministic(name, value)


def name_draws(draws: "xr.Dataset", frame: ModelFrame, information: float, prefix: str = "") -> "xr.Dataset":
    """Return the draws of one outcome under the names of the schema, with coordinates.

    ``increments`` are the shares of the steps, ``level_effect`` the effect of each level against novice (of coding
    expertise with ``coding_`` before it), ``effect_by_<name>`` the difference of the whole effect in each group,
    and for each covariate ``<name>_effect`` and ``<name>_scale``.
    """
    import xarray as xr

    out = xr.Dataset({f"{prefix}intercept": draws[f"{prefix}intercept"]})
    for role in ROLES[: len(frame.levels)]:
        name = f"{prefix}{role}"
        parts = draws[f"{name}parts"]
        out[f"{name}effect"] = draws[f"{name}effect"]
        out[f"{name}increments"] = (parts / parts.sum("step")).assign_coords(step=list(STEPS))
        out[f"{name}level_effect"] = level_effect(draws[f"{name}effect"], out[f"{name}increments"])
    return out.assign(name_group_effects(draws, frame, information, prefix)).assign(
        _name_slopes(draws, frame, information, prefix)
    )


def name_group_effects(
    draws: "xr.Dataset", frame: ModelFrame, information: float, prefix: str
) -> "dict[str, xr.DataArray]":
    """Return effects and spread of each covariate."""
    import xarray as xr

    if not frame.layout.groups:
        return {}
    raw, scales = (
        draws[f"{prefix}{name}"].transpose("chain", "draw", ...).to_numpy() for name in ("raw", "group_scale")
    )
    effects = pooling.group_effects(raw, scales, frame, information)
    ends = np.cumsum([len(members) for members in frame.layout.groups.values()])
    found = {}
    for j, (name, members) in enumerate(frame.layout.groups.items()):
        own = effects[..., ends[j] - len(members) : ends[j]]
        found[f"{prefix}{name}_effect"] = xr.DataArray(
            own, dims=("chain", "draw", name), coords={name: list(members)}
        )
        found[f"{prefix}{name}_scale"] = xr.DataArray(scales[..., j], dims=("chain", "draw"))
    return found


def _name_slopes(
    draws: "xr.Dataset", frame: ModelFrame, information: float, prefix: str
) -> "dict[str, xr.DataArray]":
    """Return the difference of the effect in each group, and the spread of these differences."""
    import xarray as xr

    by = frame.layout.by
    if by is None:
        return {}
    scale = draws[f"{prefix}slope_scale"].transpose("chain", "draw")
    raw = draws[f"{prefix}slope_raw"].transpose("chain", "draw", ...).to_numpy()
    own = pooling.slope_effects(raw, scale.to_numpy(), frame, information)
    coords = {by: list(frame.layout.groups[by])}
    return {
        f"{prefix}effect_by_{by}": xr.DataArray(own, dims=("chain", "draw", by), coords=coords),
        f"{prefix}slope_scale": scale,
    }


def sample_prior(
    rng: np.random.Generator, frame: ModelFrame, priors: Activity | VerifiedSuccess, draws: int, prefix: str = ""
) -> "xr.Dataset":
    """Return draws of one outcome's parameters from their priors, named as in `name_draws`."""
    import xarray as xr

    out = xr.Dataset({f"{prefix}intercept": sample_variable(rng, priors.intercept, draws)})
    for role in ROLES[: len(frame.levels)]:
        name = f"{prefix}{role}"
        out[f"{name}effect"] = sample_variable(rng, getattr(priors, f"{role}effect"), draws)
        shares = rng.dirichlet([priors.increments.concentration] * len(STEPS), (1, draws))
        out[f"{name}increments"] = xr.DataArray(shares, dims=("chain", "draw", "step"), coords={"step": list(STEPS)})
        out[f"{name}level_effect"] = level_effect(out[f"{name}effect"], out[f"{name}increments"])
    out = out.assign(sample_group_effects(rng, frame, priors.group_scale, draws, prefix))
    by = frame.layout.by
    if by:
        scale = sample(rng, priors.slope_scale, (1, draws))
        own = _sample_effects(rng, scale, pooling.slope_basis(frame))
        coords = {by: list(frame.layout.groups[by])}
        out[f"{prefix}effect_by_{by}"] = xr.DataArray(own, dims=("chain", "draw", by), coords=coords)
        out[f"{prefix}slope_scale"] = xr.DataArray(scale, dims=("chain", "draw"))
    return out


def sample_group_effects(
    rng: np.random.Generator, frame: ModelFrame, scale: PositivePrior, draws: int, prefix: str
) -> "dict[str, xr.DataArray]":
    """Return draws of the effects and spread of each covariate from their priors."""
    import xarray as xr

    found = {}
    for name, members, sizes in zip(
        frame.layout.groups, frame.layout.groups.values(), frame.group_sizes, strict=True
    ):
        spread = sample(rng, scale, (1, draws))
        own = _sample_effects(rng, spread, pooling.helmert_basis(sizes)[0])
        found[f"{prefix}{name}_effect"] = xr.DataArray(
            own, dims=("chain", "draw", name), coords={name: list(members)}
        )
        found[f"{prefix}{name}_scale"] = xr.DataArray(spread, dims=("chain", "draw"))
    return found


def sample_variable(rng: np.random.Generator, row: Prior, draws: int) -> "xr.DataArray":
    """Return draws of one number from its prior."""
    import xarray as xr

    return xr.DataArray(sample(rng, row, (1, draws)), dims=("chain", "draw"))


def _sample_effects(rng: np.random.Generator, spread: Floats, basis: Floats) -> Floats:
    """Return effects that sum to zero, shape (1, draws, groups), with the given spread of their contrasts."""
    contrasts: Floats = spread[..., None] * rng.normal(size=(*spread.shape, basis.shape[1]))
    return contrasts @ basis.T


def level_effect(effect: "xr.DataArray", increments: "xr.DataArray") -> "xr.DataArray":
    """Return the effect of each level against level 1, which has none by definition."""
    steps = (effect * increments.cumsum("step")).rename(step="level").assign_coords(level=list(LEVELS[1:]))
    return steps.reindex(level=list(LEVELS), fill_value=0.0).transpose("chain", "draw", "level")
