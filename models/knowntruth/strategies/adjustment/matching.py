"""Matching: each session is compared with the sessions at either level whose propensity is nearest.

This is generalised propensity-score matching (Yang and others 2016, doi:10.1111/biom.12505), by scikit-learn. Most
controls are categories, so many sessions have equal propensities; such ties are broken at random, which spreads the
matches over all of them. A regression corrects for the remaining differences of matches (Abadie and Imbens 2011). The
standard error is the martingale form of Abadie and Imbens (2012), summed within users.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.strategies.adjustment.doubly_robust import outcome_regression
from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.sample import Sample
from knowntruth.strategies.base.select_sample import select_sample
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.propensity import propensities

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "matching"

MATCHES: Final = 5
"""Matches of each session at each level; more of them mean less variance and more bias."""

TIE_WIDTH: Final = 1e-7
"""Width, in log odds, of the noise that breaks ties: far below any difference between two patterns of controls."""


def matching(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the mean difference between each session's matches at the two levels.

    Raises
    ------
    InputError
        If a column is missing or constant, a level does not occur, or overlap fails.
    """
    sample = select_sample(observed, question, needed=question.controls)
    probabilities = propensities(sample, question)
    effect, residuals = outcome_regression(sample, question)
    rngs = {level: np.random.default_rng([question.seed, level, *NAME.encode()]) for level in probabilities}
    weights = {level: matching_weights(sample, probabilities[level], level, rngs[level]) for level in probabilities}
    scores = effect + (weights[question.high] - weights[question.low]) * residuals
    value = float(scores.mean())
    largest = max(float(weight.max()) / sample.n for weight in weights.values())
    notes = f"{MATCHES} matches at each level; the most used session has {largest:.1%} of the weight"
    return question.point_estimate(NAME, value, clustered_error(scores - value, sample.users), sample, notes=notes)


def matching_weights(sample: Sample, probability: Floats, level: int, rng: np.random.Generator) -> Floats:
    """Return how often each session at ``level`` is a match, divided by `MATCHES`; (n,), 0 at other levels."""
    from sklearn.neighbors import NearestNeighbors

    score = np.log(probability) - np.log1p(-probability) + TIE_WIDTH * rng.uniform(size=sample.n)
    donors = np.flatnonzero(sample.level == level)
    matches = min(MATCHES, len(donors))
    neighbors = NearestNeighbors(n_neighbors=matches).fit(score[donors, None])
    nearest = neighbors.kneighbors(score[:, None], return_distance=False)
    return np.bincount(donors[nearest.ravel()], minlength=sample.n) / matches


STRATEGY: Final = Strategy(
    name=NAME,
    title="Matching",
    arrows="controls -> expertise; controls -> outcome; expertise -> outcome",
    assumptions=(
        "the controls include every common cause of expertise and outcome: no hidden ability",
        "sessions with equal propensity are comparable, up to the differences that the regression removes",
        "every kind of session can occur at both levels",
        "the rating is the true level",
    ),
    estimate=matching,
    source="Yang and others 2016 (doi:10.1111/biom.12505); Abadie and Imbens 2011 (doi:10.1198/jbes.2009.07333)",
    uses=("controls", "seed"),
)
