"""A PyMC model in other coordinates: x = centre + factor z, where x are its unconstrained parameters.

Centre and factor are data of the new model. So one compiled function serves both to find them
(`laplace_approximation`, which starts from centre 0 and factor I) and to sample in the coordinates that were found.

The likelihood costs more than all else, and the sampler returns the log posterior density of each draw. So the new
model has only the log prior density among its variables, and `add_log_likelihood` gets the likelihood by subtraction,

    log p(data | x) = log p(x, data) - log p(x).

A quadratic can take the likelihood's place (`quadratic_surrogate`), also by an exchange of data.
"""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes.density import quadratic_surrogate

if TYPE_CHECKING:
    import xarray as xr

CENTRE: Final = "coordinates_centre"
FACTOR: Final = "coordinates_factor"
POINT: Final = "coordinates_point"
"""The new model's only parameter, z."""

PRIOR: Final = "coordinates_prior"
"""Log prior density of the model's parameters at x, in unconstrained coordinates."""

PHI: Final = "coordinates_phi"
"""The arguments φ of the compiled likelihoods, but for their data."""

LIKELIHOOD: Final = "log_likelihood"
"""How the names of the variables end that the new model leaves out."""


def reparametrize(model: Any) -> Any:
    """Return a PyMC model with the density of ``model`` over z, and its variables as deterministic ones.

    The map is linear with a constant Jacobian, which is left out: a constant moves no draw.
    """
    import pymc as pm
    from pytensor.graph.replace import graph_replace

    values = [model.rvs_to_values[variable] for variable in model.free_RVs]
    start = model.initial_point(0)
    shapes = [start[value.name].shape for value in values]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    # PyMC's names of transformed values end in "__"; they are parameters, not results
    named = [v for v in model.unobserved_value_vars if v.name not in start or v in values]
    named = [v for v in named if not v.name.endswith(("__", LIKELIHOOD))]
    with pm.Model(coords=model.coords) as moved:
        centre, factor = pm.Data(CENTRE, np.zeros(ends[-1])), pm.Data(FACTOR, np.eye(ends[-1]))
        x = centre + factor @ pm.Flat(POINT, shape=int(ends[-1]))
        parts = [x[end - int(np.prod(shape)) : end].reshape(shape) for end, shape in zip(ends, shapes, strict=True)]
        own = [model.logp(), model.logp(vars=model.free_RVs), *named]
        nodes = quadratic_surrogate.likelihood_nodes(own[0])
        own.append(quadratic_surrogate.likelihood_parameters(nodes))
        width = sum(int(np.prod(shape)) for shape in quadratic_surrogate.parameter_shapes(model, nodes))
        density, prior, *variables, phi = graph_replace(own, dict(zip(values, parts, strict=True)), strict=False)
        pm.Potential("coordinates_density", density + quadratic_surrogate.surrogate_value(phi, width))
        pm.Deterministic(PHI, phi)
        pm.Deterministic(PRIOR, prior)
        for variable, old in zip(variables, named, strict=True):
            pm.Deterministic(old.name, variable, dims=model.named_vars_to_dims.get(old.name))
    return moved


def add_log_likelihood(drawn: "xr.Dataset", density: "xr.DataArray") -> "xr.Dataset":
    """Return draws in whitened coordinates as those of the model, with the log likelihood: density less prior."""
    return drawn.assign({LIKELIHOOD: density - drawn[PRIOR]}).drop_vars([POINT, PRIOR, PHI], errors="ignore")
