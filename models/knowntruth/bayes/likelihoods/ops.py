"""The compressed likelihoods as PyTensor operations, each with its gradient, compiled by Numba.

Written out of PyTensor's own pieces, each likelihood would be a graph of some fifty operations, and every one of
them is compiled on first use: minutes instead of seconds. As one operation with a known gradient it is one small
function. Importing this module imports PyTensor, so only functions import it.
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
    binomial, fast_exp, gaussian, misclassification, quadrature, rating_likelihood, single_session, scatter, user_effects, sys.modules[__name__],
)  # fmt: skip
_CODE: Final = hashlib.sha256(b"".join(Path(str(module.__file__)).read_bytes() for module in MODULES))
CODE_VERSION: Final = int.from_bytes(_CODE.digest()[:8])
"""Changes with the code of any likelihood, since PyTensor keeps compiled functions on disk."""


EXACT: Final[dict[str, Any]] = {"error_model": "numpy", "fastmath": False}
"""Division by 0 gives infinity instead of an error; sums are added in the order that is written."""

ALONE: Final[dict[str, Any]] = {"final_function": True, "nogil": True, **EXACT}
"""Of a function that Python may call itself, several at a time."""

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
    """Of `gaussian`: inputs β, σ, τ and the statistics; outputs the value and its three derivatives."""

    __props__ = ()
    parameters = 3
    cut: tuple[str, ...] = ("user_gram", "repeats", "users")
    zeroed: tuple[str, ...] = ("gram",)
    """Data that hold sessions: with those ``cut`` to no rows and those ``zeroed`` the value is 0."""

    compiled = staticmethod(numba_njit(gaussian.value_and_gradient, **ALONE))

    def make_node(self, *inputs: Any) -> Apply:
        """Return the node; the derivatives have the types of what they belong to."""
        variables = [pt.as_tensor_variable(value) for value in inputs]
        return Apply(self, variables, [pt.dscalar(), *(v.type() for v in variables[: self.parameters])])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: list[list[Any]]) -> None:
        """Compute where PyTensor does not run in Numba."""
        plain = [value.item() if np.ndim(value) == 0 else value for value in inputs]
        for storage, value in zip(output_storage, self.compiled(*plain), strict=True):
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
    cut = ("columns", "sessions", "successes")
    zeroed = ()
    compiled = staticmethod(numba_njit(binomial.value_and_gradient, **ALONE))


class UserEffectsLikelihood(GaussianLikelihood):
    """Of `traits`: inputs both β, four spreads, both matrices and the sessions; outputs the value and six slopes."""

    parameters = 6
    cut = ("columns", "user_repeats", "batch_users", "cell", "log_actions", "signs")
    zeroed = ()
    compiled = staticmethod(numba_njit(user_effects.value_and_gradient, **ALONE))


class MisclassifiedLikelihood(GaussianLikelihood):
    """Of `ratings`: three β, σ, logs of shares, halo, δ, audit, matrices, sessions; the value and eight slopes."""

    parameters = 8
    cut = ("columns", "crossed", "codes", "sessions", "log_actions", "squares")
    zeroed = ("pairs",)
    compiled = staticmethod(numba_njit(rating_likelihood.value_and_gradient, **ALONE))


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
def _compiled_traits(op: UserEffectsLikelihood, **_: Any) -> Any:
    compute = op.compiled

    @numba_njit
    def traits_likelihood(beta, other, sigma, tau, omega, rho, m, n, columns, repeats, users, cell, y, b, x, w):  # type: ignore[no-untyped-def]
        value, slope, slope_too, by_sigma, by_tau, by_omega, by_rho = compute(
            beta,
            other,
            sigma.item(),
            tau.item(),
            omega.item(),
            rho.item(),
            m,
            n,
            columns,
            repeats,
            users,
            cell,
            y,
            b,
            x,
            w,
        )
        return (
            np.asarray(value), slope, slope_too, np.asarray(by_sigma), np.asarray(by_tau), np.asarray(by_omega),
            np.asarray(by_rho),
        )  # fmt: skip

    return user_effects_likelihood, CODE_VERSION


@register_funcify_default_op_cache_key(MisclassifiedLikelihood)  # type: ignore[untyped-decorator]
def _compiled_misclassified(op: MisclassifiedLikelihood, **_: Any) -> Any:
    compute = op.compiled

    @numba_njit
    def misclassified_likelihood(  # type: ignore[no-untyped-def]
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
        middle,
        squares,
    ):
        value, slope, slope_too, slope_level, by_sigma, by_shares, by_chances, by_halo, by_delta = compute(
            beta, other, level, sigma.item(), shares, chances, halo.item(), delta.item(), pairs, m, n, p, columns,
            crossed, codes, sessions, middle, squares,
        )  # fmt: skip
        return (
            np.asarray(value), slope, slope_too, slope_level, np.asarray(by_sigma), by_shares, by_chances,
            np.asarray(by_halo), np.asarray(by_delta),
        )  # fmt: skip

    return misclassification_likelihood, CODE_VERSION


def gaussian_likelihood(
    beta: Any, matrix: Floats, session_scale: Any, user_scale: Any, statistics: GaussianStatistics
) -> Any:
    """Return the log likelihood of a user-intercept Gaussian model at θ = ``matrix`` β, inside a PyMC model."""
    gram, user_gram = gaussian.moved(statistics, matrix)
    data = {"gram": gram, "user_gram": user_gram, "repeats": statistics.repeats, "users": statistics.users}
    return GaussianLikelihood()(beta, session_scale, user_scale, *_shared(data))[0]


def binomial_likelihood(beta: Any, matrix: Floats, cells: Cells, successes: Floats) -> Any:
    """Return the log likelihood of the binomial cells at θ = ``matrix`` β, inside a PyMC model."""
    data = {"matrix": matrix, "columns": cells.columns, "sessions": cells.sessions, "successes": successes}
    return BinomialLikelihood()(beta, *_shared(data))[0]


def user_effects_likelihood(
    betas: Sequence[Any], scales: Sequence[Any], matrix: Floats, cells: Cells, sessions: user_effects.Sessions
) -> Any:
    """Return the log likelihood of successes given activities (see `traits`), inside a PyMC model.

    ``betas`` are those of success and of activity, which share ``matrix``; ``scales`` the spread of a user's
    sessions, those of users in activity and success, and their correlation.
    """
    nodes, weights = quadrature.hermite(user_effects.NODES)
    data = {
        "matrix": matrix, "columns": cells.columns, "user_repeats": sessions.repeats, "batch_users": sessions.users,
        "cell": sessions.cell, "log_actions": sessions.activity, "signs": sessions.signs, "nodes": nodes,
        "weights": weights,
    }  # fmt: skip
    shared = _shared(data)
    return UserEffectsLikelihood()(*betas, *scales, shared[0], *shared)[0]


def misclassification_likelihood(
    parameters: Sequence[Any],
    pairs: Floats,
    matrix: Floats,
    level_matrix: Floats,
    cells: Cells,
    crossed: Any,
    rated: misclassification.Rated,
) -> Any:
    """Return the log likelihood of ratings, outcomes and audit (see `ratings`), inside a PyMC model."""
    data = {
        "pairs": pairs, "matrix": matrix, "level_matrix": level_matrix, "columns": cells.columns, "crossed": crossed,
        "codes": rated.codes, "sessions": rated.sessions, "log_actions": rated.middle, "squares": rated.squares,
    }  # fmt: skip
    shared = _shared(data)
    return MisclassifiedLikelihood()(*parameters, *shared[:2], *shared[1:])[0]


def _shared(data: Mapping[str, Any]) -> list[Any]:
    """Declare data that another data set can take the place of, without compiling again."""
    import pymc as pm

    return [pm.Data(name, value) for name, value in data.items()]
