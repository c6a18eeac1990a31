"""Double machine learning: boosted trees take the controls out of outcome and rating, and a line does the rest.

The partially linear model of DoubleML, with scikit-learn's gradient boosting for both predictions, made for sessions
of people on whom the trees were not grown. One number a level, so a contrast follows a straight line. DoubleML's
score gives each session's pull; sessions of one user are summed before they are squared.
"""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.common.arrays import Floats, Ints
from knowntruth.common.errors import InputError
from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import RATING, Question
from knowntruth.strategies.base.sample import Sample, enter
from knowntruth.strategies.base.strategy import Strategy

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "double_machine_learning"

FOLDS: Final = 5
"""Parts of the people; the trees for one part grow on the others."""

MIN_PEOPLE: Final = 50
"""Ten people a fold: with fewer there is nothing to grow a tree on."""

TREES: Final = 60
LEAVES: Final = 8
"""Boosted trees and leaves of each: enough for two-way interactions of months, modes and occupations."""

MAX_CATEGORIES: Final = 12
"""A numeric control with at most this many distinct values enters as categories, otherwise as a line."""


MIN_LEFT: Final = 0.01
"""Share of the rating's variance that the controls must leave unpredicted."""


def double_machine_learning(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the effect of a level in the partially linear model, times the levels between the two compared.

    Raises
    ------
    InputError
        If a column is missing or constant, or a level does not occur.
    """
    sample = enter(observed, question, needed=question.controls)
    if sample.people < MIN_PEOPLE:
        raise InputError(f"column 'user_id' holds {sample.people} people; expected {MIN_PEOPLE} or more for {NAME}")
    model = _fitted(sample, question)
    slope = float(model.coef[0])
    _check_left(-float(model.psi_deriv.mean()), sample, question)
    influence = -model.psi[:, 0, 0] / model.psi_deriv[:, 0, 0].mean()
    error = clustered_error(influence, sample.users)
    notes = f"straight line through the levels; {FOLDS} folds of people"
    return question.answer(NAME, question.span * slope, abs(question.span) * error, sample, notes=notes)


def _check_left(left: float, sample: Sample, question: Question) -> None:
    """Check that something of the rating is left once the trees have predicted it."""
    share = left / float(sample.level.var())
    if share < MIN_LEFT:
        held = ", ".join(question.controls)
        raise InputError(f"no overlap: the controls {held} predict {RATING} but for {share:.2%}; hold fewer of them")


def _fitted(sample: Sample, question: Question) -> Any:
    import doubleml
    from sklearn.ensemble import HistGradientBoostingRegressor

    features, coded = _features(sample, question)
    learner = HistGradientBoostingRegressor(
        max_iter=TREES, max_leaf_nodes=LEAVES, categorical_features=coded, early_stopping=False,
        random_state=question.seed % 2**32,
    )  # fmt: skip
    data = doubleml.DoubleMLData.from_arrays(features, sample.outcome, sample.level)
    model = doubleml.DoubleMLPLR(data, learner, learner, n_folds=FOLDS, draw_sample_splitting=False)
    model.set_sample_splitting(folds(sample, question))
    return model.fit()


def folds(sample: Sample, question: Question) -> list[tuple[Ints, Ints]]:
    """Return (train, test) rows of each fold; the people are dealt to folds by lot from the seed."""
    rng = np.random.default_rng([question.seed, *NAME.encode()])
    dealt = rng.permutation(sample.people) % FOLDS
    of_row = dealt[sample.users]
    return [(np.flatnonzero(of_row != k), np.flatnonzero(of_row == k)) for k in range(FOLDS)]


def _features(sample: Sample, question: Question) -> tuple[Floats, list[bool]]:
    """Return the controls as numbers (n, controls), and which of them are codes of categories."""
    import pandas as pd

    columns: list[Floats] = [np.zeros(sample.n)]
    coded = [False]
    for name in question.controls:
        values = sample.frame[name]
        lines = pd.api.types.is_numeric_dtype(values) and values.nunique() > MAX_CATEGORIES
        codes = values if lines else values.astype("category").cat.codes
        columns.append(np.asarray(codes, dtype=np.float64))
        coded.append(not lines)
    return np.column_stack(columns), coded


STRATEGY: Final = Strategy(
    name=NAME,
    title="Double machine learning",
    arrows="controls -> expertise; controls -> outcome; expertise -> outcome",
    assumptions=(
        "the controls hold everything that moves both expertise and outcome: no hidden ability",
        "each level is worth as much as the next, for everybody, on the scale of the analysis",
        "the trees come near enough to both predictions, which need have no particular shape",
        "the rating is the true level",
    ),
    answer=double_machine_learning,
    source="Chernozhukov and others 2018 (doi:10.1111/ectj.12097)",
    uses=("controls", "seed"),
)
