"""Exact compression of a Gaussian model with a random intercept for each user.

Session s of user i has y = x'θ + u_i + e, with e ~ N(0, σ²) and u_i ~ N(0, τ²), where x holds a one, the dummies of
the level and those of each covariate. Integrating u_i out leaves, for a user with n sessions and r = τ²/σ²,

    V = σ² (I + r 11'),    V⁻¹ = (I - c 11')/σ²  with  c = r/(1 + n r),    log|V| = n log σ² + log(1 + n r).

So with z = (x, y) and w = (-θ, 1) the whole likelihood depends on the rows only through the Gram matrix
G = Σ zz' over sessions and, for each number n of sessions per user, S_n = Σ ss' over the users with n sessions,
where s is the sum of a user's z:

    -2 log L = N log 2πσ² + Σ_n users_n log(1 + n r) + [w'Gw - Σ_n c_n w'S_n w] / σ².

(the Sherman-Morrison formula and the matrix determinant lemma). That is a few dozen matrices of about 50 × 50,
however many sessions there are. θ is a linear map of the sampler's own coefficients β (see `linear_predictor`), which
transforms the matrices once and costs nothing later. With B = -½ Σ_n [users_n n / (1 + n r) - w'S_n w / ((1 + n r)²
σ²)], the derivative by r, the derivatives are

    ∂/∂θ = (G - Σ_n c_n S_n) w / σ² (without its last entry),
    ∂/∂σ = (-N + [w'Gw - …] / σ² - 2 r B) / σ,    ∂/∂τ = 2 τ B / σ².
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
import scipy.sparse as sp
from scipy.linalg import block_diag

from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.common.arrays import Floats, Ints
from knowntruth.datasets.schema.categories import LEVELS


@dataclass(frozen=True, slots=True)
class GaussianStatistics:
    """The sufficient statistics of the rows; q is the number of coefficients plus one for the outcome.

    ``level_gram`` (levels, q, q) is Σ zz' over the sessions of each level, ``user_gram`` (k, q, q) is S_n for
    each of the k numbers ``repeats`` of sessions per user; ``users`` counts the users with so many.
    """

    level_gram: Floats
    user_gram: Floats
    repeats: Floats
    users: Floats

    @property
    def gram(self) -> Floats:
        """G, the Gram matrix of all sessions."""
        return self.level_gram.sum(axis=0)

    @property
    def sessions(self) -> float:
        """Number of sessions."""
        return float(self.gram[0, 0])


def compress(frame: ModelFrame, outcome: Floats) -> GaussianStatistics:
    """Return the statistics of ``outcome``, shape (n,), over the sessions of ``frame``."""
    rows = _rows(frame, outcome)
    levels = [rows[frame.levels[0] == level] for level in range(len(LEVELS))]
    sums = (_indicator(frame.user) @ rows).tocsr()
    sizes = np.bincount(frame.user)
    repeats, users = np.unique(sizes, return_counts=True)
    return GaussianStatistics(
        level_gram=np.stack([_gram(part) for part in levels]),
        user_gram=np.stack([_gram(sums[sizes == n]) for n in repeats]),
        repeats=repeats.astype(np.float64),
        users=users.astype(np.float64),
    )


def transform(statistics: GaussianStatistics, matrix: Floats) -> tuple[Floats, Floats]:
    """Return G and the S_n for coefficients β instead of θ = ``matrix`` β; the last column stays the outcome's."""
    wide = block_diag(matrix, np.ones((1, 1)))
    return wide.T @ statistics.gram @ wide, wide.T @ statistics.user_gram @ wide


def value_and_gradient(
    theta: Floats,
    session_scale: float,
    user_scale: float,
    gram: Floats,
    user_gram: Floats,
    repeats: Floats,
    users: Floats,
) -> tuple[float, Floats, float, float]:
    """Return the log likelihood and its derivatives by θ, σ and τ; τ may have either sign.

    Written in the part of NumPy that Numba compiles; the sampler runs it compiled, the tests run it as Python.
    """
    variance = session_scale**2
    ratio = user_scale**2 / variance
    growth = 1.0 + repeats * ratio  # 1 + n r
    weights = np.ones(len(theta) + 1)
    weights[:-1] = -theta  # w
    slope = np.dot(gram, weights)  # becomes (G - Σ c_n S_n) w
    within = np.dot(weights, slope)  # becomes w'Gw - Σ c_n w'S_n w
    by_ratio = -0.5 * np.sum(users * repeats / growth)
    for k in range(len(repeats)):
        shared = np.dot(user_gram[k], weights)
        square = np.dot(weights, shared)
        shrink = ratio / growth[k]  # c_n
        slope -= shrink * shared
        within -= shrink * square
        by_ratio += 0.5 * square / (growth[k] ** 2 * variance)
    sessions = np.sum(users * repeats)
    value = -0.5 * (sessions * np.log(2 * np.pi * variance) + np.sum(users * np.log(growth)) + within / variance)
    by_session = (-sessions + within / variance - 2.0 * ratio * by_ratio) / session_scale
    return value, slope[:-1] / variance, by_session, by_ratio * 2.0 * user_scale / variance


def _rows(frame: ModelFrame, outcome: Floats) -> sp.csr_array:
    """Return z, shape (n, q), sparse."""
    columns = np.column_stack([np.zeros(frame.sessions, np.int64), frame.columns])
    values = np.concatenate([np.ones(columns.shape), outcome[:, None]], axis=1)
    width = frame.layout.size
    positions = np.concatenate([columns, np.full((frame.sessions, 1), width)], axis=1)
    starts = np.arange(frame.sessions + 1) * positions.shape[1]
    return sp.csr_array((values.ravel(), positions.ravel(), starts), shape=(frame.sessions, width + 1))


def _indicator(codes: Ints) -> sp.csr_array:
    """Return the (codes, sessions) matrix that sums the sessions of each code."""
    return sp.csr_array((np.ones(len(codes)), (codes, np.arange(len(codes)))))


def _gram(rows: sp.csr_array) -> Floats:
    """Return Σ zz' over the rows, dense."""
    return cast(Floats, (rows.T @ rows).toarray())
