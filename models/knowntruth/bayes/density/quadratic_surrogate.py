"""A stand-in for a likelihood where data abound: the parabola that touches it at the posterior's mode.

A compiled likelihood (see `likelihoods`) is a function of φ, an outcome's coefficients and spreads, and the more
sessions there are, the closer it comes to

    log p(data | φ) ≈ constant + slope · (φ - centre) - ½ |root (φ - centre)|².

What leads from a model's parameters to φ, and their priors, are not touched: a spread near 0 stays as bent as it is.
The parabola costs microseconds however many the sessions; whether it serves is said by weights (`importance`).
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, Final

import numpy as np

from knowntruth.bayes.density.compiled_density import Evaluate
from knowntruth.common.arrays import Floats

AT: Final = "parabola_at"
SLOPE: Final = "parabola_slope"
ROOT: Final = "parabola_root"
"""Data of a model in coordinates (see `coordinates`): φ at the centre, slope, and root, shape (rows, φ)."""

STEP: Final = 1e-4
"""How far apart gradients are taken for the curvature: φ are logarithms, log odds and spreads, all of order 1."""


def terms(density: Any) -> list[Any]:
    """Return the compiled likelihoods in the graph of a model's log density, in an order that is always the same."""
    from pytensor.graph.traversal import ancestors

    from knowntruth.bayes.likelihoods.ops import GaussianLikelihood

    found = {id(v.owner): v.owner for v in ancestors([density]) if v.owner}
    own = [node for node in found.values() if isinstance(node.op, GaussianLikelihood)]
    return sorted(own, key=lambda node: type(node.op).__name__)


def parameters(nodes: Sequence[Any]) -> Any:
    """Return φ, what likelihoods take but for their data, as one vector of a graph."""
    import pytensor.tensor as pt

    return pt.concatenate([part.flatten() for node in nodes for part in node.inputs[: node.op.parameters]])


def shapes(model: Any, nodes: Sequence[Any]) -> list[tuple[int, ...]]:
    """Return the shape of each part of φ."""
    import pytensor

    start = model.initial_point(0)
    values = [model.rvs_to_values[variable] for variable in model.free_RVs]
    parts = [part.shape for node in nodes for part in node.inputs[: node.op.parameters]]
    found = pytensor.function(values, parts, mode="FAST_COMPILE", on_unused_input="ignore")
    return [tuple(map(int, shape)) for shape in found(*(start[value.name] for value in values))]


def symbolic(phi: Any, size: int) -> Any:
    """Return the parabola's value at φ, shape (size,), inside a PyMC model: 0 until its data are exchanged."""
    import pymc as pm

    away = phi - pm.Data(AT, np.zeros(size))
    fallen = pm.Data(ROOT, np.zeros((1, size))) @ away
    return pm.Data(SLOPE, np.zeros(size)) @ away - 0.5 * (fallen**2).sum()


def data(model: Any, at: Floats) -> dict[str, Any]:
    """Return what takes the place of a model's data to put the parabola that touches at φ = ``at`` in theirs."""
    compiled = likelihood(model)
    gone = {name: value for node in terms(model.logp()) for name, value in _without_sessions(node).items()}
    return {**gone, AT: at, SLOPE: compiled(at)[1], ROOT: _root(compiled, at)}


def likelihood(model: Any) -> Evaluate:
    """Return the log likelihood of a model's data, and its slope, as functions of φ."""
    nodes = terms(model.logp())
    sizes = shapes(model, nodes)
    observed = [[part.get_value() for part in node.inputs[node.op.parameters :]] for node in nodes]
    ends = np.cumsum([int(np.prod(shape)) for shape in sizes])

    def evaluated(phi: Floats) -> tuple[float, Floats]:
        split = zip(np.split(phi, ends[:-1]), sizes, strict=True)
        parts = iter([part.reshape(shape) if shape else float(part[0]) for part, shape in split])
        value, slopes = 0.0, []
        for node, known in zip(nodes, observed, strict=True):
            term, *by_part = node.op.compiled(*islice(parts, node.op.parameters), *known)
            value += term
            slopes += [np.ravel(slope) for slope in by_part]
        return value, np.concatenate(slopes)

    return evaluated


def _root(likelihood: Evaluate, at: Floats) -> Floats:
    """Return the root of the likelihood's curvature at φ; directions in which it does not fall are left out."""
    ways = STEP * np.eye(len(at))
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # which the likelihood, being compiled, leaves free
        slopes = np.stack([slope for _, slope in pool.map(likelihood, [*(at + ways), *(at - ways)])])
    curvature = (slopes[len(at) :] - slopes[: len(at)]) / (2.0 * STEP)
    falls, directions = np.linalg.eigh((curvature + curvature.T) / 2.0)
    kept = falls > 0.0
    return np.asarray(np.sqrt(falls[kept])[:, None] * directions[:, kept].T, dtype=np.float64)


def _without_sessions(node: Any) -> dict[str, Floats]:
    """Return a likelihood's data by name with no sessions in them; what maps coefficients stays."""
    known = {part.name: part.get_value() for part in node.inputs[node.op.parameters :]}
    cut = {name: known[name][:0] for name in node.op.cut}
    return cut | {name: np.zeros_like(known[name]) for name in node.op.zeroed}
