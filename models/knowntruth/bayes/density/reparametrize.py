"""A PyMC model in other coordinates: x = centre + factor z, where x are its unconstrained parameters.

Centre and factor are data of the new model, so that one compiled function serves for finding them (`laplace`; at
first the centre is 0 and the factor one) and for sampling in the coordinates found.

The likelihood costs more than all else, and a sampler knows the density of each draw; so the new model has the
parameters' density alone among its variables, and the likelihood is what is left of the one by the other (`told`).
A parabola can take the likelihood's place (`parabola`) by an exchange of data too.
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
"""Log density of the model's parameters before it has seen data, at x."""

PHI: Final = "coordinates_phi"
"""What the likelihoods take but for their data."""

LIKELIHOOD: Final = "log_likelihood"
"""How the names of the variables end that the new model leaves out."""


def in_coordinates(model: Any) -> Any:
    """Return a PyMC model with the density of ``model`` over z, and its variables as deterministic ones."""
    import pymc as pm
    from pytensor.graph.replace import graph_replace

    values = [model.rvs_to_values[variable] for variable in model.free_RVs]
    start = model.initial_point(0)
    shapes = [start[value.name].shape for value in values]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    named = [v for v in model.unobserved_value_vars if v.name not in start or v in values]
    named = [v for v in named if not v.name.endswith(("__", LIKELIHOOD))]
    with pm.Model(coords=model.coords) as moved:
        centre, factor = pm.Data(CENTRE, np.zeros(ends[-1])), pm.Data(FACTOR, np.eye(ends[-1]))
        x = centre + factor @ pm.Flat(POINT, shape=int(ends[-1]))
        parts = [x[end - int(np.prod(shape)) : end].reshape(shape) for end, shape in zip(ends, shapes, strict=True)]
        own = [model.logp(), model.logp(vars=model.free_RVs), *named]
        terms = quadratic_surrogate.terms(own[0])
        own.append(quadratic_surrogate.parameters(terms))
        width = sum(int(np.prod(shape)) for shape in quadratic_surrogate.shapes(model, terms))
        density, prior, *variables, phi = graph_replace(own, dict(zip(values, parts, strict=True)), strict=False)
        pm.Potential("coordinates_density", density + quadratic_surrogate.symbolic(phi, width))
        pm.Deterministic(PHI, phi)
        pm.Deterministic(PRIOR, prior)
        for variable, old in zip(variables, named, strict=True):
            pm.Deterministic(old.name, variable, dims=model.named_vars_to_dims.get(old.name))
    return moved


def told(drawn: "xr.Dataset", density: "xr.DataArray") -> "xr.Dataset":
    """Return draws in a mode's coordinates as those of the model, with the likelihood that their density tells."""
    return drawn.assign({LIKELIHOOD: density - drawn[PRIOR]}).drop_vars([POINT, PRIOR, PHI], errors="ignore")
