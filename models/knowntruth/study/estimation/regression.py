"""Least squares with cell fixed effects and errors clustered by user: the regression of every table of the study.

The fit is by pyfixest. This module adds what a table needs for any sample: a coefficient is NaN, without an
exception, where its regressor does not vary within the cells. All are NaN where the outcome does not vary within
them, where there is a single user, or where no degree of freedom is left.
"""

import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from knowntruth.common.arrays import Floats
from knowntruth.study.estimation.estimates import NAN, Estimate

TOLERANCE: Final = 1e-8
"""Share of a regressor's variation that cells and other regressors must leave unexplained for it to be identified."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients ``(k,)`` and covariance ``(k, k)`` of the requested regressors; NaN where not identified.

    ``sessions`` and ``cells`` count the sample fitted; ``r_squared`` is a share of the total variation, with that
    between cells.
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
        Columns ``cell``, ``user_id``, the outcome and the regressors, without missing values.
    outcome, regressors
        Names of columns; flags count as 0 and 1.
    """
    y = sample[outcome].to_numpy(dtype=np.float64)
    x = sample[list(regressors)].to_numpy(dtype=np.float64)
    cell = sample["cell"].to_numpy()
    cells = sample["cell"].nunique()
    kept = identified_columns(x, cell)
    spare = len(sample) - cells - len(kept)
    if not kept or spare < 1 or sample["user_id"].nunique() < 2 or not identified_columns(y[:, None], cell):
        return _empty(len(regressors), len(sample), cells)
    names = [f"x{k}" for k in kept]
    data = pd.DataFrame(x[:, kept], columns=names).assign(y=y, cell=cell, user_id=sample["user_id"].to_numpy())
    return _with_unidentified(_feols(f"y ~ {' + '.join(names)} | cell", data, cells), kept, len(regressors))


def identified_columns(x: Floats, cell: npt.NDArray[np.int64]) -> list[int]:
    """Return which columns of ``x`` (sessions × regressors) vary within the cells and are not collinear.

    A column that is a linear combination of the columns before it is left out.
    """
    if not len(x):
        return []
    within = demean(x, cell)
    gram, total = within.T @ within, np.var(x, axis=0) * len(x)
    kept: list[int] = []
    for k in range(x.shape[1]):
        explained = gram[k, kept] @ np.linalg.solve(gram[np.ix_(kept, kept)], gram[kept, k]) if kept else 0.0
        if gram[k, k] - explained > TOLERANCE * max(total[k], 1e-300):
            kept.append(k)
    return kept


def demean(x: Floats, cell: npt.NDArray[np.int64]) -> Floats:
    """Return ``x`` (sessions × columns) minus its mean in each cell."""
    code = pd.factorize(cell)[0]
    size = np.bincount(code)
    means = np.column_stack([np.bincount(code, weights=column) / size for column in x.T])
    return np.asarray(x - means[code], dtype=np.float64)


def _empty(k: int, sessions: int, cells: int) -> Fit:
    return Fit(np.full(k, NAN), np.full((k, k), NAN), NAN, sessions, cells)


def _with_unidentified(fitted: Fit, kept: Sequence[int], k: int) -> Fit:
    """Return the fit of the ``kept`` regressors as one of all ``k``, NaN for the others."""
    whole = _empty(k, fitted.sessions, fitted.cells)
    whole.coefficients[list(kept)] = fitted.coefficients
    whole.covariance[np.ix_(kept, kept)] = fitted.covariance
    return Fit(whole.coefficients, whole.covariance, fitted.r_squared, fitted.sessions, fitted.cells)


def _feols(formula: str, data: pd.DataFrame, cells: int) -> Fit:
    """Fit by pyfixest, without its warnings: it uses deprecated pandas arguments, which do not concern our users."""
    feols, sessions = load_feols(), len(data)
    # errstate: a coefficient with zero error has no t statistic, which is not used here.
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.filterwarnings("ignore", message="The inplace keyword", category=DeprecationWarning)
        model = feols(formula, data, vcov={"CRV1": "user_id"}, fixef_rm="none", copy_data=False, store_data=False)
        coefficients = model.coef().to_numpy()
    return Fit(coefficients, np.asarray(model._vcov), float(model._r2), sessions, cells)


def load_feols() -> Any:
    """Import pyfixest (slow, so only when used) and undo the changes of its import to the root logger."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    from pyfixest import feols

    root.setLevel(level)
    root.handlers[:] = handlers
    return feols
