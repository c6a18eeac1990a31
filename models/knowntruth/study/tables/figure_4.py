"""Figure 4: the change in modes and in the value of the work between the first and the last month.

Unadjusted, as published: users, models and modes all changed together over the seven months, so a trend here
is no evidence of its cause.
"""

from typing import Final

import pandas as pd

from knowntruth.datasets.schema.categories import MODES, MONTHS
from knowntruth.study.estimation import analysis_sample, estimates, tidy_rows
from knowntruth.study.estimation.estimates import Estimate
from knowntruth.study.estimation.tidy_rows import Row
from knowntruth.study.figures import key_if_published
from knowntruth.study.tables.figure_1 import share

COLUMNS: Final = ("user_id", "month", "mode", "price_usd")
"""Observed columns that the table reads."""

ENDS: Final = {"oct": MONTHS[0], "apr": MONTHS[-1]}

WRITING_AND_ANALYSIS: Final = ("communicate", "analyze")


def figure_4(observed: pd.DataFrame) -> pd.DataFrame:
    """Return mode shares in the first and last month, their change, and the growth of the mean price.

    Raises
    ------
    InputError
        If a column of `COLUMNS` is missing.
    """
    analysis_sample.require_columns(observed, COLUMNS)
    first, last = (observed[observed["month"].eq(month)] for month in ENDS.values())
    changes = [_change(mode, first, last) for mode in MODES]
    growths = [_growth(mode, first[first["mode"].eq(mode)], last[last["mode"].eq(mode)]) for mode in MODES]
    pooled = tidy_rows.published_row("value_growth_all_body", growth(first, last))
    key_findings = tidy_rows.published_row("value_growth_all_keyfindings", growth(first, last))
    return tidy_rows.table([*_ends(first, last), *changes, pooled, key_findings, *growths])


def growth(first: pd.DataFrame, last: pd.DataFrame) -> Estimate:
    """Return the growth of the mean price from ``first`` to ``last``, in percent."""
    means = [estimates.mean(month["price_usd"], month["user_id"]) for month in (last, first)]
    return estimates.ratio(*means).plus(-1).times(100)


def _ends(first: pd.DataFrame, last: pd.DataFrame) -> list[Row]:
    rows: list[Row] = []
    for end, month in zip(ENDS, (first, last), strict=True):
        rows += [_end(mode, end, month) for mode in MODES]
        pooled = share(month, WRITING_AND_ANALYSIS)
        rows.append(tidy_rows.published_row(f"mode_share_writing_plus_analysis_{end}", pooled))
    return rows


def _end(mode: str, end: str, month: pd.DataFrame) -> Row:
    key = key_if_published(f"mode_share_{mode}_{end}") or key_if_published(f"mode_share_{mode}_{end}_fig4")
    group = f"{mode}, {ENDS[end]}"
    return tidy_rows.make_row(key, "share of sessions by work mode", group, "percent", share(month, (mode,)))


def _change(mode: str, first: pd.DataFrame, last: pd.DataFrame) -> Row:
    change = estimates.difference(share(last, (mode,)), share(first, (mode,)))
    return tidy_rows.make_row(
        key_if_published(f"derived_mode_share_change_{mode}"), "change of share", mode, "percentage points", change
    )


def _growth(mode: str, first: pd.DataFrame, last: pd.DataFrame) -> Row:
    key, quantity = key_if_published(f"value_growth_{mode}"), "growth of estimated task value"
    return tidy_rows.make_row(key, quantity, mode, "percent", growth(first, last))
