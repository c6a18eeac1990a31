"""From a row of a prior table to a PyMC distribution: the only place that knows both vocabularies."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from knowntruth.priors import distributions as rows

ARGUMENTS: Final[Mapping[type, tuple[str, Callable[[Any], dict[str, float]]]]] = {
    rows.Normal: ("Normal", lambda row: {"mu": row.mean, "sigma": row.sd}),
    rows.StudentT: ("StudentT", lambda row: {"mu": row.mean, "sigma": row.scale, "nu": row.degrees_of_freedom}),
    rows.HalfNormal: ("HalfNormal", lambda row: {"sigma": row.sd}),
    rows.HalfStudentT: ("HalfStudentT", lambda row: {"sigma": row.scale, "nu": row.degrees_of_freedom}),
    rows.Exponential: ("Exponential", lambda row: {"scale": row.mean}),
    rows.Gamma: ("Gamma", lambda row: {"mu": row.mean, "sigma": row.sd}),
}
"""PyMC's name of each distribution of one number, and how its arguments follow from a row."""


def declare(name: str, prior: rows.Prior, **options: Any) -> Any:
    """Declare the parameter ``name`` in the PyMC model at hand; ``options`` (dims) go to PyMC."""
    import pymc as pm  # noqa: PLC0415 - heavy: loaded when used

    pymc_name, arguments = ARGUMENTS[type(prior)]
    return getattr(pm, pymc_name)(name, **arguments(prior), **options)


def declare_shares(name: str, prior: rows.Dirichlet, dims: str) -> Any:
    """Declare shares that sum to one, as gammas over their sum, which is what a Dirichlet is.

    PyTensor compiles this in a fraction of the time of PyMC's Dirichlet and its transform. The sum itself has no
    meaning: the data say nothing about it, and it keeps its prior.
    """
    import pymc as pm  # noqa: PLC0415 - heavy: loaded when used

    parts = pm.Gamma(name, alpha=prior.concentration, beta=1.0, dims=dims)
    return parts / parts.sum()
