"""Partialling out: two scores replace hundreds of dummy variables, and the regression stays exactly the same.

An outcome is regressed on a treatment and on covariates with many categories: months, occupations, modes by
value bands. As dummies these are a hundred columns, which DoWhy copies for every simulation. Two columns
suffice. Let ``T̂`` and ``Ŷ`` be the least-squares predictions of treatment and outcome from the covariates. By
the theorem of Frisch, Waugh and Lovell, the regression of ``Y`` on ``T``, ``T̂`` and ``Ŷ`` has

- the coefficient of ``T`` that the full regression has, since ``T - T̂`` is orthogonal to every covariate and
  so to both predictions, and
- the residuals that the full regression has, hence the same sandwich standard errors.

So each row needs four numbers, whatever the number of categories. A subset of rows, or an added column, is
analysed with the predictions held fixed, which changes results by a term of order 1/n.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from knowntruth.causal.estimation import design_matrix
from knowntruth.causal.estimation.design_matrix import Covariate
from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError

TREATMENT_SCORE: Final = "treatment_score"
OUTCOME_SCORE: Final = "outcome_score"
ROUNDING: Final = 1e-10
"""Share of a variance below which it is rounding error: double precision leaves six digits beyond it."""


@dataclass(frozen=True, slots=True)
class PartialledOut:
    """Treatment and outcome of n rows, their predictions from the covariates, and the crossproducts.

    ``treatment``, ``outcome`` and their scores, the predictions, have shape (n,). ``users`` numbers the
    clusters from 0. ``blocks`` names each covariate's columns of ``gram``: the centred crossproducts of
    covariate columns, treatment and outcome, in that order, over all rows of the data. ``rank``
    counts independent covariate columns.
    """

    treatment_name: str
    outcome_name: str
    treatment: Floats
    outcome: Floats
    treatment_score: Floats
    outcome_score: Floats
    users: NDArray[np.int64]
    blocks: tuple[tuple[str, slice], ...]
    gram: Floats
    rank: int

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.treatment)

    @property
    def covariates(self) -> tuple[str, ...]:
        """The covariates' names."""
        return tuple(name for name, _ in self.blocks)

    def frame(self) -> pd.DataFrame:
        """Return a fresh table of treatment, outcome and the scores, without a score that adds no direction.

        With a single covariate column both scores are collinear, and without covariates they are constant.
        """
        columns = {self.treatment_name: self.treatment, self.outcome_name: self.outcome}
        first, second = (
            self.treatment_score - self.treatment_score.mean(),
            self.outcome_score - self.outcome_score.mean(),
        )
        if _varies(first, self.treatment):
            columns[TREATMENT_SCORE] = self.treatment_score
            second = second - first * float(first @ second / (first @ first))
        if _varies(second, self.outcome):
            columns[OUTCOME_SCORE] = self.outcome_score
        return pd.DataFrame({name: column.copy() for name, column in columns.items()})

    def sample(self, limit: int, rng: np.random.Generator) -> "PartialledOut":
        """Return ``limit`` rows drawn without replacement, in their order, or all if there are at most that many."""
        if self.n <= limit:
            return self
        chosen = np.sort(rng.choice(self.n, size=limit, replace=False))
        _, users = np.unique(self.users[chosen], return_inverse=True)
        return replace(
            self,
            treatment=self.treatment[chosen],
            outcome=self.outcome[chosen],
            treatment_score=self.treatment_score[chosen],
            outcome_score=self.outcome_score[chosen],
            users=users.astype(np.int64),
        )


def partial_out(
    data: pd.DataFrame, treatment: str, outcome: str, covariates: Sequence[Covariate], cluster: str = "user_id"
) -> PartialledOut:
    """Compress the regression of ``outcome`` on ``treatment`` and ``covariates``.

    Parameters
    ----------
    data
        One row per session; treatment and outcome numeric and without gaps.
    covariates
        Columns, encoded as `knowntruth.causal.estimation.design_matrix.block` says.
    cluster
        The column whose rows belong together.

    Raises
    ------
    InputError
        If treatment or outcome do not vary, or nothing of the treatment is left once covariates are held.
    """
    ends = np.column_stack(
        [design_matrix.numeric_column(data, treatment), design_matrix.numeric_column(data, outcome)]
    )
    names, blocks = (
        [design_matrix.covariate_name(covariate) for covariate in covariates],
        [design_matrix.block(data, c) for c in covariates],
    )
    design = sparse.csr_array(sparse.hstack([sparse.csr_array((len(data), 0)), *blocks], format="csr"))
    gram, width = _gram(design, ends), design.shape[1]
    coefficients, rank = solve_normal_equations(gram[:width, :width], gram[:width, width:])
    scores = design @ coefficients
    scores += ends.mean(axis=0) - scores.mean(axis=0)
    if np.sum((ends[:, 0] - scores[:, 0]) ** 2) <= ROUNDING * gram[width, width]:
        raise InputError(f"nothing of {treatment!r} is left once {', '.join(names)} are held; adjust for less")
    _, users = np.unique(data[cluster].to_numpy(), return_inverse=True)
    edges = np.cumsum([0, *(block.shape[1] for block in blocks)])
    return PartialledOut(
        treatment,
        outcome,
        treatment=ends[:, 0].copy(),
        outcome=ends[:, 1].copy(),
        treatment_score=scores[:, 0].copy(),
        outcome_score=scores[:, 1].copy(),
        users=users.astype(np.int64),
        blocks=tuple((name, slice(int(edges[i]), int(edges[i + 1]))) for i, name in enumerate(names)),
        gram=gram,
        rank=rank,
    )


def solve_normal_equations(gram: Floats, crossproducts: Floats) -> tuple[Floats, int]:
    """Solve normal equations by least squares of smallest length; return the coefficients and the rank.

    Some covariates determine others, as month determines the model generation, so ``gram`` may lack full rank.
    """
    if not len(gram):
        return np.zeros(crossproducts.shape), 0
    scale = np.sqrt(np.maximum(np.diag(gram), np.finfo(float).tiny))
    values, vectors = np.linalg.eigh(gram / np.outer(scale, scale))
    kept = values > ROUNDING * values[-1]
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    return (inverse @ (crossproducts / scale[:, None])) / scale[:, None], int(kept.sum())


def _varies(score: Floats, end: Floats) -> bool:
    """Return whether the variation left in a score exceeds the rounding error of the variable that it predicts."""
    return float(score @ score) > ROUNDING * len(end) * float(end.var())


def _gram(design: sparse.csr_array, ends: Floats) -> Floats:
    """Centred crossproducts of the covariate columns and the two ends; square, columns + 2."""
    n, width = design.shape
    centred, means = ends - ends.mean(axis=0), np.asarray(design.sum(axis=0)).ravel() / n
    gram = np.empty((width + 2, width + 2))
    gram[:width, :width] = (design.T @ design).toarray() - n * np.outer(means, means)
    gram[:width, width:] = design.T @ centred
    gram[width:, :width] = gram[:width, width:].T
    gram[width:, width:] = centred.T @ centred
    return gram
