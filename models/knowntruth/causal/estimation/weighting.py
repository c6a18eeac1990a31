"""Does another estimator say the same? Weighting and doubly robust estimation through DoWhy, on two groups.

These compare two groups, so the upper levels of expertise are set against the lower. They need the chance of being
in the upper group, which DoWhy models by logistic regression. With a hundred dummies and 400,000 rows that takes
minutes; with the two linear scores of `compress` in their place, a second. The difference is worked out on a few
thousand rows with all dummies, and every row says it.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from knowntruth.causal.check import Check
from knowntruth.causal.estimation.analysis import Analysis
from knowntruth.causal.estimation.design_matrix import block
from knowntruth.causal.estimation.partial_out import PartialledOut, partial_out
from knowntruth.causal.estimation.regression import fit_by_dowhy, fit_linear

MIN_UPPER_LEVEL: Final = 4
"""The lowest level of the upper group: advanced and expert."""

UPPER_GROUP: Final = "upper_levels"
METHODS: Final = {"weighting": "backdoor.propensity_score_weighting", "doubly robust": "backdoor.doubly_robust"}
"""Name of the check, and DoWhy's name of the estimator."""

COMPARED_ROWS: Final = 3000
"""Rows on which the scores are compared with all dummies."""


def group_estimates(case: Analysis) -> Iterator[Check]:
    """Estimate the difference between the two groups by each method, beside a regression on the same rows."""
    two = two_groups(case)
    if two is None:
        return
    fit = fit_linear(two)
    value, low, high = fit.interval()
    for name, method in METHODS.items():
        found, error = estimate_groups(two, method), compression_error(case, method)
        told = case.scaled(found, low, high, value)
        inside = min(low, high) - error <= found <= max(low, high) + error
        yield Check(
            name=name,
            question="Does an estimator without a straight line through the levels say the same as a regression?",
            treatment=case.treatment,
            outcome=case.outcome,
            statistic=f"{case.unit}, levels {MIN_UPPER_LEVEL} and up against the rest",
            value=told[0],
            lower=told[1],
            upper=told[2],
            verdict="pass" if inside else "alarm",
            rule="alarm if outside the regression's 95% interval by more than the error of the scores",
            null="both estimate the same, as they do where the effect is the same for all",
            n=two.n,
            note=f"limits: the regression's ({told[3]:.4f}); two scores in the place of all dummies move it by "
            f"{error:.4f} on {min(COMPARED_ROWS, case.whole.n):,} rows",
        )


def two_groups(case: Analysis) -> PartialledOut | None:
    """Return the refuters' number of rows with the treatment in two groups; None where one of them is empty."""
    data = _drawn(case, case.sample.n)
    if data[UPPER_GROUP].nunique() < 2:
        return None
    return partial_out(data, UPPER_GROUP, case.outcome, case.identification.adjustment)


def estimate_groups(compressed: PartialledOut, method: str) -> float:
    """Return the estimate of one of `METHODS` on compressed rows."""
    return _estimate(compressed.frame(), method)


def compression_error(case: Analysis, method: str) -> float:
    """Return how far the estimate with two scores is from that with all dummies, on the same few rows."""
    data = _drawn(case, COMPARED_ROWS)
    adjustment = case.identification.adjustment
    dummies = [pd.DataFrame(block(data, name).toarray()).add_prefix(f"{name}_") for name in adjustment]
    full = pd.concat([data[[UPPER_GROUP, case.outcome]].astype(float), *dummies], axis=1)
    scores = partial_out(data, UPPER_GROUP, case.outcome, adjustment).frame()
    return abs(_estimate(full, method) - _estimate(scores, method))


def _drawn(case: Analysis, rows: int) -> pd.DataFrame:
    rng = np.random.default_rng([case.seed, rows])
    chosen = np.sort(rng.choice(len(case.data), size=min(rows, len(case.data)), replace=False))
    data = case.data.iloc[chosen].reset_index(drop=True)
    return data.assign(**{UPPER_GROUP: (data[case.treatment].to_numpy(dtype=float) >= MIN_UPPER_LEVEL).astype(float)})


def _estimate(frame: pd.DataFrame, method: str) -> float:
    treatment = frame.columns[0]
    two = frame.assign(**{treatment: frame[treatment] > 0.5})
    return float(fit_by_dowhy(two, method, (False, True))[1].value)
