"""Within user: the same person, on a task they know and on one they do not (fixed effects, by pyfixest).

Whatever of a person stays the same, ability above all, is held by comparing people with themselves. What changes
from session to session is not: an outcome that is read into the rating, or work that is both better known and easier.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import RATING, Question
from knowntruth.strategies.base.sample import Sample, enter
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.fixed_effects import regress
from knowntruth.strategies.estimators.linear import level_columns

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "within_user"


def within_user(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the contrast of two levels among the sessions of the same people, controls held.

    Raises
    ------
    InputError
        If a column is missing or constant, or nobody who came twice was at different levels.
    """
    sample = _repeated(enter(observed, question, needed=question.controls))
    names, levels = level_columns(sample.level, question)
    _check_told(sample, levels, question)
    columns = {f"level{k}": levels[:, k] for k in range(len(names))}
    found = regress(sample, columns, question.controls, effects={"person": sample.users})
    effect, error = found["level0"]
    notes = "people with two sessions or more"
    return question.answer(NAME, effect, error, sample, notes=notes)


def _repeated(sample: Sample) -> Sample:
    """Return the sessions of people who came more than once at different levels or not."""
    again = np.bincount(sample.users)[sample.users] > 1
    if not again.any():
        raise InputError(
            "column 'user_id': nobody has two rated sessions; a person cannot be compared with themselves"
        )
    return sample.where(again)


def _check_told(sample: Sample, levels: Floats, asked: Question) -> None:
    from knowntruth.study.estimation.regression import identified

    # The level asked about comes last, so that it is held against all others.
    if levels.shape[1] - 1 not in identified(levels[:, ::-1], sample.users):
        raise InputError(
            f"column {RATING!r}: among people with two sessions or more, level {asked.high} cannot be told from"
            f" {asked.low}; compare other levels, or bring more sessions of the same people"
        )


STRATEGY: Final = Strategy(
    name=NAME,
    title="Within user",
    arrows="[ability] -> expertise; [ability] -> outcome; user_id -> [ability]; controls -> expertise;"
    " controls -> outcome; expertise -> outcome",
    assumptions=(
        "what is hidden stays with the person: nothing hidden moves both ends from session to session",
        "the effect is the same, on the scale of the analysis, for people who came once and who came often",
        "earlier sessions do not change later ones",
        "the rating is the true level",
    ),
    answer=within_user,
    source="Mundlak 1978; the study's within-engineer replication",
    uses=("controls",),
)
