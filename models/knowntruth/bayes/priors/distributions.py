"""From a row of a prior table to a PyMC distribution: the only module that knows both vocabularies."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from knowntruth.common.arrays import Floats
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

Shape = Callable[[Any], tuple[str, tuple[float, ...], float, float]]

SCIPY: Final[Mapping[type, Shape]] = {
    rows.Normal: lambda row: ("norm", (), row.mean, row.sd),
    rows.StudentT: lambda row: ("t", (row.degrees_of_freedom,), row.mean, row.scale),
    rows.HalfNormal: lambda row: ("norm", (), 0.0, row.sd),
    rows.HalfStudentT: lambda row: ("t", (row.degrees_of_freedom,), 0.0, row.scale),
    rows.Exponential: lambda row: ("expon", (), 0.0, row.mean),
    rows.Gamma: lambda row: ("gamma", ((row.mean / row.sd) ** 2,), 0.0, row.sd**2 / row.mean),
}
"""SciPy's name of each distribution, with shapes, location and scale; for a half distribution, those of the whole."""

HALF_DISTRIBUTIONS: Final = (rows.HalfNormal, rows.HalfStudentT)

UNFOLDED: Final[Mapping[type, tuple[str, Callable[[Any], dict[str, float]]]]] = {
    rows.HalfNormal: ("Normal", lambda row: {"mu": 0.0, "sigma": row.sd}),
    rows.HalfStudentT: ("StudentT", lambda row: {"mu": 0.0, "sigma": row.scale, "nu": row.degrees_of_freedom}),
    rows.Exponential: ("Laplace", lambda row: {"mu": 0.0, "b": row.mean}),
}
"""The distribution on both sides of 0 whose absolute value a row describes, where there is one."""


def declare(name: str, prior: rows.Prior, shift: Any = None, **options: Any) -> Any:
    """Declare the parameter ``name`` in the PyMC model in context; ``options`` (dims) go to PyMC.

    ``shift``, another variable of the model, is added to the location of a prior on the whole real line.
    """
    import pymc as pm

    pymc_name, arguments = ARGUMENTS[type(prior)]
    own: dict[str, Any] = dict(arguments(prior))
    if shift is not None:
        own["mu"] = own["mu"] + shift
    return getattr(pm, pymc_name)(name, **own, **options)


def sample(rng: np.random.Generator, prior: rows.Prior, shape: tuple[int, ...]) -> Floats:
    """Return draws from the distribution of one number that a row describes."""
    values = np.asarray(_frozen(prior).rvs(size=shape, random_state=rng), dtype=np.float64)
    return np.abs(values) if isinstance(prior, HALF_DISTRIBUTIONS) else values


def log_density(prior: rows.Prior, values: Floats) -> Floats:
    """Return the log density at ``values`` of the distribution of one number that a row describes."""
    values = np.asarray(_frozen(prior).logpdf(values), dtype=np.float64)
    return values + np.log(2.0) if isinstance(prior, HALF_DISTRIBUTIONS) else values


def _frozen(prior: rows.Prior) -> Any:
    from scipy import stats

    name, shapes, location, scale = SCIPY[type(prior)](prior)
    return getattr(stats, name)(*shapes, loc=location, scale=scale)


def declare_signed(name: str, prior: rows.PositivePrior) -> Any:
    """Declare a spread that may be 0 as a number of either sign, whose absolute value has the prior.

    PyMC samples a positive parameter by its logarithm, in which a spread near 0 has a long tail to minus infinity.
    With both signs it has none; the likelihood must not depend on the sign. A prior without mass at 0 (gamma) keeps
    the logarithm.
    """
    import pymc as pm

    if type(prior) not in UNFOLDED:
        return declare(name, prior)
    pymc_name, arguments = UNFOLDED[type(prior)]
    return getattr(pm, pymc_name)(name, **arguments(prior))


QUANTILES: Final[Mapping[type, Callable[[Any, Any], Any]]] = {
    rows.HalfNormal: lambda row, above: row.sd * np.sqrt(2.0) * _pt().erfinv(1.0 - above),
    rows.Exponential: lambda row, above: -row.mean * _pt().log(above),
}
"""The inverse survival function, by the share ``above``, of distributions with much mass near 0."""


def declare_by_quantile(name: str, prior: rows.PositivePrior, dims: str | None = None) -> Any:
    """Declare a spread that may be near 0 as a standard normal z, mapped by the quantile function of its prior.

    spread = F⁻¹(Φ(z)), computed from the upper tail 1 - Φ(z) = erfc(z / √2) / 2, which keeps its digits for large z.
    In its logarithm, PyMC's default, a spread that the data leave open has a long lower tail that a sampler explores
    slowly; here it has none. Where the quantile function has no closed form, the logarithm stays.
    """
    import pymc as pm

    if type(prior) not in QUANTILES:
        return declare(name, prior, dims=dims)
    standard = pm.Normal(f"{name}_standard", 0.0, 1.0, dims=dims)
    above = 0.5 * _pt().erfc(standard / np.sqrt(2.0))
    return pm.Deterministic(name, QUANTILES[type(prior)](prior, above), dims=dims)


def _pt() -> Any:
    import pytensor.tensor as pt

    return pt


def declare_shares(name: str, prior: rows.Dirichlet, dims: str) -> Any:
    """Declare shares that sum to one: independent Gamma(α, 1) over their sum are Dirichlet(α).

    PyTensor compiles this in a fraction of the time of PyMC's Dirichlet and its transform. The sum itself has no
    meaning: the data do not inform it, and it keeps its prior.
    """
    import pymc as pm

    parts = pm.Gamma(name, alpha=prior.concentration, beta=1.0, dims=dims)
    return parts / parts.sum()
