"""Selection correction: sessions that were rated speak for those like them that the rater left Unclear.

Who gives little context is not rated, and giving context is close to expertise itself (study.md, threat 12). Unclear
sessions are observed in everything but the rating, so the chance of being rated can be learned from the length of the
session, its outcome and the controls, and each rated session weighted by one over it.

This corrects for the rating alone. Who never enters the table, headless use above all, has left no trace in it; and a
Heckman correction would need something that moves being rated and not the outcome, of which no column is known.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Flags, Floats
from knowntruth.common.errors import InputError
from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import RATING, Question
from knowntruth.strategies.base.sample import Sample, enter, number
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.linear import controls, level_contrast

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "selection"
CONTEXT: Final = ("prompts", "words_per_prompt")
"""What shows how much a rater had to go by."""

KNOTS: Final = 6
"""Knots of the smooth curve along which each column of context moves the chance."""

MIN_CHANCE: Final = 0.02
"""A rated session that speaks for more than fifty is no evidence about them."""


def selection(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the contrast of two levels, controls held, rated sessions weighted to stand for all.

    Raises
    ------
    InputError
        If a column is missing or constant, a level does not occur, or kinds of sessions are hardly ever rated.
    """
    sample = enter(observed, question, needed=(*CONTEXT, *question.controls), unrated=True)
    rated = np.isfinite(sample.level)
    chance = chances_of_rating(sample, question, rated)[rated]
    if chance.min() < MIN_CHANCE:
        raise InputError(
            f"no overlap: some sessions had a chance of {chance.min():.3f} to be rated ({RATING}), by {CONTEXT};"
            f" expected {MIN_CHANCE} or more; leave such sessions out"
        )
    among = sample.where(rated)
    effect, influence = level_contrast(among, question, question.controls, weights=chance.mean() / chance)
    notes = f"{rated.mean():.1%} of {sample.n:,} sessions rated; the least likely had a chance of {chance.min():.2f}"
    return question.answer(NAME, effect, clustered_error(influence, among.users), among, notes=notes)


def chances_of_rating(sample: Sample, question: Question, rated: Flags) -> Floats:
    """Return each session's chance of being rated, shape (n,), by a logit smooth in its context; 1 where all were."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import SplineTransformer

    if rated.all():
        return np.ones(sample.n)
    context = np.column_stack([np.log1p(number(sample.frame, name)) for name in CONTEXT])
    smooth = SplineTransformer(n_knots=KNOTS, knots="quantile").fit_transform(context)
    both = smooth[:, : smooth.shape[1] // 2, None] * smooth[:, None, smooth.shape[1] // 2 :]
    design = np.column_stack([both.reshape(sample.n, -1), controls(sample.frame, question.controls)[:, 1:]])
    design = np.column_stack([design, (sample.outcome - sample.outcome.mean()) / sample.outcome.std()])
    model = LogisticRegression(C=10.0, max_iter=500, tol=1e-4).fit(design, rated)
    chances: Floats = model.predict_proba(design)[:, 1]
    return chances


STRATEGY: Final = Strategy(
    name=NAME,
    title="Selection correction by inverse probability of being rated",
    arrows="prompts -> rated; words_per_prompt -> rated; outcome -> rated; controls -> rated; expertise -> prompts;"
    " expertise -> words_per_prompt; expertise -> outcome; controls -> expertise; controls -> outcome",
    assumptions=(
        "given prompts, words, outcome and controls, who is rated has nothing to do with the level",
        "every kind of session can be rated",
        "the controls hold everything that moves both expertise and outcome: no hidden ability",
        "where there is a rating it is the true level",
    ),
    answer=selection,
    source="Hernan, Hernandez-Diaz and Robins 2004 (doi:10.1097/01.ede.0000135174.63482.43)",
    needed=CONTEXT,
    uses=("controls",),
)
