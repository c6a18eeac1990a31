"""Selection weighting: rated sessions are weighted to represent similar sessions that the rater left Unclear.

Sessions with little context are not rated, and giving context is closely related to expertise (study.md, threat 12).
Unclear sessions lack only the rating. The probability of being rated is therefore estimated from the length of the
session, its outcome and the controls, and each rated session is weighted by its inverse.

This corrects only for missing ratings. Sessions that never enter the table, above all headless ones, cannot be
corrected for. A Heckman correction would need a variable that affects being rated but not the outcome; no column
does.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Flags, Floats
from knowntruth.common.errors import InputError
from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import RATING, Question
from knowntruth.strategies.base.sample import Sample
from knowntruth.strategies.base.select_sample import numeric_column, select_sample
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.linear import control_columns, level_contrast

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "selection_weighting"
CONTEXT: Final = ("prompts", "words_per_prompt")
"""Columns that measure how much text a rater had."""

KNOTS: Final = 6
"""Knots of the spline of each column of context in the logit."""

MIN_PROBABILITY: Final = 0.02
"""The smallest allowed probability of being rated: no session may represent more than fifty."""


def selection_weighting(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the adjusted contrast of two levels, with rated sessions weighted to represent all.

    Raises
    ------
    InputError
        If a column is missing or constant, a level does not occur, or some kinds of sessions are hardly ever rated.
    """
    sample = select_sample(observed, question, needed=(*CONTEXT, *question.controls), unrated=True)
    rated = np.isfinite(sample.level)
    probability = rating_probabilities(sample, question, rated)[rated]
    if probability.min() < MIN_PROBABILITY:
        raise InputError(
            f"no overlap: given {', '.join(CONTEXT)}, the probability of being rated ({RATING}) is as low as"
            f" {probability.min():.3f}; expected {MIN_PROBABILITY} or more; leave such sessions out"
        )
    among = sample.where(rated)
    effect, influence = level_contrast(among, question, question.controls, weights=probability.mean() / probability)
    notes = (
        f"{rated.mean():.1%} of {sample.n:,} sessions rated; smallest probability of being rated"
        f" {probability.min():.2f}"
    )
    return question.point_estimate(NAME, effect, clustered_error(influence, among.users), among, notes=notes)


def rating_probabilities(sample: Sample, question: Question, rated: Flags) -> Floats:
    """Return each session's probability of being rated, shape (n,), by a logit with splines; 1 if all were rated."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import SplineTransformer

    if rated.all():
        return np.ones(sample.n)
    context = np.column_stack([np.log1p(numeric_column(sample.frame, name)) for name in CONTEXT])
    smooth = SplineTransformer(n_knots=KNOTS, knots="quantile").fit_transform(context)
    # All products of the two columns' basis functions: a smooth surface in both.
    surface = smooth[:, : smooth.shape[1] // 2, None] * smooth[:, None, smooth.shape[1] // 2 :]
    design = np.column_stack([surface.reshape(sample.n, -1), control_columns(sample.frame, question.controls)[:, 1:]])
    design = np.column_stack([design, (sample.outcome - sample.outcome.mean()) / sample.outcome.std()])
    model = LogisticRegression(C=10.0, max_iter=500, tol=1e-4).fit(design, rated)
    probabilities: Floats = model.predict_proba(design)[:, 1]
    return probabilities


STRATEGY: Final = Strategy(
    name=NAME,
    title="Selection weighting by the inverse probability of being rated",
    arrows="prompts -> rated; words_per_prompt -> rated; outcome -> rated; controls -> rated; expertise -> prompts;"
    " expertise -> words_per_prompt; expertise -> outcome; controls -> expertise; controls -> outcome",
    assumptions=(
        "given prompts, words, outcome and controls, being rated is independent of the level",
        "every kind of session can be rated",
        "the controls include every common cause of expertise and outcome: no hidden ability",
        "the rating, where there is one, is the true level",
    ),
    estimate=selection_weighting,
    source="Hernan, Hernandez-Diaz and Robins 2004 (doi:10.1097/01.ede.0000135174.63482.43)",
    needed=CONTEXT,
    uses=("controls",),
)
