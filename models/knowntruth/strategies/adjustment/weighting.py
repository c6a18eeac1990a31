"""Inverse-probability weighting: the sessions at each level are weighted to represent all sessions.

Experts and novices do different work, so sessions that are rare at their level get more weight. The weights are
normalised within each level (Hájek). The standard error treats them as known. For weights from a correct likelihood
this can only overstate it (Lunceford and Davidian 2004, doi:10.1002/sim.1903).
"""

from typing import TYPE_CHECKING, Final

from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.select_sample import select_sample
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.propensity import inverse_weights, propensities

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "weighting"


def weighting(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the difference between the weighted mean outcomes of the two levels.

    Raises
    ------
    InputError
        If a column is missing or constant, a level does not occur, or overlap fails.
    """
    sample = select_sample(observed, question, needed=question.controls)
    weights = inverse_weights(sample, question, propensities(sample, question))
    means = {level: float((w * sample.outcome).mean()) for level, w in weights.items()}
    influence = {level: w * (sample.outcome - means[level]) for level, w in weights.items()}
    error = clustered_error(influence[question.high] - influence[question.low], sample.users)
    largest = max(float(w.max()) / sample.n for w in weights.values())
    notes = f"the session with the largest weight has {largest:.1%} of the total"
    return question.point_estimate(NAME, means[question.high] - means[question.low], error, sample, notes=notes)


STRATEGY: Final = Strategy(
    name=NAME,
    title="Inverse-probability weighting",
    arrows="controls -> expertise; controls -> outcome; expertise -> outcome",
    assumptions=(
        "the controls include every common cause of expertise and outcome: no hidden ability",
        "the probability of each level follows a multinomial logit in the controls",
        "every kind of session can occur at both levels",
        "the rating is the true level",
    ),
    estimate=weighting,
    source="Robins, Rotnitzky and Zhao 1994; Imbens 2000 for several levels (doi:10.1093/biomet/87.3.706)",
    uses=("controls",),
)
