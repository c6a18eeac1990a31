"""The log density of the priors at each draw, row by row: power-scaling reads from it which row matters."""

from typing import TYPE_CHECKING

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
    """Return the log density of each row of the priors at each draw, named ``topic.row``, up to a constant."""
    import xarray as xr

    found = {}
    for topic in model.topics:
        for name, row in getattr(priors, topic):
            values = [posterior[v] for v in model.prior_variables(topic, name, layout.groups) if v in posterior]
            if values:
                densities = (_log_density_of_row(row, _chains_first(v)) for v in values)
                found[f"{topic}.{name}"] = (("chain", "draw"), sum(densities))
    return xr.Dataset(found, coords={name: posterior.coords[name] for name in ("chain", "draw")})


def _chains_first(values: "xr.DataArray") -> Floats:
    """Return draws as an array with chain and draw first."""
    return values.transpose("chain", "draw", ...).to_numpy()


def _log_density_of_row(row: rows.Prior | rows.NearDiagonal, values: Floats) -> Floats:
    """Return the log density at each draw, summed over the numbers of a parameter; shape (chains, draws).

    Of a Dirichlet it is Σ (α - 1) log(share), without the normalising constant, which no draw changes.
    """
    if isinstance(row, rows.NearDiagonal):
        own = (np.array(row.weights(values.shape[-1])) - 1.0) * np.log(values)
    elif isinstance(row, rows.Dirichlet):
        own = (row.concentration - 1.0) * np.log(values)
    else:
        own = log_density(row, values)
    return own.reshape(*values.shape[:2], -1).sum(axis=2)
