"""Find the true value that a claim is compared with in a table of true effects."""

import math
from typing import Final

import pandas as pd

from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.datasets.schema.estimands import estimand
from knowntruth.study.claims.implied_slope import implied_slope
from knowntruth.study.estimation import cells
from knowntruth.study.estimation.estimates import EMPTY, Estimate
from knowntruth.study.tables.figure_3 import activity_sample
from knowntruth.study.tables.table_a1 import regression_sample, without_small_cells

PER_LEVEL: Final = "per level"
"""The contrast of a claim about a straight line over the levels."""

COLUMNS: Final = ("estimand", "contrast", "value", "mcse", "n")
"""Columns that a table of true effects must have."""


def true_value(name: str, contrast: str, truth: pd.DataFrame | None, observed: pd.DataFrame) -> Estimate:
    """Return the true value of one contrast of one estimand, on the estimand's own scale.

    For `PER_LEVEL` it is the slope that the true effects imply in the study's own regression sample of
    ``observed``: a probability per level, or the factor per level for a ratio (the line is fitted to logs).

    Raises
    ------
    InputError
        If ``truth`` lacks a column.
    """
    if truth is None or not name:
        return EMPTY
    if missing := [column for column in COLUMNS if column not in truth.columns]:
        raise InputError(
            f"the table of true effects lacks {', '.join(missing)}; needed are {', '.join(COLUMNS)}; add them"
        )
    if contrast != PER_LEVEL:
        return _row(name, contrast, truth)
    effects = {level: _row(name, f"{level} vs 1", truth) for level in LEVELS[1:]}
    if estimand(name).scale == "difference":
        return implied_slope(effects, without_small_cells(regression_sample(observed), cells.PREFERRED))
    logs = {level: _log(each) for level, each in effects.items()}
    slope = implied_slope(logs, activity_sample(observed))
    factor = math.exp(slope.value)
    return Estimate(factor, factor * slope.standard_error, slope.n)


def _row(name: str, contrast: str, truth: pd.DataFrame) -> Estimate:
    """Return the first row of that name and contrast; `EMPTY` if there is none."""
    found = truth[truth["estimand"].eq(name) & truth["contrast"].eq(contrast)]
    if found.empty:
        return EMPTY
    return Estimate(float(found["value"].iloc[0]), float(found["mcse"].iloc[0]), int(found["n"].iloc[0]))


def _log(ratio: Estimate) -> Estimate:
    return Estimate(math.log(ratio.value), ratio.standard_error / ratio.value, ratio.n)
