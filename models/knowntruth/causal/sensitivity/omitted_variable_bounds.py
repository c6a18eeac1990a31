"""The same without straight lines: bounds on the effect, by machine learning, for a hidden cause of any strength.

The regression assumes that covariates act on straight lines and add up. Here boosted trees learn what covariates say
of treatment and outcome, on parts of the data that they are not used on (cross-fitting). The bias that a hidden
cause can make is then at most ``√(σ² ν²) · √(R²_outcome · R²_treatment / (1 - R²_treatment))``, with ``σ²`` what is
left of the outcome and ``ν²`` the size of the weights by which the effect is read off (Chernozhukov, Cinelli, Newey,
Sharma and Syrgkanis 2022). DoWhy has these bounds too, and asks for a tebibyte at 400,000 rows.

=================== ========================================== ===========================================
model               what it says                               weights
=================== ========================================== ===========================================
partially linear    one slope, covariates act as they like     what covariates leave of the treatment
non-parametric      two groups, everything acts as it likes    one over the chance of the group
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
"""Chances of a group are kept this far from 0 and 1."""


@dataclass(frozen=True, slots=True)
class BoundedEffect:
    """An effect with what its bounds need: ``spread`` is √(σ² ν²); ``error`` the standard error by user."""

    value: float
    error: float
    spread: float
    n: int

    @property
    def robustness(self) -> float:
        """The share of both that a hidden cause must explain to leave no effect."""
        f = abs(self.value) / self.spread
        return 0.5 * (sqrt(f**4 + 4 * f**2) - f**2)

    def bounds(self, with_treatment: float, with_outcome: float) -> tuple[float, float]:
        """Return the smallest and largest effect that a hidden cause of this strength allows, chance aside."""
        bias = self.spread * sqrt(with_outcome * with_treatment / (1 - with_treatment))
        return self.value - bias, self.value + bias


def partially_linear(outcome: Floats, treatment: Floats, learned_outcome: Floats, learned_treatment: Floats,
                     users: Any) -> BoundedEffect:  # fmt: skip
    """Return the slope of what is left of the outcome on what is left of the treatment; all of shape (n,)."""
    left, residual = treatment - learned_treatment, outcome - learned_outcome
    value = float(left @ residual / (left @ left))
    rest = residual - value * left
    spread = sqrt(float(np.mean(rest**2)) / float(np.mean(left**2)))
    scores = left * rest / float(np.mean(left**2))
    return BoundedEffect(value, _clustered(scores, users), spread, len(outcome))


def nonparametric(outcome: Floats, upper: Floats, learned_outcome: tuple[Floats, Floats], chance: Floats,
               users: Any) -> BoundedEffect:  # fmt: skip
    """Return the doubly robust difference between two groups.

    ``upper`` is 0 or 1; ``learned_outcome`` is what is learned for the lower and for the upper group; ``chance`` that
    of the upper.
    """
    chance = np.clip(chance, MIN_PROPENSITY, 1 - MIN_PROPENSITY)
    own = np.where(upper == 1, learned_outcome[1], learned_outcome[0])
    weight = upper / chance - (1 - upper) / (1 - chance)
    scores = learned_outcome[1] - learned_outcome[0] + weight * (outcome - own)
    size = 2 * (1 / chance + 1 / (1 - chance)) - weight**2  # its mean is that of the weight squared, with less noise
    spread = sqrt(float(np.mean((outcome - own) ** 2)) * max(float(np.mean(size)), 1e-12))
    value = float(scores.mean())
    return BoundedEffect(value, _clustered(scores - value, users), spread, len(outcome))


@dataclass(frozen=True, slots=True)
class LearnedBounds:
    """Both models' effects, and each row's learned chance of the upper group."""

    line: BoundedEffect
    groups: BoundedEffect
    chance: Floats


def learn_bounds(
    features: pd.DataFrame, outcome: Floats, treatment: Floats, upper: Floats, users: Any, seed: int
) -> LearnedBounds:
    """Learn on some users, predict on others, and return both models' effects.

    Parameters
    ----------
    features
        Covariates, categories as numbers; shape (n, covariates).
    treatment, upper
        Levels, and 1 for the upper group.
    """
    fold = np.random.default_rng(seed).integers(0, FOLDS, int(users.max()) + 1)[users]
    level, result, chance, low, high = (np.empty(len(outcome)) for _ in range(5))
    values = features.to_numpy(dtype=float)
    for number in range(FOLDS):
        held, rest = fold == number, fold != number
        level[held] = _regressor(seed).fit(values[rest], treatment[rest]).predict(values[held])
        result[held] = _regressor(seed).fit(values[rest], outcome[rest]).predict(values[held])
        chance[held] = propensity_classifier(seed).fit(values[rest], upper[rest]).predict_proba(values[held])[:, 1]
        for group, predicted in ((0, low), (1, high)):
            inside = rest & (upper == group)
            predicted[held] = _regressor(seed).fit(values[inside], outcome[inside]).predict(values[held])
    return LearnedBounds(
        partially_linear(outcome, treatment, result, level, users),
        nonparametric(outcome, upper, (low, high), chance, users),
        chance,
    )


def _regressor(seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(**_TREES, random_state=seed % 2**32)


def propensity_classifier(seed: int) -> Any:
    """Return boosted trees that learn the chance of a group."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(**_TREES, random_state=seed % 2**32)


_TREES: Final[dict[str, Any]] = {
    "max_iter": 60, "max_leaf_nodes": 15, "learning_rate": 0.1, "min_samples_leaf": 40, "early_stopping": False,
}  # fmt: skip


def _clustered(scores: Floats, users: Any) -> float:
    by_user = np.bincount(users, weights=scores)
    return float(np.sqrt(by_user @ by_user) / len(scores))
