"""Bounds on the effect for a hidden cause of any strength, by machine learning, without linear covariates.

The regression assumes that covariates have linear, additive effects. Here boosted trees predict treatment and outcome
from the covariates, with cross-fitting. The bias of a hidden cause is then at most
``√(σ² ν²) · √(R²_outcome · R²_treatment / (1 - R²_treatment))``, where ``σ²`` is the residual variance of the outcome
and ``ν²`` the mean square of the Riesz representer, the weights that give the effect (Chernozhukov, Cinelli, Newey,
Sharma and Syrgkanis 2022). DoWhy has these bounds too, but needs a tebibyte of memory at 400,000 rows.

=================== ========================================== ===========================================
model               assumption                                 weights
=================== ========================================== ===========================================
partially linear    one slope, flexible covariates             the residual of the treatment
non-parametric      two groups, everything flexible            the inverse propensity of the group
=================== ========================================== ===========================================
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

import numpy as np
import pandas as pd

from knowntruth.common.arrays import Floats

FOLDS: Final = 3
MIN_PROPENSITY: Final = 0.02
"""Propensities are kept this far from 0 and 1."""


@dataclass(frozen=True, slots=True)
class BoundedEffect:
    """An effect and the inputs of its bounds: ``spread`` is √(σ² ν²), ``error`` the standard error by user."""

    value: float
    error: float
    spread: float
    n: int

    @property
    def robustness(self) -> float:
        """The share of both that a hidden cause must explain to reduce the effect to zero."""
        f = abs(self.value) / self.spread
        return 0.5 * (sqrt(f**4 + 4 * f**2) - f**2)

    def bounds(self, with_treatment: float, with_outcome: float) -> tuple[float, float]:
        """Return the smallest and largest effect for a hidden cause of this strength, without sampling error."""
        bias = self.spread * sqrt(with_outcome * with_treatment / (1 - with_treatment))
        return self.value - bias, self.value + bias


def partially_linear(
    outcome: Floats, treatment: Floats, learned_outcome: Floats, learned_treatment: Floats, users: Any
) -> BoundedEffect:
    """Return the slope of the residual outcome on the residual treatment; all arguments have shape (n,)."""
    left, residual = treatment - learned_treatment, outcome - learned_outcome
    value = float(left @ residual / (left @ left))
    rest = residual - value * left
    spread = sqrt(float(np.mean(rest**2)) / float(np.mean(left**2)))
    scores = left * rest / float(np.mean(left**2))
    return BoundedEffect(value, _clustered(scores, users), spread, len(outcome))


def nonparametric(
    outcome: Floats, upper: Floats, learned_outcome: tuple[Floats, Floats], propensity: Floats, users: Any
) -> BoundedEffect:
    """Return the doubly robust difference between two groups.

    ``upper`` is 0 or 1; ``learned_outcome`` are the predictions for the lower and the upper group; ``propensity`` is
    that of the upper group.
    """
    propensity = np.clip(propensity, MIN_PROPENSITY, 1 - MIN_PROPENSITY)
    own = np.where(upper == 1, learned_outcome[1], learned_outcome[0])
    weight = upper / propensity - (1 - upper) / (1 - propensity)
    scores = learned_outcome[1] - learned_outcome[0] + weight * (outcome - own)
    # Its mean is that of the squared weight, with less noise (Chernozhukov and others 2022).
    size = 2 * (1 / propensity + 1 / (1 - propensity)) - weight**2
    spread = sqrt(float(np.mean((outcome - own) ** 2)) * max(float(np.mean(size)), 1e-12))
    value = float(scores.mean())
    return BoundedEffect(value, _clustered(scores - value, users), spread, len(outcome))


@dataclass(frozen=True, slots=True)
class LearnedBounds:
    """The effects of both models, and the propensity of the upper group of each row."""

    line: BoundedEffect
    groups: BoundedEffect
    propensity: Floats


def learn_bounds(
    features: pd.DataFrame, outcome: Floats, treatment: Floats, upper: Floats, users: Any, seed: int
) -> LearnedBounds:
    """Train on some users, predict for the others, and return the effects of both models.

    Parameters
    ----------
    features
        Covariates, categories as numbers; shape (n, covariates).
    treatment, upper
        Levels, and 1 for the upper group, 0 for the lower; shape (n,).
    users
        The user of each row, numbered from 0; folds are of users.
    """
    fold = np.random.default_rng(seed).integers(0, FOLDS, int(users.max()) + 1)[users]
    level, result, propensity, low, high = (np.empty(len(outcome)) for _ in range(5))
    values = features.to_numpy(dtype=float)
    for number in range(FOLDS):
        held, rest = fold == number, fold != number
        level[held] = _regressor(seed).fit(values[rest], treatment[rest]).predict(values[held])
        result[held] = _regressor(seed).fit(values[rest], outcome[rest]).predict(values[held])
        propensity[held] = (
            propensity_classifier(seed).fit(values[rest], upper[rest]).predict_proba(values[held])[:, 1]
        )
        for group, predicted in ((0, low), (1, high)):
            inside = rest & (upper == group)
            predicted[held] = _regressor(seed).fit(values[inside], outcome[inside]).predict(values[held])
    return LearnedBounds(
        partially_linear(outcome, treatment, result, level, users),
        nonparametric(outcome, upper, (low, high), propensity, users),
        propensity,
    )


def _regressor(seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(**_TREES, random_state=seed % 2**32)


def propensity_classifier(seed: int) -> Any:
    """Return boosted trees that predict the propensity of a group."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(**_TREES, random_state=seed % 2**32)


_TREES: Final[dict[str, Any]] = {
    "max_iter": 60,
    "max_leaf_nodes": 15,
    "learning_rate": 0.1,
    "min_samples_leaf": 40,
    "early_stopping": False,
}


def _clustered(scores: Floats, users: Any) -> float:
    by_user = np.bincount(users, weights=scores)
    return float(np.sqrt(by_user @ by_user) / len(scores))
