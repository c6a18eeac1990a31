"""First-prompt rating: expertise is rated from the first prompt only, before anything can go well or badly.

This removes halo, a rating that is influenced by the outcome (study.md, threat 1), because the first prompt precedes
the outcome. Other problems remain: hidden ability, and too little text to rate from.
"""

from typing import TYPE_CHECKING, Final

from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.select_sample import require_extra_column, select_sample
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.linear import level_contrast

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "first_prompt"
COLUMN: Final = "first_prompt_expertise"


def first_prompt(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the adjusted contrast of two levels of the first-prompt rating.

    Raises
    ------
    InputError
        If a column is missing or constant, or a level does not occur.
    """
    require_extra_column(COLUMN, observed, "rate each session again from its first prompt alone")
    sample = select_sample(observed, question, needed=question.controls, treatment=COLUMN)
    effect, influence = level_contrast(sample, question, question.controls)
    return question.point_estimate(NAME, effect, clustered_error(influence, sample.users), sample)


STRATEGY: Final = Strategy(
    name=NAME,
    title="First-prompt rating",
    arrows="expertise -> first_prompt_expertise; expertise -> outcome; outcome -> rated_expertise;"
    " expertise -> rated_expertise; controls -> expertise; controls -> outcome",
    assumptions=(
        "the rating from the first prompt is the true level",
        "the controls include every common cause of expertise and outcome: no hidden ability",
    ),
    estimate=first_prompt,
    source="study.md, threat 1",
    beyond_schema=(COLUMN,),
    rating=COLUMN,
    uses=("controls",),
)
