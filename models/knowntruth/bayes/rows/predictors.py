"""From posterior draws to linear predictors: of sessions as they are, and of sessions set to another level."""

from typing import TYPE_CHECKING

import numpy as np

from knowntruth.bayes.rows.cells import dummy_means
from knowntruth.bayes.rows.coefficients import ROLES, CoefficientLayout
from knowntruth.common.arrays import Floats, Ints

if TYPE_CHECKING:
    import xarray as xr


def predict(theta: Floats, means: Floats, columns: Ints) -> Floats:
    """Return the linear predictor of each draw and cell, shape (draws, cells).

    Parameters
    ----------
    theta
        Coefficients of each draw, shape (draws, coefficients), not centred.
    means
        Mean at which each coefficient's dummy is centred.
    columns
        Positions that apply to each cell (see `coefficients`).
    """
    found = np.repeat((theta[:, 0] - theta @ means)[:, None], len(columns), axis=1)
    for column in columns.T:
        found += theta[:, column]
    return found


def predict_centred(draws: "xr.Dataset", layout: CoefficientLayout, columns: Ints, prefix: str = "") -> Floats:
    """Return the linear predictor of sessions at the given positions, centred over these sessions themselves."""
    theta = coefficient_vectors(draws, layout, prefix)
    return predict(theta, dummy_means(columns, np.ones(len(columns)), layout.size), columns)


def draws_as_column(draws: "xr.Dataset", name: str) -> Floats:
    """Return a scalar parameter at every draw, shape (draws, 1)."""
    return draws[name].transpose("chain", "draw").to_numpy().reshape(-1, 1)


def single_draw(draws: "xr.Dataset", name: str) -> float:
    """Return a scalar parameter of which there is a single draw."""
    return float(draws[name].to_numpy().item())


def coefficient_vectors(posterior: "xr.Dataset", layout: CoefficientLayout, prefix: str = "") -> Floats:
    """Return θ of every draw, not centred, shape (chains × draws, coefficients), in the layout's order."""
    levels = [f"{role}level_effect" for role in ROLES[: len(layout.treatments)]]
    names = ["intercept", *levels, *(f"{name}_effect" for name in layout.groups)]
    draws = posterior.sizes["chain"] * posterior.sizes["draw"]
    blocks = [_draws_in_rows(posterior[f"{prefix}{name}"], draws) for name in names]
    reached = np.cumsum(_draws_in_rows(posterior[f"{prefix}increments"], draws), axis=1)
    reached = np.concatenate([np.zeros((draws, 1)), reached], axis=1)
    if layout.by:
        own = _draws_in_rows(posterior[f"{prefix}effect_by_{layout.by}"], draws)
        blocks.append((own[:, :, None] * reached[:, None, :]).reshape(draws, -1))
    if layout.hidden:
        blocks.append(_draws_in_rows(posterior[f"{prefix}confounding"], draws) * reached)
    return np.concatenate(blocks, axis=1)


def _draws_in_rows(values: "xr.DataArray", draws: int) -> Floats:
    """Return draws in rows."""
    return values.transpose("chain", "draw", ...).to_numpy().reshape(draws, -1)
