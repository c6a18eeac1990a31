"""Negative-control outcome: an apparent effect on an outcome that expertise cannot affect is bias, and is subtracted.

The column must be affected by all hidden causes as the outcome is, but not by expertise: for example the same measure
on a warm-up task that everybody knows equally well, or on earlier sessions. Its contrast between the levels estimates
the bias. The study's own columns are not suitable: expertise affects the telemetry of the session itself, and no
relevant hidden cause affects the account's age.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.sample import Sample
from knowntruth.strategies.base.select_sample import numeric_column, require_extra_column, select_sample
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.linear import level_contrast

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "negative_control_outcome"
COLUMN: Final = "negative_control_outcome"


def negative_control_outcome(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the adjusted contrast of the outcome less that of the negative control.

    Raises
    ------
    InputError
        If a column is missing, constant or has gaps, or a level does not occur.
    """
    advice = "bring the same measure on work that expertise cannot have affected, in the unit of the outcome"
    require_extra_column(COLUMN, observed, advice)
    sample = select_sample(observed, question, needed=(COLUMN, *question.controls), varying=(COLUMN,))
    control = _on_scale(sample, question)
    effect, influence = level_contrast(sample, question, question.controls, outcome=sample.outcome - control)
    bias, bias_influence = level_contrast(sample, question, question.controls, outcome=control)
    errors = bias / max(clustered_error(bias_influence, sample.users), np.finfo(float).tiny)
    notes = (
        f"the negative control differs by {bias:+.3f} between the levels, {abs(errors):.1f} standard errors from 0"
    )
    return question.point_estimate(NAME, effect, clustered_error(influence, sample.users), sample, notes=notes)


def _on_scale(sample: Sample, question: Question) -> Floats:
    values = numeric_column(sample.frame, COLUMN)
    if question.logged and not (values > 0).all():
        raise InputError(f"column {COLUMN!r} holds values that are not positive; its logarithm is analysed")
    return np.log(values) if question.logged else values


STRATEGY: Final = Strategy(
    name=NAME,
    title="Negative-control outcome",
    arrows="[ability] -> expertise; [ability] -> outcome; [ability] -> negative_control_outcome;"
    " controls -> expertise; controls -> outcome; controls -> negative_control_outcome; expertise -> outcome",
    assumptions=(
        "expertise does not affect the negative control",
        "hidden causes affect both by the same amount, on the scale of the analysis",
        "the rating is the true level",
    ),
    estimate=negative_control_outcome,
    source="Sofer and others 2016 (doi:10.1214/16-STS558)",
    needed=(COLUMN,),
    beyond_schema=(COLUMN,),
    uses=("controls",),
)
