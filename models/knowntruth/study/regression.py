"""Least squares within cells, errors clustered by user: the study's one workhorse.

The fit is pyfixest's. Around it stands what a table for any sample needs: a regressor that does not vary within
the cells has no coefficient (NaN, no exception), and so has a sample with a single user or without a degree of
freedom to spare.
"""

import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from knowntruth.study.estimates import NAN, Estimate

Floats = npt.NDArray[np.float64]

TOLERANCE: Final = 1e-8
"""Share of a regressor's variation that must be its own for it to have a coefficient."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients ``(k,)`` and covariance ``(k, k)`` of the regressors asked for; NaN where not identified.

    ``sessions`` and ``cells`` count what was fitted, ``r_squared`` is over all variation, cells included.
    """

    coefficients: Floats
    covariance: Floats
    r_squared: float
    sessions: int
    cells: int

    def estimate(self, index: int = 0) -> Estimate:
        """Return one coefficient with its error."""
        error = np.sqrt(np.maximum(self.covariance[index, index], 0.0))
        return Estimate(float(self.coefficients[index]), float(error), self.sessions)


def fit(sample: pd.DataFrame, outcome: str, regressors: Sequence[str]) -> Fit:
    """Regress ``outcome`` on ``regressors`` with one effect for each ``cell``.

    Parameters
    ----------
    sample
        Columns ``cell`` and ``user_id`` beside the outcome and the regressors, no missing values.
    outcome, regressors
        Names of columns; flags count as 0 and 1.
    """
    y = sample[outcome].to_numpy(dtype=np.float64)
    x = sample[list(regressors)].to_numpy(dtype=np.float64)
    cell = sample["cell"].to_numpy()
    cells = sample["cell"].nunique()
    kept = identified(x, cell)
    spare = len(sample) - cells - len(kept)
    if not kept or spare < 1 or sample["user_id"].nunique() < 2 or np.ptp(y) == 0:
        return _empty(len(regressors), len(sample), cells)
    names = [f"x{k}" for k in kept]
    data = pd.DataFrame(x[:, kept], columns=names).assign(y=y, cell=cell, user_id=sample["user_id"].to_numpy())
    model = _feols(f"y ~ {' + '.join(names)} | cell", data)
    return _fit(model, kept, len(regressors), len(sample), cells)


def identified(x: Floats, cell: npt.NDArray[np.int64]) -> list[int]:
    """Return which columns of ``x`` (sessions × regressors) vary within the cells beyond those before them."""
    if not len(x):
        return []
    within = demeaned(x, cell)
    gram, total = within.T @ within, np.var(x, axis=0) * len(x)
    kept: list[int] = []
    for k in range(x.shape[1]):
        explained = gram[k, kept] @ np.linalg.solve(gram[np.ix_(kept, kept)], gram[kept, k]) if kept else 0.0
        if gram[k, k] - explained > TOLERANCE * max(total[k], 1e-300):
            kept.append(k)
    return kept


def demeaned(x: Floats, cell: npt.NDArray[np.int64]) -> Floats:
    """Return ``x`` (sessions × columns) less its mean in each cell."""
    code = pd.factorize(cell)[0]
    size = np.bincount(code)
    means = np.column_stack([np.bincount(code, weights=column) / size for column in x.T])
    return np.asarray(x - means[code], dtype=np.float64)


def _empty(k: int, sessions: int, cells: int) -> Fit:
    return Fit(np.full(k, NAN), np.full((k, k), NAN), NAN, sessions, cells)


def _fit(model: Any, kept: Sequence[int], k: int, sessions: int, cells: int) -> Fit:
    whole = _empty(k, sessions, cells)
    whole.coefficients[list(kept)] = model.coef().to_numpy()
    whole.covariance[np.ix_(kept, kept)] = model._vcov
    return Fit(whole.coefficients, whole.covariance, float(model._r2), sessions, cells)


def _feols(formula: str, data: pd.DataFrame) -> Any:
    """Fit by pyfixest, kept from speaking: it uses deprecated pandas arguments, which are not our user's."""
    feols = _load_feols()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The inplace keyword", category=DeprecationWarning)
        return feols(formula, data, vcov={"CRV1": "user_id"}, fixef_rm="none", copy_data=False, store_data=False)


def _load_feols() -> Any:
    """Import pyfixest, heavy and so loaded when used, and undo what its import does to the root logger."""
    root = logging.getLogger()
    before = root.level, list(root.handlers)
    from pyfixest import feols  # noqa: PLC0415  (heavy: loaded when used)

    root.setLevel(before[0])
    root.handlers[:] = before[1]
    return feols
