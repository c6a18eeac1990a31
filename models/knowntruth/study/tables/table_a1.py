"""Table A1: the change in the probability of verified success per level of rated expertise.

A linear probability model of verified success on the rating, 1-5 as a number, in six columns that add controls
in turn. `knowntruth.study.estimation.cells` explains how the controls are interpreted. Column 5 is the study's
preferred one. Rows with an empty key are cells of the printed table that we could not read.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from knowntruth.study.estimation import analysis_sample, cells, regression, tidy_rows
from knowntruth.study.estimation.estimates import NAN, Estimate
from knowntruth.study.figures import key_if_published

COLUMNS: Final = (
    "user_id", "rated_expertise", "verified_success", "clear_goal", "mode", "value_band", "month",
    "task_occupation", "user_occupation", "model_tier", "prompts", "model_calls",
)  # fmt: skip
"""Observed columns that the table reads."""


@dataclass(frozen=True, slots=True)
class Specification:
    """One column of the table: its crossed controls and further regressors."""

    number: int
    label: str
    controls: tuple[str, ...]
    covariates: tuple[str, ...] = ()


SPECIFICATIONS: Final = (
    Specification(1, "column 1: none", ()),
    Specification(2, "column 2: work mode × task-value band", cells.MODE_VALUE),
    Specification(3, "column 3: + month", cells.MONTHLY),
    Specification(4, "column 4: + occupation of the work", cells.WORK),
    Specification(5, "column 5: + user occupation (preferred)", cells.PREFERRED),
    Specification(
        6,
        "column 6: + model tier × session-length band, ln(model calls), ln(prompts)",
        (*cells.PREFERRED, "model_tier", "length_band"),
        ("log_model_calls", "log_prompts"),
    ),
)


def table_a1(observed: pd.DataFrame) -> pd.DataFrame:
    """Return slope, R², sessions and cells of each column of Table A1; sessions scaled to the published size.

    Raises
    ------
    InputError
        If a column of `COLUMNS` is missing.
    """
    analysis_sample.require_columns(observed, COLUMNS)
    sample = regression_sample(observed)
    scale = analysis_sample.scale_to_published(observed)
    return tidy_rows.table(row for each in SPECIFICATIONS for row in _column(sample, each, scale))


def regression_sample(observed: pd.DataFrame) -> pd.DataFrame:
    """Return the rated sessions with a clear goal, with the derived controls of all columns."""
    sample = cells.add_derived_controls(analysis_sample.rated(analysis_sample.with_clear_goal(observed)))
    return sample.assign(log_model_calls=np.log(sample["model_calls"]), log_prompts=np.log(sample["prompts"]))


def without_small_cells(sample: pd.DataFrame, controls: tuple[str, ...]) -> pd.DataFrame:
    """Return the sessions of ``sample`` in cells of ``controls`` that are large enough, with their ``cell``."""
    return cells.suppress_small_cells(sample, controls, cells.min_users_per_cell(len(sample)))


def _column(sample: pd.DataFrame, column: Specification, scale: float) -> list[tidy_rows.Row]:
    kept = without_small_cells(sample, column.controls)
    fitted = regression.fit(kept, "verified_success", ("rated_expertise", *column.covariates))
    n, everyone = len(kept), len(sample)
    numbers = (
        ("coef", "change in P(verified success) per expertise level", "probability per level", fitted.estimate()),
        ("sessions", "regression sessions", "sessions", Estimate(n * scale if everyone else NAN, NAN, everyone)),
        ("r2", "regression R-squared", "R2", Estimate(fitted.r_squared, NAN, n)),
        ("fe_cells", "fixed-effect cells", "cells", Estimate(fitted.cells if n else NAN, NAN, n)),
    )
    return [
        tidy_rows.make_row(key_if_published(f"a1_{part}_col{column.number}"), quantity, column.label, unit, estimate)
        for part, quantity, unit, estimate in numbers
    ]
