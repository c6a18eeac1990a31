"""Overlap and bounds by machine learning, for a hidden cause as strong as the strongest covariate."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from knowntruth.causal import dowhy_guard
from knowntruth.causal.check import Check, Verdict
from knowntruth.causal.checks.rows import make_check
from knowntruth.causal.estimation.analysis import Analysis
from knowntruth.causal.estimation.weighting import MIN_UPPER_LEVEL
from knowntruth.causal.sensitivity import omitted_variable_bounds, partial_r2
from knowntruth.common.arrays import Floats
from knowntruth.common.intervals import Z_95_ROUNDED

MAX_TRAINING_ROWS: Final = 15_000
"""Sessions on which the boosted trees are trained."""

MAX_OUTSIDE: Final = 0.05
"""Largest share of sessions without overlap; a session has none if its propensity is this near to 0 or 1."""


def machine_learning_bounds(analysis: Analysis) -> Iterator[Check]:
    """Fit boosted trees; report overlap, and bounds with and without a linear effect of the level."""
    rng = np.random.default_rng(dowhy_guard.stream_seeds(analysis.seed, "rows for the learners", 1))
    n = len(analysis.data)
    chosen = np.sort(rng.choice(n, size=min(MAX_TRAINING_ROWS, n), replace=False))
    data = analysis.data.iloc[chosen].reset_index(drop=True)
    level = data[analysis.treatment].to_numpy(dtype=np.float64)
    upper = (level >= MIN_UPPER_LEVEL).astype(np.float64)
    if upper.min() == upper.max() or not analysis.identification.adjustment:
        return
    learned = _learn(analysis, data, level, upper)
    yield _overlap(analysis, learned.propensity)
    question = "What would remain if a hidden cause as strong as the strongest covariate were adjusted for, with"
    linear, groups = "flexible covariates", "flexible covariates and no linear effect"
    unit = f"{analysis.unit}, one level"
    yield _bounds(analysis, "partially linear bounds", f"{question} {linear}?", unit, learned.line)
    unit = f"{analysis.unit}, levels {MIN_UPPER_LEVEL} and up against the rest"
    yield _bounds(analysis, "non-parametric bounds", f"{question} {groups}?", unit, learned.groups)


def _learn(
    analysis: Analysis, data: pd.DataFrame, level: Floats, upper: Floats
) -> omitted_variable_bounds.LearnedBounds:
    _, users = np.unique(data["user_id"].to_numpy(), return_inverse=True)
    features = pd.DataFrame({name: _codes(data[name]) for name in analysis.identification.adjustment})
    outcome = data[analysis.outcome].to_numpy(dtype=np.float64)
    seed = dowhy_guard.stream_seeds(analysis.seed, "learners", 1)[0]
    return omitted_variable_bounds.learn_bounds(features, outcome, level, upper, users, seed)


def _overlap(analysis: Analysis, propensity: Floats) -> Check:
    outside = float(np.mean((propensity < MAX_OUTSIDE) | (propensity > 1 - MAX_OUTSIDE)))
    return make_check(
        analysis,
        "overlap",
        "Do both groups occur at every value of the covariates?",
        f"share of sessions whose propensity of the upper levels is under {MAX_OUTSIDE:.0%}"
        f" or over {1 - MAX_OUTSIDE:.0%}",
        value=outside,
        verdict="alarm" if outside > MAX_OUTSIDE else "pass",
        n=len(propensity),
        rule=f"alarm if more than {MAX_OUTSIDE:.0%}",
        null="everyone could be in either group",
        note=f"propensities from {propensity.min():.3f} to {propensity.max():.3f}, by boosted trees",
    )


def _bounds(
    analysis: Analysis, name: str, question: str, statistic: str, effect: omitted_variable_bounds.BoundedEffect
) -> Check:
    strength = partial_r2.strongest(partial_r2.benchmarks(analysis.whole))
    reach = Z_95_ROUNDED * effect.error
    low, high = effect.bounds(strength[0], min(strength[1], 1.0))
    none_before = abs(effect.value) <= reach
    verdict: Verdict = "info" if none_before else "alarm" if low - reach <= 0 <= high + reach else "pass"
    value, lower, upper = analysis.scaled(effect.value, low - reach, high + reach)
    return make_check(
        analysis,
        name,
        question,
        statistic,
        value=value,
        lower=lower,
        upper=upper,
        verdict=verdict,
        n=effect.n,
        rule="alarm if the bounds, with their 95% interval, include no effect; information if the estimate's own"
        " interval includes no effect",
        null="none: it is a what-if",
        note=f"robustness value {effect.robustness:.3f}; limits are bounds; boosted trees on {effect.n:,} rows",
    )


def _codes(column: "pd.Series[float]") -> Floats:
    """Return categories as the number of their text, and numbers as they are."""
    if pd.api.types.is_numeric_dtype(column):
        return np.asarray(column, dtype=np.float64)
    return np.asarray(column.astype(str).astype("category").cat.codes, dtype=np.float64)
