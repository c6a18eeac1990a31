"""Negative-control outcome: what expertise cannot move, yet seems to move, is bias; it is taken off.

Bring a column that everything hidden moves as it moves the outcome, but expertise does not: the same measure on a
warm-up task that everybody knows equally well, or on the sessions before. Its contrast between the levels is what
hidden causes make of no effect at all, and is subtracted. Nothing in the study's own columns will do: telemetry of
the session itself is moved by expertise, and the account's age by nothing that matters.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.sample import Sample, enter, expected, number
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.linear import level_contrast

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "negative_control_outcome"
COLUMN: Final = "negative_control_outcome"


def negative_control_outcome(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the contrast of the outcome less that of the negative control, controls held.

    Raises
    ------
    InputError
        If a column is missing, constant or has gaps, or a level does not occur.
    """
    advice = "bring the outcome's measure on work that expertise cannot have changed, in the outcome's own unit"
    expected(COLUMN, observed, advice)
    sample = enter(observed, question, needed=(COLUMN, *question.controls), varying=(COLUMN,))
    control = _in_unit(sample, question)
    effect, influence = level_contrast(sample, question, question.controls, outcome=sample.outcome - control)
    seeming, pulls = level_contrast(sample, question, question.controls, outcome=control)
    errors = seeming / max(clustered_error(pulls, sample.users), np.finfo(float).tiny)
    notes = f"the negative control differs by {seeming:+.3f}, {abs(errors):.1f} standard errors from nothing"
    return question.answer(NAME, effect, clustered_error(influence, sample.users), sample, notes=notes)


def _in_unit(sample: Sample, question: Question) -> Floats:
    values = number(sample.frame, COLUMN)
    if question.logged and not (values > 0).all():
        raise InputError(f"column {COLUMN!r} holds values that are not positive; its logarithm is analysed")
    return np.log(values) if question.logged else values


STRATEGY: Final = Strategy(
    name=NAME,
    title="Negative-control outcome",
    arrows="[ability] -> expertise; [ability] -> outcome; [ability] -> negative_control_outcome;"
    " controls -> expertise; controls -> outcome; controls -> negative_control_outcome; expertise -> outcome",
    assumptions=(
        "expertise does not move the negative control",
        "what is hidden moves both by the same amount, on the scale of the analysis",
        "the rating is the true level",
    ),
    answer=negative_control_outcome,
    source="Sofer and others 2016 (doi:10.1214/16-STS558)",
    needed=(COLUMN,),
    beyond_schema=(COLUMN,),
    uses=("controls",),
)
