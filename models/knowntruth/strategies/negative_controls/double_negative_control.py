"""Two negative controls, an exposure and an outcome: together they stand in for what is hidden.

Both must be moved by the hidden cause; the *exposure* must not move the outcome, nor expertise the negative-control
*outcome*. Neither measures ability well, but the one corrects the other's errors: the negative-control outcome is
held as a stand-in for ability, with the negative-control exposure as its instrument (proximal causal inference by
two-stage least squares, with pyfixest). Columns of the session itself will rarely do; two tests of a person would.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.sample import enter, expected, number
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.fixed_effects import Instrument, regress, strength
from knowntruth.strategies.estimators.linear import controls, least_squares, level_columns

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "double_negative_control"
EXPOSURE: Final = "negative_control_exposure"
PROXY: Final = "negative_control_proxy"
"""The negative-control outcome; not that of `negative_control_outcome`, since it may be in any unit."""


def double_negative_control(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the contrast of two levels with the hidden cause held through its two stand-ins.

    Raises
    ------
    InputError
        If a column is missing, constant or has gaps, a level does not occur, or the two controls hardly go together.
    """
    for column in (EXPOSURE, PROXY):
        expected(column, observed, "bring two measures of what is hidden, say two tests of the person")
    needed = (EXPOSURE, PROXY, *question.controls)
    sample = enter(observed, question, needed=needed, varying=(EXPOSURE, PROXY))
    names, levels = level_columns(sample.level, question)
    instrument = Instrument(number(sample.frame, PROXY), number(sample.frame, EXPOSURE), PROXY, EXPOSURE)
    held = controls(sample.frame, question.controls)
    f = strength(sample, instrument, np.column_stack([levels, held]))
    least_squares(np.column_stack([levels, instrument.by, held]), sample.outcome, keep=1)  # refuses untold levels
    columns = {f"level{k}": levels[:, k] for k in range(len(names))}
    effect, error = regress(sample, columns, question.controls, instrument=instrument)["level0"]
    return question.answer(NAME, effect, error, sample, notes=f"first-stage F {f:.0f}")


STRATEGY: Final = Strategy(
    name=NAME,
    title="Negative-control exposure and outcome",
    arrows="[ability] -> expertise; [ability] -> outcome; [ability] -> negative_control_exposure;"
    " [ability] -> negative_control_proxy; controls -> expertise; controls -> outcome; expertise -> outcome",
    assumptions=(
        "one hidden cause moves expertise and outcome, and both controls show it, each with errors of its own",
        "expertise does not move the negative-control outcome, nor the negative-control exposure the outcome",
        "the hidden cause moves the outcome along a straight line, on the scale of the analysis",
        "the rating is the true level",
    ),
    answer=double_negative_control,
    source="Tchetgen Tchetgen and others 2020 (arXiv:2009.10982); Miao, Geng and Tchetgen Tchetgen 2018",
    needed=(EXPOSURE, PROXY),
    beyond_schema=(EXPOSURE, PROXY),
    uses=("controls",),
)
