"""Front door through specificity: how experts ask, and what asking so achieves at the same level.

If all that expertise does it does by making requests more specific, its effect is what it does to specificity times
what specificity does to the outcome. Hidden ability may move expertise and outcome as it likes, so long as it does
not move specificity past expertise.

No column of an ordinary study shows specificity. Its nearest proxy, the share of decisions credited to the user,
has expertise and coding among its causes besides, so it cannot take its place and is not offered. A study of one's
own can score how specific each first request is and bring that score as the column ``specificity``.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.sample import enter, expected, number
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.linear import controls, least_squares, level_columns, level_contrast

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "front_door"
MEDIATOR: Final = "specificity"


def front_door(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the effect of expertise on specificity times that of specificity at a held level of expertise.

    Raises
    ------
    InputError
        If a column is missing, constant or has gaps, or a level does not occur.
    """
    expected(MEDIATOR, observed, "score how specific each session's first request is")
    sample = enter(observed, question, needed=(MEDIATOR, *question.controls), varying=(MEDIATOR,))
    mediator = number(sample.frame, MEDIATOR)
    shift, pulls = level_contrast(sample, question, question.controls, outcome=mediator)
    _, levels = level_columns(sample.level, question)
    design = np.column_stack([mediator, levels, controls(sample.frame, question.controls)])
    second = least_squares(design, sample.outcome, keep=1)
    gain = float(second.coefficients[0])
    error = clustered_error(gain * pulls + shift * second.influence[:, 0], sample.users)
    notes = f"{MEDIATOR} {shift:+.2f} between the levels, each unit worth {gain:+.3f}"
    return question.answer(NAME, gain * shift, error, sample, notes=notes)


STRATEGY: Final = Strategy(
    name=NAME,
    title="Front door through specificity",
    arrows="[ability] -> expertise; [ability] -> outcome; expertise -> specificity; specificity -> outcome;"
    " controls -> expertise; controls -> outcome",
    assumptions=(
        "expertise moves the outcome through specificity alone",
        "nothing hidden moves both expertise and specificity, nor specificity and outcome but through expertise",
        "specificity is worth the same at every level, along a straight line",
        "specificity is scored, and the rating is the true level",
    ),
    answer=front_door,
    source="Pearl 1995 (doi:10.1093/biomet/82.4.669)",
    needed=(MEDIATOR,),
    beyond_schema=(MEDIATOR,),
    uses=("controls",),
)
