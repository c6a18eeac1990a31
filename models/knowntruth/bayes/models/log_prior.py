"""How likely the priors hold each draw to be, row by row: what power-scaling needs to say which row matters."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.bayes.models.base import Model
from knowntruth.bayes.priors.distributions import log_density
from knowntruth.bayes.rows.coefficients import CoefficientLayout
from knowntruth.common.arrays import Floats
from knowntruth.priors import distributions as rows
from knowntruth.priors.tables import Priors

if TYPE_CHECKING:
    import xarray as xr


def log_prior(posterior: "xr.Dataset", model: Model, layout: CoefficientLayout, priors: Priors) -> "xr.Dataset":
    """Return the log density of each row of the priors at each draw, named ``topic.row``, but for a constant."""
    import xarray as xr

    found = {}
    for topic in model.topics:
        for name, row in getattr(priors, topic):
            values = [posterior[v] for v in _variables(topic, name, model, layout) if v in posterior]
            if values:
                found[f"{topic}.{name}"] = (("chain", "draw"), sum(_density(row, _rows(v)) for v in values))
    return xr.Dataset(found, coords={name: posterior.coords[name] for name in ("chain", "draw")})


def _variables(topic: str, name: str, model: Model, layout: CoefficientLayout) -> list[str]:
    """Return what the draws call a row's parameter, where a model has it."""
    if topic in SPECIAL:
        prefix, special = "level_", SPECIAL[topic].get(name)
        if special:
            return [special]
    else:
        prefix = "" if len(model.outcomes) == 1 else f"{topic}_"
    if name == "group_scale":
        return [f"{prefix}{covariate}_scale" for covariate in layout.groups]
    if name == "increments":
        return [f"{prefix}increments", f"{prefix}coding_increments"]
    return [f"{prefix}{name}"]


SPECIAL: Final[Mapping[str, Mapping[str, str]]] = {
    "joint": {"user_correlation": "user_fisher_z"},
    "measurement": {
        "confusion": "confusion", "halo": "halo", "activity_by_success": "activity_by_success",
        "level_shares": "true_level_share",
    },
    "bias": {name: name for name in ("hidden_by_level", "activity_by_hidden", "verified_success_by_hidden")},
}  # fmt: skip
"""Topics that belong to no outcome, and what the draws call their parameters where that is another name."""


def _rows(values: "xr.DataArray") -> Floats:
    """Return draws as an array with chain and draw first."""
    return values.transpose("chain", "draw", ...).to_numpy()


def _density(row: rows.Prior | rows.NearDiagonal, values: Floats) -> Floats:
    """Return the log density at each draw, summed over the numbers of a parameter; shape (chains, draws)."""
    if isinstance(row, rows.NearDiagonal):
        own = (np.array(row.weights(values.shape[-1])) - 1.0) * np.log(values)
    elif isinstance(row, rows.Dirichlet):
        own = (row.concentration - 1.0) * np.log(values)
    else:
        own = log_density(row, values)
    return own.reshape(*values.shape[:2], -1).sum(axis=2)
