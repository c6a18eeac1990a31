"""Figure 6: success by occupation in sessions that produced code, for the ten largest occupations.

Unadjusted. Sessions without a clear goal and users whose occupation is unclear are left out.
"""

from typing import Final

import pandas as pd

from knowntruth.study.estimation import analysis_sample, estimates, tidy_rows
from knowntruth.study.figures import key_if_published

MEASURES: Final = {"verified": "verified_success", "judged": "judged_success", "partial": "at_least_partial"}

GROUPS: Final = (
    "software_math", "management", "legal", "business_finance", "healthcare", "arts_design_media",
    "architecture_engineering", "education", "sciences", "sales",
)  # fmt: skip
"""The ten occupations of the published figure, in its order."""

COLUMNS: Final = ("user_id", "user_occupation", "clear_goal", "code_producing", *MEASURES.values())
"""Observed columns that the table reads."""


def figure_6(observed: pd.DataFrame) -> pd.DataFrame:
    """Return three success rates for each of ten occupations, in percent of code-producing sessions.

    Raises
    ------
    InputError
        If a column of `COLUMNS` is missing.
    """
    analysis_sample.require_columns(observed, COLUMNS)
    code = code_sessions(observed)
    return tidy_rows.table(row for group in GROUPS for row in _group(code, group))


def code_sessions(observed: pd.DataFrame) -> pd.DataFrame:
    """Return sessions with a clear goal, a known occupation and at least one line added."""
    kept = analysis_sample.with_occupation(analysis_sample.with_clear_goal(observed))
    return kept[kept["code_producing"].astype(bool)]


def _group(code: pd.DataFrame, group: str) -> list[tidy_rows.Row]:
    sessions = code[code["user_occupation"].eq(group)]
    rows: list[tidy_rows.Row] = []
    for measure, column in MEASURES.items():
        key = f"fig6_{measure}_{group}"
        quantity = f"{column.replace('_', ' ')}, code-producing sessions"
        estimate = estimates.percent(sessions[column], sessions["user_id"])
        # For Sales two transcriptions of the printed figure differ; reading A is used.
        published = key_if_published(key) or key_if_published(f"{key}_reading_a")
        rows.append(tidy_rows.make_row(published, quantity, group.replace("_", " "), "percent", estimate))
    return rows
