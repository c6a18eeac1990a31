"""First-prompt rating: expertise read from the first prompt alone, before anything could go well or badly.

The decisive check on a rating that reads the outcome (study.md, threat 1): the first prompt cannot know who will
correct whom. Whatever else is wrong with a rating, hidden ability or too little to go by, stays.
"""

from typing import TYPE_CHECKING, Final

from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.sample import enter, expected
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.linear import level_contrast

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "first_prompt"
COLUMN: Final = "first_prompt_expertise"


def first_prompt(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the contrast of two levels of the first-prompt rating, controls held.

    Raises
    ------
    InputError
        If a column is missing or constant, or a level does not occur.
    """
    expected(COLUMN, observed, "rate each session again from its first prompt alone")
    sample = enter(observed, question, needed=question.controls, treatment=COLUMN)
    effect, influence = level_contrast(sample, question, question.controls)
    return question.answer(NAME, effect, clustered_error(influence, sample.users), sample)


STRATEGY: Final = Strategy(
    name=NAME,
    title="First-prompt rating",
    arrows="expertise -> first_prompt_expertise; expertise -> outcome; outcome -> rated_expertise;"
    " expertise -> rated_expertise; controls -> expertise; controls -> outcome",
    assumptions=(
        "the first prompt shows the true level, as well to the rater as to us",
        "the controls hold everything that moves both expertise and outcome: no hidden ability",
    ),
    answer=first_prompt,
    source="study.md, threat 1",
    beyond_schema=(COLUMN,),
    rating=COLUMN,
    uses=("controls",),
)
