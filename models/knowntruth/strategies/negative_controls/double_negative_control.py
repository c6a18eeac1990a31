"""Two negative controls, an exposure and an outcome, as proxies of a hidden common cause.

The hidden cause must affect both. The negative-control *exposure* must not affect the outcome, and expertise must not
affect the negative-control *outcome*. Neither measures ability well, but each corrects the errors of the other: the
negative-control outcome is a covariate in the place of ability, and the negative-control exposure is its instrument
(proximal causal inference by two-stage least squares, with pyfixest). Columns of the session itself are rarely
suitable; two tests of a person are.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.select_sample import numeric_column, require_extra_column, select_sample
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.fixed_effects import Instrument, first_stage_f, regress
from knowntruth.strategies.estimators.linear import control_columns, least_squares, level_columns

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "double_negative_control"
EXPOSURE: Final = "negative_control_exposure"
PROXY: Final = "negative_control_proxy"
"""The negative-control outcome; not that of `negative_control_outcome`, since it may be in any unit."""


def double_negative_control(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the contrast of two levels, adjusted for the hidden cause through its two proxies.

    Raises
    ------
    InputError
        If a column is missing, constant or has gaps, a level does not occur, or the exposure is a weak instrument.
    """
    for column in (EXPOSURE, PROXY):
        require_extra_column(
            column, observed, "bring two measures of the hidden cause, such as two tests of the person"
        )
    needed = (EXPOSURE, PROXY, *question.controls)
    sample = select_sample(observed, question, needed=needed, varying=(EXPOSURE, PROXY))
    names, levels = level_columns(sample.level, question)
    instrument = Instrument(
        numeric_column(sample.frame, PROXY), numeric_column(sample.frame, EXPOSURE), PROXY, EXPOSURE
    )
    controls = control_columns(sample.frame, question.controls)
    f = first_stage_f(sample, instrument, np.column_stack([levels, controls]))
    # Raises an error if the contrast is not identified; pyfixest would drop its column.
    least_squares(np.column_stack([levels, instrument.values, controls]), sample.outcome, keep=1)
    columns = {f"level{k}": levels[:, k] for k in range(len(names))}
    effect, error = regress(sample, columns, question.controls, instrument=instrument)["level0"]
    return question.point_estimate(NAME, effect, error, sample, notes=f"first-stage F {f:.0f}")


STRATEGY: Final = Strategy(
    name=NAME,
    title="Negative-control exposure and outcome",
    arrows="[ability] -> expertise; [ability] -> outcome; [ability] -> negative_control_exposure;"
    " [ability] -> negative_control_proxy; controls -> expertise; controls -> outcome; expertise -> outcome",
    assumptions=(
        "one hidden cause affects expertise and outcome, and both controls measure it with independent errors",
        "expertise does not affect the negative-control outcome, nor the negative-control exposure the outcome",
        "the hidden cause has a linear effect on the outcome, on the scale of the analysis",
        "the rating is the true level",
    ),
    estimate=double_negative_control,
    source="Tchetgen Tchetgen and others 2020 (arXiv:2009.10982); Miao, Geng and Tchetgen Tchetgen 2018",
    needed=(EXPOSURE, PROXY),
    beyond_schema=(EXPOSURE, PROXY),
    uses=("controls",),
)
