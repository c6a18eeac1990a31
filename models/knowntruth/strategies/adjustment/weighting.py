"""Inverse-probability weighting: each level's sessions are weighted until they look like all sessions.

Where experts come with other work than novices, sessions that are rare at their level count for more. The weights
are normalised within each level (Hájek). Their own estimation is left out of the error, which for weights from a
correct likelihood can only overstate it (Lunceford and Davidian 2004, doi:10.1002/sim.1903).
"""

from typing import TYPE_CHECKING, Final

from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.sample import enter
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
    sample = enter(observed, question, needed=question.controls)
    weights = inverse_weights(sample, question, propensities(sample, question))
    means = {level: float((w * sample.outcome).mean()) for level, w in weights.items()}
    pulls = {level: w * (sample.outcome - means[level]) for level, w in weights.items()}
    error = clustered_error(pulls[question.high] - pulls[question.low], sample.users)
    heaviest = max(float(w.max()) / sample.n for w in weights.values())
    notes = f"heaviest session speaks for {heaviest:.1%} of all"
    return question.answer(NAME, means[question.high] - means[question.low], error, sample, notes=notes)


STRATEGY: Final = Strategy(
    name=NAME,
    title="Inverse-probability weighting",
    arrows="controls -> expertise; controls -> outcome; expertise -> outcome",
    assumptions=(
        "the controls hold everything that moves both expertise and outcome: no hidden ability",
        "the chance of each level follows a multinomial logit in the controls",
        "every kind of session can be met at both levels",
        "the rating is the true level",
    ),
    answer=weighting,
    source="Robins, Rotnitzky and Zhao 1994; Imbens 2000 for several levels (doi:10.1093/biomet/87.3.706)",
    uses=("controls",),
)
