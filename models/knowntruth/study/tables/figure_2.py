"""Figure 2: who decides, the person or the agent.

A classifier lists the meaningful decisions of a session, sorts them into planning and execution, and credits
each to one of the two. The figure shows the agent's share in ten bins; the text gives the person's mean share.
Sessions without a decision of a kind have no share and are left out there.
"""

from typing import Final

import pandas as pd

from knowntruth.study.estimation import analysis_sample, estimates, tidy_rows
from knowntruth.study.estimation.tidy_rows import Row
from knowntruth.study.figures import key_if_published

KINDS: Final = ("planning", "execution")

COLUMNS: Final = ("user_id", *(f"{kind}_share_user" for kind in KINDS))
"""Observed columns that the table reads."""


def figure_2(observed: pd.DataFrame) -> pd.DataFrame:
    """Return the mean decision shares and the histogram of the agent's share, in percent.

    Raises
    ------
    InputError
        If a column of `COLUMNS` is missing.
    """
    analysis_sample.require_columns(observed, COLUMNS)
    return tidy_rows.table(row for kind in KINDS for row in _kind(observed, kind))


def _kind(observed: pd.DataFrame, kind: str) -> list[Row]:
    column = f"{kind}_share_user"
    kept = observed[observed[column].notna()]
    users, by_user = kept["user_id"], estimates.mean(kept[column], kept["user_id"]).times(100)
    agent = 1.0 - kept[column].to_numpy(dtype="float64")
    # The tiny shift keeps a share such as 1 - 0.9 in the bin that its decimal form names.
    bins = pd.Series((agent * 10 + 1e-9).astype(int).clip(0, 9), index=kept.index)
    histogram = [_bin(kind, each, bins.eq(each), users) for each in range(10)]
    of_agent = by_user.times(-1).plus(100)
    agent_row = tidy_rows.make_row(
        key_if_published(f"claude_share_{kind}_decisions"),
        "decisions attributed to the agent",
        kind,
        "percent",
        of_agent,
    )
    return [tidy_rows.published_row(f"user_share_{kind}_decisions", by_user), agent_row, *histogram]


def _bin(kind: str, each: int, inside: "pd.Series[bool]", users: "pd.Series[int]") -> Row:
    low, high = 10 * each, 10 * each + 10
    quantity = f"share of sessions by agent's share of {kind} decisions"
    share = estimates.percent(inside, users)
    return tidy_rows.make_row(
        key_if_published(f"fig2_{kind}_bin_{low}_{high}"), quantity, f"bin {low}-{high}%", "percent", share
    )
