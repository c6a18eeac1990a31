"""Agreement between labels: judged outcome by strength of the evidence, and code modes by telemetry.

The study shows these as validation. Three readings of one transcript by one model family agree partly because
they share its errors, so agreement here is weak evidence of truth.
"""

from typing import Final

import pandas as pd

from knowntruth.study.estimation import analysis_sample, estimates, tidy_rows
from knowntruth.study.estimation.tidy_rows import Row
from knowntruth.study.figures import key_if_published

COLUMNS: Final = (
    "user_id", "outcome", "success_signal", "failure_signal", "mode", "lines_added", "lines_removed",
)  # fmt: skip
"""Observed columns that the table reads."""

CODE_LABELLED: Final = ("build", "fix")
"""Modes whose label states that code was written or changed."""


def signals(observed: pd.DataFrame) -> pd.DataFrame:
    """Return the share judged succeeded at each signal strength, and code sessions with changed lines.

    Raises
    ------
    InputError
        If a column of `COLUMNS` is missing.
    """
    analysis_sample.require_columns(observed, COLUMNS)
    by_signal = [_succeeded(observed, kind, level) for kind in ("success", "failure") for level in range(6)]
    code = observed[observed["mode"].isin(CODE_LABELLED)]
    changed = (code["lines_added"] + code["lines_removed"]).gt(0)
    agreement = tidy_rows.published_row("telemetry_agreement_code", estimates.percent(changed, code["user_id"]))
    return tidy_rows.table([*by_signal, agreement])


def _succeeded(observed: pd.DataFrame, kind: str, level: int) -> Row:
    sessions = observed[observed[f"{kind}_signal"].eq(level)]
    share = estimates.percent(sessions["outcome"].eq("succeeded"), sessions["user_id"])
    key = key_if_published(f"p_succeeded_{kind}_signal_{level}")
    return tidy_rows.make_row(key, "P(judged Succeeded)", f"{kind} signal {level}", "percent", share)
