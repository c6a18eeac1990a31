"""Front-door adjustment through specificity: experts ask more specifically, and specific requests achieve more.

If expertise acts only by making requests more specific, its effect is the product of two effects: of expertise on
specificity, and of specificity on the outcome at a given level. Hidden ability may affect expertise and outcome, as
long as it affects specificity only through expertise.

No column of an ordinary study measures specificity. The nearest proxy is the share of decisions credited to the user.
It has expertise and coding as further causes, so it is not a valid mediator and is not used. A study can score how
specific each first request is and provide that score as the column ``specificity``.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.select_sample import numeric_column, require_extra_column, select_sample
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.linear import control_columns, least_squares, level_columns, level_contrast

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "front_door"
MEDIATOR: Final = "specificity"


def front_door(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the effect of expertise on specificity times that of specificity at a fixed level of expertise.

    Raises
    ------
    InputError
        If a column is missing, constant or has gaps, or a level does not occur.
    """
    require_extra_column(MEDIATOR, observed, "score how specific each session's first request is")
    sample = select_sample(observed, question, needed=(MEDIATOR, *question.controls), varying=(MEDIATOR,))
    mediator = numeric_column(sample.frame, MEDIATOR)
    first, first_influence = level_contrast(sample, question, question.controls, outcome=mediator)
    _, levels = level_columns(sample.level, question)
    design = np.column_stack([mediator, levels, control_columns(sample.frame, question.controls)])
    regression = least_squares(design, sample.outcome, keep=1)
    second = float(regression.coefficients[0])
    # Delta method for the product of the two effects.
    error = clustered_error(second * first_influence + first * regression.influence[:, 0], sample.users)
    notes = f"{MEDIATOR} differs by {first:+.2f} between the levels; effect of one unit {second:+.3f}"
    return question.point_estimate(NAME, second * first, error, sample, notes=notes)


STRATEGY: Final = Strategy(
    name=NAME,
    title="Front-door adjustment through specificity",
    arrows="[ability] -> expertise; [ability] -> outcome; expertise -> specificity; specificity -> outcome;"
    " controls -> expertise; controls -> outcome",
    assumptions=(
        "expertise affects the outcome only through specificity",
        "no hidden cause affects expertise and specificity, nor specificity and outcome except through expertise",
        "the effect of specificity is linear and the same at every level",
        "specificity is measured without error, and the rating is the true level",
    ),
    estimate=front_door,
    source="Pearl 1995 (doi:10.1093/biomet/82.4.669)",
    needed=(MEDIATOR,),
    beyond_schema=(MEDIATOR,),
    uses=("controls",),
)
