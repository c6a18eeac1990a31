"""The compressed likelihoods as PyTensor operations, each with its gradient, compiled by Numba.

Composed of PyTensor's own operations, each likelihood would be a graph of some fifty of them, and each is compiled on
first use: minutes instead of seconds. As one operation with a known gradient it is one small function.

Each operation has the value as its first output and the derivatives by its parameters as the others, all computed in
one pass. `pullback` takes them from the same node, times the cotangent of the value, so a gradient costs no second
evaluation. Importing this module imports PyTensor, so only functions import it.
"""

import hashlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytensor.tensor as pt
from numba.extending import register_jitable
from pytensor.gradient import disconnected_type
from pytensor.graph.basic import Apply, Variable
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_default_op_cache_key

from knowntruth.bayes.likelihoods import (
    binomial,
    fast_exp,
    gaussian,
    misclassification,
    quadrature,
    rating_likelihood,
    scatter,
    single_session,
    user_effects,
)
from knowntruth.bayes.likelihoods.gaussian import GaussianStatistics
from knowntruth.bayes.rows.cells import Cells
from knowntruth.common.arrays import Floats

MODULES: Final = (
    binomial, fast_exp, gaussian, misclassification, quadrature, rating_likelihood, single_session, scatter,
    user_effects, sys.modules[__name__],
)  # fmt: skip
_CODE: Final = hashlib.sha256(b"".join(Path(str(module.__file__)).read_bytes() for module in MODULES))
CODE_VERSION: Final = int.from_bytes(_CODE.digest()[:8])
"""Changes with the code of any likelihood, since PyTensor keeps compiled functions on disk."""


EXACT: Final[dict[str, Any]] = {"error_model": "numpy", "fastmath": False}
"""Division by 0 gives infinity and no error; sums keep their written order, so runs agree to the bit."""

CALLED_FROM_PYTHON: Final[dict[str, Any]] = {"final_function": True, "nogil": True, **EXACT}
"""Options of a function that Python itself calls, from several threads at a time: it releases Python's lock."""

for _part in (
    *fast_exp.PARTS,
    *scatter.PARTS,
    *single_session.PARTS,
    *quadrature.PARTS,
    *user_effects.PARTS,
    *misclassification.PARTS,
    *rating_likelihood.PARTS,
):
    register_jitable(**EXACT)(_part)


