"""A surrogate for a likelihood where data abound: the quadratic that touches it at the posterior's mode.

A compiled likelihood (see `likelihoods`) is a function of φ, an outcome's coefficients and spreads. The more sessions
there are, the closer its logarithm comes to its second-order Taylor series at the centre φ₀,

    log p(data | φ) ≈ constant + slope · (φ - φ₀) - ½ |root (φ - φ₀)|²,
    slope = ∇ log p(data | φ₀),    rootᵀ root = -∇² log p(data | φ₀).

The curvature comes from central differences of exact gradients, (∇(φ₀ + h e_j) - ∇(φ₀ - h e_j)) / 2h, column by
column. It is stored as its root so that the quadratic costs one product and can only fall: directions in which the
likelihood does not fall at φ₀ (eigenvalue ≤ 0 of the negative Hessian) are dropped, and the prior alone speaks there.

The map from a model's parameters to φ, and their priors, stay exact: a posterior that bends near a spread of 0 stays
bent. The quadratic costs microseconds however many the sessions; importance weights report whether it serves
(`importance`).
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, Final

import numpy as np

from knowntruth.bayes.density.compiled_density import Evaluate
from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError

CENTRE: Final = "surrogate_centre"
SLOPE: Final = "surrogate_slope"
ROOT: Final = "surrogate_root"
"""Data of a reparametrized model: φ₀, shape (φ,), the slope there, shape (φ,), and the root, shape (rows, φ)."""

STEP: Final = 1e-4
"""h, the distance at which gradients are taken for the curvature.

The parts of φ are logarithms, log odds and spreads, all of order 1, so one step serves for all.
"""


def likelihood_nodes(density: Any) -> list[Any]:
    """Return the compiled likelihoods in the graph of a model's log density, in an order that is always the same."""
    from pytensor.graph.traversal import ancestors

    from knowntruth.bayes.likelihoods.ops import GaussianLikelihood

    found = {id(v.owner): v.owner for v in ancestors([density]) if v.owner}
    own = [node for node in found.values() if isinstance(node.op, GaussianLikelihood)]
    return sorted(own, key=lambda node: type(node.op).__name__)


def likelihood_parameters(nodes: Sequence[Any]) -> Any:
    """Return φ, the arguments of the likelihoods but for their data, as one vector of a graph."""
    import pytensor.tensor as pt

    parts = [part.flatten() for node in nodes for part in node.inputs[: node.op.parameters]]
    return pt.concatenate(parts) if parts else pt.zeros(0)


def parameter_shapes(model: Any, nodes: Sequence[Any]) -> list[tuple[int, ...]]:
    """Return the shape of each part of φ."""
    import pytensor

    start = model.initial_point(0)
    values = [model.rvs_to_values[variable] for variable in model.free_RVs]
    parts = [part.shape for node in nodes for part in node.inputs[: node.op.parameters]]
    found = pytensor.function(values, parts, mode="FAST_COMPILE", on_unused_input="ignore")
    return [tuple(map(int, shape)) for shape in found(*(start[value.name] for value in values))]


def surrogate_value(phi: Any, size: int) -> Any:
    """Return the quadratic's value at φ, shape (size,), inside a PyMC model: 0 until its data are exchanged."""
    import pymc as pm

    away = phi - pm.Data(CENTRE, np.zeros(size))
    fallen = pm.Data(ROOT, np.zeros((1, size))) @ away
    return pm.Data(SLOPE, np.zeros(size)) @ away - 0.5 * (fallen**2).sum()


def surrogate_data(model: Any, centre: Floats) -> dict[str, Any]:
    """Return the data that replace a model's own, so that the quadratic at φ₀ = ``centre`` replaces its likelihoods.

    The likelihoods get data without sessions, so that they are 0 and cost nothing.

    Raises
    ------
    InputError
        When the model has no compiled likelihood.
    """
    if not likelihood_nodes(model.logp()):
        raise InputError(
            "the sampler surrogate takes models whose likelihood is an operation of likelihoods/ops.py; use nutpie,"
            " and set smooth=False in the model's row"
        )
    likelihood = likelihood_function(model)
    emptied = {
        name: value for node in likelihood_nodes(model.logp()) for name, value in _data_without_sessions(node).items()
    }
    return {**emptied, CENTRE: centre, SLOPE: likelihood(centre)[1], ROOT: _curvature_root(likelihood, centre)}


def likelihood_function(model: Any) -> Evaluate:
    """Return the log likelihood of a model's data, and its gradient, as functions of φ."""
    nodes = likelihood_nodes(model.logp())
    sizes = parameter_shapes(model, nodes)
    observed = [[part.get_value() for part in node.inputs[node.op.parameters :]] for node in nodes]
    ends = np.cumsum([int(np.prod(shape)) for shape in sizes])

    def evaluate(phi: Floats) -> tuple[float, Floats]:
        split = zip(np.split(phi, ends[:-1]), sizes, strict=True)
        parts = iter([part.reshape(shape) if shape else float(part[0]) for part, shape in split])
        value, slopes = 0.0, []
        for node, known in zip(nodes, observed, strict=True):
            term, *by_part = node.op.compiled(*islice(parts, node.op.parameters), *known)
            value += term
            slopes += [np.ravel(slope) for slope in by_part]
        return value, np.concatenate(slopes)

    return evaluate


def _curvature_root(likelihood: Evaluate, centre: Floats) -> Floats:
    """Return the root of the likelihood's curvature at φ₀; directions in which it does not fall are left out.

    With the eigenvalues λ > 0 and eigenvectors v of the symmetrised -∇², its rows are √λ vᵀ.
    """
    steps = STEP * np.eye(len(centre))
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # the compiled likelihood releases Python's lock
        slopes = np.stack([slope for _, slope in pool.map(likelihood, [*(centre + steps), *(centre - steps)])])
    curvature = (slopes[len(centre) :] - slopes[: len(centre)]) / (2.0 * STEP)  # minus side first: -∇²
    falls, directions = np.linalg.eigh((curvature + curvature.T) / 2.0)
    kept = falls > 0.0
    return np.asarray(np.sqrt(falls[kept])[:, None] * directions[:, kept].T, dtype=np.float64)


def _data_without_sessions(node: Any) -> dict[str, Floats]:
    """Return a likelihood's data by name with no sessions in them; the matrices that map coefficients stay."""
    known = {part.name: part.get_value() for part in node.inputs[node.op.parameters :]}
    cut = {name: known[name][:0] for name in node.op.cut}
    return cut | {name: np.zeros_like(known[name]) for name in node.op.zeroed}
