"""Weighting and doubly robust estimation through DoWhy, on two groups of levels.

These estimators compare two groups, here the upper levels of expertise with the lower. They need the propensity of
the upper group, which DoWhy models by logistic regression. With a hundred dummies and 400,000 rows that takes
minutes; with the two linear scores of `partial_out` instead, a second. The resulting error is measured on a few
thousand rows with all dummies, and stated in the note of every check.
"""

from typing import Final

import numpy as np
import pandas as pd

from knowntruth.causal.estimation.analysis import Analysis
from knowntruth.causal.estimation.design_matrix import block
from knowntruth.causal.estimation.partial_out import PartialledOut, partial_out
from knowntruth.causal.estimation.regression import fit_by_dowhy

MIN_UPPER_LEVEL: Final = 4
"""The lowest level of the upper group: advanced and expert."""

UPPER_GROUP: Final = "upper_levels"
METHODS: Final = {"weighting": "backdoor.propensity_score_weighting", "doubly robust": "backdoor.doubly_robust"}
"""Name of the check, and DoWhy's name of the estimator."""

COMPARED_ROWS: Final = 3000
"""Rows on which the scores are compared with all dummies."""


def two_groups(analysis: Analysis) -> PartialledOut | None:
    """Return the refuters' number of rows with the treatment in two groups; None if one of them is empty."""
    data = _draw(analysis, analysis.sample.n)
    if data[UPPER_GROUP].nunique() < 2:
        return None
    return partial_out(data, UPPER_GROUP, analysis.outcome, analysis.identification.adjustment)


def estimate_groups(compressed: PartialledOut, method: str) -> float:
    """Return the estimate of one of `METHODS` with the two scores as covariates."""
    return _estimate(compressed.frame(), method)


def compression_error(analysis: Analysis, method: str) -> float:
    """Return the absolute difference of the estimates with two scores and with all dummies, on the same few rows."""
    data = _draw(analysis, COMPARED_ROWS)
    adjustment = analysis.identification.adjustment
    dummies = [pd.DataFrame(block(data, name).toarray()).add_prefix(f"{name}_") for name in adjustment]
    full = pd.concat([data[[UPPER_GROUP, analysis.outcome]].astype(float), *dummies], axis=1)
    scores = partial_out(data, UPPER_GROUP, analysis.outcome, adjustment).frame()
    return abs(_estimate(full, method) - _estimate(scores, method))


def _draw(analysis: Analysis, rows: int) -> pd.DataFrame:
    rng = np.random.default_rng([analysis.seed, rows])
    chosen = np.sort(rng.choice(len(analysis.data), size=min(rows, len(analysis.data)), replace=False))
    data = analysis.data.iloc[chosen].reset_index(drop=True)
    return data.assign(
        **{UPPER_GROUP: (data[analysis.treatment].to_numpy(dtype=float) >= MIN_UPPER_LEVEL).astype(float)}
    )


def _estimate(frame: pd.DataFrame, method: str) -> float:
    treatment = frame.columns[0]
    two = frame.assign(**{treatment: frame[treatment] > 0.5})
    return float(fit_by_dowhy(two, method, (False, True))[1].value)
