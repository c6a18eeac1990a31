"""Figure 1: what the sessions are for, as shares of the nine work modes.

Some of the study's sentences pool modes; here they are sums over the same sessions, not of rounded shares.
"""

from collections.abc import Collection
from typing import Final

import pandas as pd

from knowntruth.datasets.schema.categories import CODE_MODES, MODES
from knowntruth.study.estimation import analysis_sample, estimates, tidy_rows
from knowntruth.study.estimation.estimates import Estimate

COLUMNS: Final = ("user_id", "mode")
"""Observed columns that the table reads."""

POOLED: Final = {
    "mode_share_test_plus_orchestrate": ("test", "orchestrate"),
    "mode_share_plan_plus_understand": ("plan", "understand"),
    "mode_share_analyze_plus_communicate": ("analyze", "communicate"),
    "mode_share_code_four_modes": CODE_MODES,
}


def figure_1(observed: pd.DataFrame) -> pd.DataFrame:
    """Return the share of sessions in each work mode, in percent.

    Raises
    ------
    InputError
        If a column of `COLUMNS` is missing.
    """
    analysis_sample.require_columns(observed, COLUMNS)
    single = [tidy_rows.published_row(f"mode_share_{mode}", share(observed, (mode,))) for mode in MODES]
    pooled = [tidy_rows.published_row(key, share(observed, modes)) for key, modes in POOLED.items()]
    return tidy_rows.table([*single, *pooled])


def share(observed: pd.DataFrame, modes: Collection[str]) -> Estimate:
    """Return the share of sessions in any of ``modes``, in percent."""
    return estimates.percent(observed["mode"].isin(list(modes)), observed["user_id"])
