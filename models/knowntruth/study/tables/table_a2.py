"""Table A2: verified success by level of rated expertise, raw and adjusted for the controls of Table A1's column 5.

Table A1 fits one straight line through the levels; here each level has its own rate.
"""

from typing import Final

import pandas as pd

from knowntruth.datasets.schema.categories import LEVEL_NAMES, LEVELS
from knowntruth.study.estimation import analysis_sample, cells, estimates, tidy_rows
from knowntruth.study.estimation.adjusted_rates import fit_by_level
from knowntruth.study.estimation.estimates import NAN, Estimate
from knowntruth.study.estimation.tidy_rows import Row, published_row
from knowntruth.study.tables.table_a1 import COLUMNS as A1_COLUMNS
from knowntruth.study.tables.table_a1 import regression_sample, without_small_cells

COLUMNS: Final = A1_COLUMNS
"""Observed columns that the table reads."""


def table_a2(observed: pd.DataFrame) -> pd.DataFrame:
    """Return counts, shares, raw rates, coefficients against novice and adjusted rates, level by level.

    Raises
    ------
    InputError
        If a column of `COLUMNS` is missing.
    """
    analysis_sample.require_columns(observed, COLUMNS)
    sample = regression_sample(observed)
    scale = analysis_sample.scale_to_published(observed)
    return tidy_rows.table([*_raw(sample, scale), *_adjusted(sample), *_overall(sample)])


def _raw(sample: pd.DataFrame, scale: float) -> list[Row]:
    rows: list[Row] = []
    for level, name in zip(LEVELS, LEVEL_NAMES, strict=True):
        at = sample["rated_expertise"].eq(level)
        sessions = sample[at]
        share = estimates.percent(at, sample["user_id"])
        rows += [
            published_row(f"a2_sessions_{name}", share.times(len(sample) * scale / 100)),
            published_row(f"derived_share_{name}", share),
            published_row(
                f"verified_success_raw_{name}", estimates.percent(sessions["verified_success"], sessions["user_id"])
            ),
        ]
    return rows


def _adjusted(sample: pd.DataFrame) -> list[Row]:
    levels = fit_by_level(without_small_cells(sample, cells.PREFERRED), "verified_success")
    rates = [
        published_row(f"verified_success_adj_{name}", levels.rate([level]).times(100))
        for level, name in zip(LEVELS, LEVEL_NAMES, strict=True)
    ]
    contrasts = [
        published_row(f"verified_success_coef_vs_novice_{name}", levels.contrast(level).times(100))
        for level, name in zip(LEVELS[1:], LEVEL_NAMES[1:], strict=True)
    ]
    return [*rates, *contrasts, _ratio(levels.rate([5]), levels.rate([1]))]


def _ratio(expert: Estimate, novice: Estimate) -> Row:
    return published_row("expert_novice_ratio_text", estimates.ratio(expert, novice))


def _overall(sample: pd.DataFrame) -> list[Row]:
    users = sample["user_id"]
    rating = estimates.mean(sample["rated_expertise"], users)
    spread = float(sample["rated_expertise"].std(ddof=0)) if len(sample) else NAN
    return [
        published_row("derived_verified_success_overall_raw", estimates.percent(sample["verified_success"], users)),
        published_row("derived_mean_expertise", rating),
        tidy_rows.unpublished_row(
            "standard deviation of the expertise rating",
            "levels 1-5",
            "scale points",
            Estimate(spread, NAN, len(sample)),
        ),
    ]
