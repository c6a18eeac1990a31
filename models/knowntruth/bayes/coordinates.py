"""A PyMC model in other coordinates: x = centre + factor z, where x are its unconstrained parameters.

Centre and factor are data of the new model, so that one compiled function serves for finding them (`laplace`; at
first the centre is 0 and the factor one) and for sampling in the coordinates found.

The likelihood costs more than all else, and a sampler knows the density of each draw; so the new model has the
parameters' density alone among its variables, and the likelihood is what is left of the one by the other.
"""

from typing import Any, Final

import numpy as np

CENTRE: Final = "coordinates_centre"
FACTOR: Final = "coordinates_factor"
POINT: Final = "coordinates_point"
"""The new model's only parameter, z."""

PRIOR: Final = "coordinates_prior"
"""Log density of the model's parameters before it has seen data, at x."""

LIKELIHOOD: Final = "log_likelihood"
"""How the names of the variables end that the new model leaves out."""


def in_coordinates(model: Any) -> Any:
    """Return a PyMC model with the density of ``model`` over z, and its variables as deterministic ones."""
    import pymc as pm  # noqa: PLC0415 - heavy: loaded when used
    from pytensor.graph.replace import graph_replace  # noqa: PLC0415

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
        density, prior, *variables = graph_replace(own, dict(zip(values, parts, strict=True)), strict=False)
        pm.Potential("coordinates_density", density)
        pm.Deterministic(PRIOR, prior)
        for variable, old in zip(variables, named, strict=True):
            pm.Deterministic(old.name, variable, dims=model.named_vars_to_dims.get(old.name))
    return moved
