"""Double machine learning: boosted trees partial the controls out of outcome and rating, for a linear effect.

This is the partially linear model of DoubleML, with scikit-learn's gradient boosting for both predictions. They are
cross-fitted: the trees never predict sessions of people on whom they were trained. The effect is linear in the level.
DoubleML's score gives the influence of each session, which is summed within users.
"""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.common.arrays import Floats, Ints
from knowntruth.common.errors import InputError
from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import RATING, Question
from knowntruth.strategies.base.sample import Sample
from knowntruth.strategies.base.select_sample import select_sample
from knowntruth.strategies.base.strategy import Strategy

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "double_machine_learning"

FOLDS: Final = 5
"""Folds of people; the trees that predict for one fold are trained on the others."""

MIN_PEOPLE: Final = 50
"""Ten people per fold; fewer are not enough to train a tree."""

TREES: Final = 60
LEAVES: Final = 8
"""Boosted trees and leaves of each: enough for two-way interactions of months, modes and occupations."""

MAX_CATEGORIES: Final = 12
"""A numeric control with at most this many distinct values enters as categories, otherwise as a number."""

MIN_RESIDUAL_SHARE: Final = 0.01
"""Share of the rating's variance that the controls must leave unpredicted."""


def double_machine_learning(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the effect of one level in the partially linear model, times the difference between the levels compared.

    Raises
    ------
    InputError
        If a column is missing or constant, or a level does not occur.
    """
    sample = select_sample(observed, question, needed=question.controls)
    if sample.people < MIN_PEOPLE:
        raise InputError(f"column 'user_id' holds {sample.people} people; expected {MIN_PEOPLE} or more for {NAME}")
    model = _fit(sample, question)
    slope = float(model.coef[0])
    _check_residual_variance(-float(model.psi_deriv.mean()), sample, question)
    influence = -model.psi[:, 0, 0] / model.psi_deriv[:, 0, 0].mean()
    error = clustered_error(influence, sample.users)
    notes = f"linear in the levels; {FOLDS} folds of people"
    return question.point_estimate(NAME, question.span * slope, abs(question.span) * error, sample, notes=notes)


def _check_residual_variance(variance: float, sample: Sample, question: Question) -> None:
    """Check that the trees leave part of the rating's variance unexplained."""
    share = variance / float(sample.level.var())
    if share < MIN_RESIDUAL_SHARE:
        names = ", ".join(question.controls)
        raise InputError(
            f"no overlap: the controls {names} leave only {share:.2%} of the variance of {RATING}; use fewer of them"
        )


def _fit(sample: Sample, question: Question) -> Any:
    import doubleml
    from sklearn.ensemble import HistGradientBoostingRegressor

    features, coded = _features(sample, question)
    learner = HistGradientBoostingRegressor(
        max_iter=TREES,
        max_leaf_nodes=LEAVES,
        categorical_features=coded,
        early_stopping=False,
        random_state=question.seed % 2**32,
    )
    data = doubleml.DoubleMLData.from_arrays(features, sample.outcome, sample.level)
    model = doubleml.DoubleMLPLR(data, learner, learner, n_folds=FOLDS, draw_sample_splitting=False)
    model.set_sample_splitting(folds(sample, question))
    return model.fit()


def folds(sample: Sample, question: Question) -> list[tuple[Ints, Ints]]:
    """Return (train, test) rows of each fold; people are assigned to folds at random."""
    rng = np.random.default_rng([question.seed, *NAME.encode()])
    fold = (rng.permutation(sample.people) % FOLDS)[sample.users]
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(FOLDS)]


def _features(sample: Sample, question: Question) -> tuple[Floats, list[bool]]:
    """Return the controls as numbers (n, 1 + controls), and which of them are codes of categories.

    A constant comes first, so that there is a feature even without controls.
    """
    import pandas as pd

    columns: list[Floats] = [np.zeros(sample.n)]
    coded = [False]
    for name in question.controls:
        values = sample.frame[name]
        numeric = pd.api.types.is_numeric_dtype(values) and values.nunique() > MAX_CATEGORIES
        codes = values if numeric else values.astype("category").cat.codes
        columns.append(np.asarray(codes, dtype=np.float64))
        coded.append(not numeric)
    return np.column_stack(columns), coded


STRATEGY: Final = Strategy(
    name=NAME,
    title="Double machine learning",
    arrows="controls -> expertise; controls -> outcome; expertise -> outcome",
    assumptions=(
        "the controls include every common cause of expertise and outcome: no hidden ability",
        "each level has the same effect as the next, for everybody, on the scale of the analysis",
        "the trees predict outcome and rating accurately enough; no functional form is assumed",
        "the rating is the true level",
    ),
    estimate=double_machine_learning,
    source="Chernozhukov and others 2018 (doi:10.1111/ectj.12097)",
    uses=("controls", "seed"),
)
