"""Within-user comparison: the same person on familiar and unfamiliar tasks (fixed effects, by pyfixest).

Comparing people with themselves adjusts for whatever stays constant in a person, above all ability. It does not
adjust for what changes between sessions: an outcome that influences the rating, or tasks that are both more familiar
and easier.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import RATING, Question
from knowntruth.strategies.base.sample import Sample
from knowntruth.strategies.base.select_sample import select_sample
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.fixed_effects import regress
from knowntruth.strategies.estimators.linear import level_columns

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "within_user"


def within_user(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the adjusted contrast of two levels within people.

    Raises
    ------
    InputError
        If a column is missing or constant, or nobody has sessions at different levels.
    """
    sample = _repeated(select_sample(observed, question, needed=question.controls))
    names, levels = level_columns(sample.level, question)
    _check_identified(sample, levels, question)
    columns = {f"level{k}": levels[:, k] for k in range(len(names))}
    effect, error = regress(sample, columns, question.controls, effects={"person": sample.users})["level0"]
    notes = "people with two sessions or more"
    return question.point_estimate(NAME, effect, error, sample, notes=notes)


def _repeated(sample: Sample) -> Sample:
    """Return the sessions of people with more than one session, whether their levels differ or not."""
    repeated = np.bincount(sample.users)[sample.users] > 1
    if not repeated.any():
        raise InputError("column 'user_id': nobody has two rated sessions, so nobody can be compared with themselves")
    return sample.where(repeated)


def _check_identified(sample: Sample, levels: Floats, question: Question) -> None:
    from knowntruth.study.estimation.regression import identified_columns

    # The high level comes last, because each column is checked against those before it.
    if levels.shape[1] - 1 not in identified_columns(levels[:, ::-1], sample.users):
        raise InputError(
            f"column {RATING!r}: among people with two sessions or more, the contrast of levels {question.high} and"
            f" {question.low} is not identified; compare other levels, or bring more sessions of the same people"
        )


STRATEGY: Final = Strategy(
    name=NAME,
    title="Within user",
    arrows="[ability] -> expertise; [ability] -> outcome; user_id -> [ability]; controls -> expertise;"
    " controls -> outcome; expertise -> outcome",
    assumptions=(
        "hidden causes are constant within a person: none that varies between sessions affects expertise and outcome",
        "the effect is the same, on the scale of the analysis, for people with one session and with many",
        "earlier sessions do not affect later ones",
        "the rating is the true level",
    ),
    estimate=within_user,
    source="Mundlak 1978; the study's within-engineer replication",
    uses=("controls",),
)
