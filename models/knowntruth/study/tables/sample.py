"""The sample in a few numbers: exclusions, length of sessions, and sessions per user.

Counts of users are given at the size of the published sample, so that a smaller simulation can be compared.
"""

from typing import Final

import pandas as pd

from knowntruth.datasets.schema.categories import UNCLEAR
from knowntruth.study.estimation import analysis_sample, estimates, tidy_rows
from knowntruth.study.estimation.estimates import NAN, Estimate
from knowntruth.study.estimation.tidy_rows import Row, published_row
from knowntruth.study.figures import figure

COLUMNS: Final = (
    "user_id", "clear_goal", "user_occupation", "prompts", "actions_per_prompt", "words_per_prompt",
    "rated_expertise",
)  # fmt: skip
"""Observed columns that the table reads."""

LONG_TAIL: Final = 100
"""A session with more actions per prompt belongs to the tail, as the study defines it."""


def sample(observed: pd.DataFrame) -> pd.DataFrame:
    """Return the shares excluded, session length and activity, and users by number of sessions.

    Raises
    ------
    InputError
        If a column of `COLUMNS` is missing.
    """
    analysis_sample.require_columns(observed, COLUMNS)
    return tidy_rows.table([*_exclusions(observed), *_activity(observed), *_users(observed)])


def _exclusions(observed: pd.DataFrame) -> list[Row]:
    users, unclear = observed["user_id"], observed["user_occupation"].eq(UNCLEAR)
    no_rating = estimates.percent(observed["rated_expertise"].isna(), users)
    return [
        published_row("no_clear_goal_share", estimates.percent(~observed["clear_goal"].astype(bool), users)),
        published_row("occupation_unclear_share", estimates.percent(unclear, users)),
        published_row("occupation_inferred_share", estimates.percent(~unclear, users)),
        tidy_rows.unpublished_row("sessions with expertise Unclear", "all", "percent", no_rating),
    ]


def _activity(observed: pd.DataFrame) -> list[Row]:
    users, actions, prompts = (observed[name] for name in ("user_id", "actions_per_prompt", "prompts"))
    return [
        # "About four": mean or median is not stated. The mean, like the other two numbers of that sentence.
        published_row("turns_per_session", estimates.mean(prompts, users)),
        tidy_rows.unpublished_row("turns per session", "median", "turns", estimates.median(prompts)),
        published_row("actions_per_prompt_mean", estimates.mean(actions, users)),
        published_row("words_per_turn_mean", estimates.mean(observed["words_per_prompt"], users)),
        published_row("share_sessions_over_100_actions", estimates.percent(actions.gt(LONG_TAIL), users)),
    ]


def _users(observed: pd.DataFrame) -> list[Row]:
    counts = observed["user_id"].value_counts()
    accounts = counts.index.to_series()
    repeated = estimates.mean(counts.gt(1), accounts)
    often = estimates.mean(counts.gt(5), accounts)
    everyone = figure("n_users_exact").value
    per_user = Estimate(len(observed) / len(counts), NAN, len(observed)) if len(counts) else estimates.EMPTY
    return [
        published_row("n_users_more_than_1_session", repeated.times(everyone)),
        published_row("derived_repeat_user_share", repeated.times(100)),
        published_row("n_users_more_than_5_sessions", often.times(everyone)),
        published_row("derived_sessions_per_user", per_user),
    ]
