"""Matching: beside each session the sessions at either level that were as likely to be at it.

Matches are the nearest on the propensity of the level (generalised propensity-score matching, Yang and others 2016,
doi:10.1111/biom.12505), found by scikit-learn. Most controls are categories, so many sessions tie; ties are broken
by lot from the seed, which spreads the work over all who tie. What a match differs in is taken out by a regression
(Abadie and Imbens 2011). The error is the martingale form of Abadie and Imbens (2012), summed within users.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.strategies.adjustment.doubly_robust import regression
from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.sample import Sample, enter
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.propensity import propensities

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "matching"

MATCHES: Final = 5
"""Sessions at each level beside each session; more would mean less noise and worse matches."""

TIE: Final = 1e-7
"""Width, in log odds, within which the lot decides: far below any difference between two patterns of controls."""


def matching(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the mean difference between each session's matches at the two levels.

    Raises
    ------
    InputError
        If a column is missing or constant, a level does not occur, or overlap fails.
    """
    sample = enter(observed, question, needed=question.controls)
    chances = propensities(sample, question)
    effect, residuals = regression(sample, question)
    lots = {level: np.random.default_rng([question.seed, level, *NAME.encode()]) for level in chances}
    stand_ins = {level: times_used(sample, chances[level], level, lots[level]) for level in chances}
    pulls = effect + (stand_ins[question.high] - stand_ins[question.low]) * residuals
    value = float(pulls.mean())
    most = max(float(used.max()) / sample.n for used in stand_ins.values())
    notes = f"{MATCHES} matches at each level; the most used session stands in for {most:.1%} of all"
    return question.answer(NAME, value, clustered_error(pulls - value, sample.users), sample, notes=notes)


def times_used(sample: Sample, chance: Floats, level: int, rng: np.random.Generator) -> Floats:
    """Return how many sessions each session at ``level`` stands in for, shape (n,), 0 at other levels."""
    from sklearn.neighbors import NearestNeighbors

    score = np.log(chance) - np.log1p(-chance) + TIE * rng.uniform(size=sample.n)
    donors = np.flatnonzero(sample.level == level)
    matches = min(MATCHES, len(donors))
    found = NearestNeighbors(n_neighbors=matches).fit(score[donors, None])
    nearest = found.kneighbors(score[:, None], return_distance=False)
    return np.bincount(donors[nearest.ravel()], minlength=sample.n) / matches


STRATEGY: Final = Strategy(
    name=NAME,
    title="Matching",
    arrows="controls -> expertise; controls -> outcome; expertise -> outcome",
    assumptions=(
        "the controls hold everything that moves both expertise and outcome: no hidden ability",
        "sessions as likely to be at a level are alike, or differ as the regression says",
        "every kind of session can be met at both levels",
        "the rating is the true level",
    ),
    answer=matching,
    source="Yang and others 2016 (doi:10.1111/biom.12505); Abadie and Imbens 2011 (doi:10.1198/jbes.2009.07333)",
    uses=("controls", "seed"),
)
