"""The two compressed likelihoods as PyTensor operations, each with its gradient, compiled by Numba.

Written out of PyTensor's own pieces, each likelihood would be a graph of some fifty operations, and every one of
them is compiled on first use: minutes instead of seconds. As one operation with a known gradient it is one small
function. Importing this module imports PyTensor, so only functions import it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import disconnected_type
from pytensor.graph.basic import Apply, Variable
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_default_op_cache_key

from knowntruth.bayes import binomial, gaussian
from knowntruth.bayes.binomial import BinomialStatistics
from knowntruth.bayes.design import Reals
from knowntruth.bayes.gaussian import GaussianStatistics

CODE_VERSION = 3
"""To be raised when a likelihood's code changes, since PyTensor keeps compiled functions on disk."""


class GaussianLikelihood(Op):  # type: ignore[misc] # PyTensor has no types
    """Of `gaussian`: inputs β, σ, τ and the statistics; outputs the value and its three derivatives."""

    __props__ = ()
    parameters = 3
    compiled = staticmethod(numba_njit(gaussian.value_and_gradient, final_function=True))

    def make_node(self, *inputs: Any) -> Apply:
        """Return the node; the derivatives have the types of what they belong to."""
        variables = [pt.as_tensor_variable(value) for value in inputs]
        return Apply(self, variables, [pt.dscalar(), *(v.type() for v in variables[: self.parameters])])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: list[list[Any]]) -> None:
        """Compute where PyTensor does not run in Numba."""
        for storage, value in zip(output_storage, self.compiled(*inputs), strict=True):
            storage[0] = np.asarray(value, dtype=np.float64)

    def pullback(
        self, inputs: Sequence[Variable], outputs: Sequence[Variable], cotangents: Sequence[Variable]
    ) -> list[Variable]:
        """Return the derivatives that were computed with the value; data have none."""
        slopes = [cotangents[0] * slope for slope in outputs[1:]]
        return slopes + [disconnected_type() for _ in inputs[self.parameters :]]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Say that only the value is ever differentiated, and only by the parameters."""
        slopes = [False] * self.parameters
        return [[place < self.parameters, *slopes] for place in range(len(node.inputs))]


class BinomialLikelihood(GaussianLikelihood):
    """Of `binomial`: inputs β, its matrix and the cells; outputs the value and its derivative."""

    parameters = 1
    compiled = staticmethod(numba_njit(binomial.value_and_gradient, final_function=True))


@register_funcify_default_op_cache_key(GaussianLikelihood)  # type: ignore[untyped-decorator]
def _compiled_gaussian(op: GaussianLikelihood, **_: Any) -> Any:
    compute = op.compiled

    @numba_njit
    def gaussian_likelihood(beta, sigma, tau, gram, user_gram, repeats, users):  # type: ignore[no-untyped-def]
        value, slope, by_sigma, by_tau = compute(beta, sigma.item(), tau.item(), gram, user_gram, repeats, users)
        return np.asarray(value), slope, np.asarray(by_sigma), np.asarray(by_tau)

    return gaussian_likelihood, CODE_VERSION


@register_funcify_default_op_cache_key(BinomialLikelihood)  # type: ignore[untyped-decorator]
def _compiled_binomial(op: BinomialLikelihood, **_: Any) -> Any:
    compute = op.compiled

    @numba_njit
    def binomial_likelihood(beta, matrix, columns, sessions, successes):  # type: ignore[no-untyped-def]
        value, slope = compute(beta, matrix, columns, sessions, successes)
        return np.asarray(value), slope

    return binomial_likelihood, CODE_VERSION


def gaussian_likelihood(
    beta: Any, matrix: Reals, session_scale: Any, user_scale: Any, statistics: GaussianStatistics
) -> Any:
    """Return the log likelihood of a user-intercept Gaussian model at θ = ``matrix`` β, inside a PyMC model."""
    import pymc as pm  # noqa: PLC0415 - heavy: loaded when used

    gram, user_gram = gaussian.moved(statistics, matrix)
    data = {"gram": gram, "user_gram": user_gram, "repeats": statistics.repeats, "users": statistics.users}
    shared = [pm.Data(name, value) for name, value in data.items()]
    return GaussianLikelihood()(beta, session_scale, user_scale, *shared)[0]


def binomial_likelihood(beta: Any, matrix: Reals, statistics: BinomialStatistics) -> Any:
    """Return the log likelihood of the binomial cells at θ = ``matrix`` β, inside a PyMC model."""
    import pymc as pm  # noqa: PLC0415 - heavy: loaded when used

    cells = {"columns": statistics.columns, "sessions": statistics.sessions, "successes": statistics.successes}
    shared = [pm.Data(name, value) for name, value in {"matrix": matrix, **cells}.items()]
    return BinomialLikelihood()(beta, *shared)[0]