class GaussianLikelihood(Op):  # type: ignore[misc] # PyTensor has no types
    """The likelihood of `gaussian`: inputs β, σ, τ and the statistics; outputs the value and three derivatives."""

    __props__ = ()
    parameters = 3
    cut: tuple[str, ...] = ("user_gram", "repeats", "users")
    zeroed: tuple[str, ...] = ("gram",)
    """Data that hold sessions: with the former cut to no rows and the latter set to 0, the value is 0."""

    compiled = staticmethod(numba_njit(gaussian.value_and_gradient, **CALLED_FROM_PYTHON))

    def make_node(self, *inputs: Any) -> Apply:
        """Return the node; a derivative has the type of its parameter."""
        variables = [pt.as_tensor_variable(value) for value in inputs]
        return Apply(self, variables, [pt.dscalar(), *(v.type() for v in variables[: self.parameters])])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: list[list[Any]]) -> None:
        """Compute the outputs where PyTensor does not run in Numba."""
        plain = [value.item() if np.ndim(value) == 0 else value for value in inputs]
        for storage, value in zip(output_storage, self.compiled(*plain), strict=True):
            storage[0] = np.asarray(value, dtype=np.float64)

    def pullback(
        self, inputs: Sequence[Variable], outputs: Sequence[Variable], cotangents: Sequence[Variable]
    ) -> list[Variable]:
        """Return the derivatives, which were computed with the value; data have none."""
        slopes = [cotangents[0] * slope for slope in outputs[1:]]
        return slopes + [disconnected_type() for _ in inputs[self.parameters :]]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return which output depends on which input: only the value, on parameters, is ever differentiated."""
        slopes = [False] * self.parameters
        return [[place < self.parameters, *slopes] for place in range(len(node.inputs))]


class BinomialLikelihood(GaussianLikelihood):
    """The likelihood of `binomial`: inputs β, its matrix and the cells; outputs the value and its derivative."""

    parameters = 1
    cut = ("columns", "sessions", "successes")
    zeroed = ()
    compiled = staticmethod(numba_njit(binomial.value_and_gradient, **CALLED_FROM_PYTHON))


class UserEffectsLikelihood(GaussianLikelihood):
    """The likelihood of `user_effects`.

    Inputs are both β, σ, τ, ω, ρ, both matrices and the sessions; outputs are the value and six derivatives.
    """

    parameters = 6
    cut = ("columns", "user_repeats", "batch_users", "cell", "log_actions", "signs")
    zeroed = ()
    compiled = staticmethod(numba_njit(user_effects.value_and_gradient, **CALLED_FROM_PYTHON))


class MisclassificationLikelihood(GaussianLikelihood):
    """The likelihood of `rating_likelihood`.

    Inputs are three β, σ, the logarithms of shares and of rating probabilities, halo, δ, the validation pairs,
    matrices and sessions; outputs are the value and eight derivatives.
    """

    parameters = 8
    cut = ("columns", "crossed", "codes", "sessions", "log_actions", "squares")
    zeroed = ("pairs",)
    compiled = staticmethod(numba_njit(rating_likelihood.value_and_gradient, **CALLED_FROM_PYTHON))


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


@register_funcify_default_op_cache_key(UserEffectsLikelihood)  # type: ignore[untyped-decorator]
def _compiled_user_effects(op: UserEffectsLikelihood, **_: Any) -> Any:
    compute = op.compiled

    @numba_njit
    def user_effects_likelihood(beta, other, sigma, tau, omega, rho, m, n, columns, repeats, users, cell, y, b, x, w):  # type: ignore[no-untyped-def]
        s, t, o, r = sigma.item(), tau.item(), omega.item(), rho.item()
        value, slope, other_slope, by_sigma, by_tau, by_omega, by_rho = compute(
            beta, other, s, t, o, r, m, n, columns, repeats, users, cell, y, b, x, w
        )
        by_s, by_t, by_o, by_r = np.asarray(by_sigma), np.asarray(by_tau), np.asarray(by_omega), np.asarray(by_rho)
        return np.asarray(value), slope, other_slope, by_s, by_t, by_o, by_r

    return user_effects_likelihood, CODE_VERSION


@register_funcify_default_op_cache_key(MisclassificationLikelihood)  # type: ignore[untyped-decorator]
def _compiled_misclassification(op: MisclassificationLikelihood, **_: Any) -> Any:
    compute = op.compiled

    @numba_njit
    def misclassification_likelihood(  # type: ignore[no-untyped-def]
        beta,
        other,
        level,
        sigma,
        shares,
        chances,
        halo,
        delta,
        pairs,
        m,
        n,
        p,
        columns,
        crossed,
        codes,
        sessions,
        means,
        squares,
    ):
        s, h, d = sigma.item(), halo.item(), delta.item()
        value, slope, other_slope, level_slope, by_sigma, by_shares, by_chances, by_halo, by_delta = compute(
            beta,
            other,
            level,
            s,
            shares,
            chances,
            h,
            d,
            pairs,
            m,
            n,
            p,
            columns,
            crossed,
            codes,
            sessions,
            means,
            squares,
        )
        by_s, by_h, by_d = np.asarray(by_sigma), np.asarray(by_halo), np.asarray(by_delta)
        return np.asarray(value), slope, other_slope, level_slope, by_s, by_shares, by_chances, by_h, by_d

    return misclassification_likelihood, CODE_VERSION


def gaussian_likelihood(
    beta: Any, matrix: Floats, session_scale: Any, user_scale: Any, statistics: GaussianStatistics
) -> Any:
    """Return the log likelihood of a user-intercept Gaussian model at θ = ``matrix`` β, inside a PyMC model."""
    gram, user_gram = gaussian.transform(statistics, matrix)
    data = {"gram": gram, "user_gram": user_gram, "repeats": statistics.repeats, "users": statistics.users}
    return GaussianLikelihood()(beta, session_scale, user_scale, *_declare_data(data))[0]


def binomial_likelihood(beta: Any, matrix: Floats, cells: Cells, successes: Floats) -> Any:
    """Return the log likelihood of the binomial cells at θ = ``matrix`` β, inside a PyMC model."""
    data = {"matrix": matrix, "columns": cells.columns, "sessions": cells.sessions, "successes": successes}
    return BinomialLikelihood()(beta, *_declare_data(data))[0]


def user_effects_likelihood(
    betas: Sequence[Any], scales: Sequence[Any], matrix: Floats, cells: Cells, sessions: user_effects.Sessions
) -> Any:
    """Return the log likelihood of both outcomes with correlated user effects, inside a PyMC model.

    ``betas`` are those of success and of activity, which share ``matrix``; ``scales`` are σ, τ, ω and ρ of
    `user_effects`.
    """
    nodes, weights = quadrature.gauss_hermite(user_effects.NODES)
    data = {
        "matrix": matrix, "columns": cells.columns, "user_repeats": sessions.repeats, "batch_users": sessions.users,
        "cell": sessions.cell, "log_actions": sessions.activity, "signs": sessions.signs, "nodes": nodes,
        "weights": weights,
    }  # fmt: skip
    shared = _declare_data(data)
    return UserEffectsLikelihood()(*betas, *scales, shared[0], *shared)[0]


def misclassification_likelihood(
    parameters: Sequence[Any],
    pairs: Floats,
    matrix: Floats,
    level_matrix: Floats,
    cells: Cells,
    crossed: Any,
    kinds: misclassification.SessionKinds,
) -> Any:
    """Return the log likelihood of ratings, outcomes and validation pairs, inside a PyMC model."""
    data = {
        "pairs": pairs, "matrix": matrix, "level_matrix": level_matrix, "columns": cells.columns, "crossed": crossed,
        "codes": kinds.codes, "sessions": kinds.sessions, "log_actions": kinds.activity_means,
        "squares": kinds.squares,
    }  # fmt: skip
    shared = _declare_data(data)
    return MisclassificationLikelihood()(*parameters, *shared[:2], *shared[1:])[0]


def _declare_data(data: Mapping[str, Any]) -> list[Any]:
    """Declare data that can be exchanged without compiling again."""
    import pymc as pm

    return [pm.Data(name, value) for name, value in data.items()]
