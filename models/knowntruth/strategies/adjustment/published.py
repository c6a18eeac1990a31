"""The regression as published: level dummies within crossed cells, Table A2's method with Table A1's preferred cells.

Cells are work mode × value band × month × occupation of the work × user group; small cells are suppressed. Three of
the five are read from the work that was done. Where expertise affects the course of a session, they are bad controls.
"""

import math
from typing import TYPE_CHECKING, Final

from knowntruth.common.errors import InputError
from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import RATING, Question
from knowntruth.strategies.base.select_sample import select_sample
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.study.estimation.cells import (
    PREFERRED,
    add_derived_controls,
    min_users_per_cell,
    suppress_small_cells,
)

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "published"
NEEDED: Final = ("mode", "value_band", "month", "task_occupation", "user_occupation", "prompts")


def published(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the contrast of two levels, adjusted as in the study.

    Raises
    ------
    InputError
        If a column is missing or constant, or the contrast is not identified within the cells.
    """
    from knowntruth.study.estimation.adjusted_rates import fit_by_level

    sample = select_sample(observed, question, needed=NEEDED)
    frame = add_derived_controls(sample.frame.assign(**{RATING: sample.level, "analysed": sample.outcome}))
    kept = suppress_small_cells(frame, PREFERRED, min_users_per_cell(sample.n))
    contrast = fit_by_level(kept, "analysed").contrast(question.high, question.low)
    if math.isnan(contrast.value):
        raise InputError(
            f"column {RATING!r}: the contrast of levels {question.high} and {question.low} is not identified within"
            f" the published cells ({', '.join(PREFERRED)}); bring more sessions, or compare other levels"
        )
    inside = sample.where(sample.frame.index.isin(kept.index))
    notes = f"{kept['cell'].nunique()} cells; {sample.n - len(kept)} sessions in cells that are too small"
    return question.point_estimate(NAME, contrast.value, contrast.standard_error, inside, notes=notes)


STRATEGY: Final = Strategy(
    name=NAME,
    title="Regression as published",
    arrows="mode -> expertise; mode -> outcome; month -> mode; value_band -> expertise; value_band -> outcome;"
    " task_occupation -> expertise; task_occupation -> outcome; user_occupation -> expertise;"
    " user_occupation -> outcome; expertise -> outcome",
    assumptions=(
        "the cells include every common cause of expertise and outcome: no hidden ability",
        "mode, value and occupation of the work are causes of the session, not consequences of how it went",
        "the rating is the true level",
    ),
    estimate=published,
    source="the study's Tables A1, column 5, and A2",
    needed=NEEDED,
)
