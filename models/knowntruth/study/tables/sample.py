"""The sample in a few numbers: what is left out, how long sessions are, how often the same user comes back.

Counts of users are given at the size of the published sample, so that a smaller simulation can be compared.
"""

from typing import Final

import pandas as pd

from knowntruth.datasets.schema.categories import UNCLEAR
from knowntruth.study.estimation import estimates, kept_sessions, tidy_rows
from knowntruth.study.estimation.estimates import NAN, Estimate
from knowntruth.study.estimation.tidy_rows import Row, twin
from knowntruth.study.figures import figure

COLUMNS: Final = (
    "user_id", "clear_goal", "user_occupation", "prompts", "actions_per_prompt", "words_per_prompt",
    "rated_expertise",
)  # fmt: skip
"""Observed columns that the table reads."""

LONG_TAIL: Final = 100
"""Actions per prompt beyond which the study counts a session to the tail."""


def sample(observed: pd.DataFrame) -> pd.DataFrame:
    """Return shares left out, session length and activity, and users by number of sessions.

    Raises
    ------
    InputError
        If a column of `COLUMNS` is missing.
    """
    kept_sessions.require(observed, COLUMNS)
    return tidy_rows.table([*_left_out(observed), *_activity(observed), *_users(observed)])


def _left_out(observed: pd.DataFrame) -> list[Row]:
    users, unclear = observed["user_id"], observed["user_occupation"].eq(UNCLEAR)
    no_rating = estimates.percent(observed["rated_expertise"].isna(), users)
    return [
        twin("no_clear_goal_share", estimates.percent(~observed["clear_goal"].astype(bool), users)),
        twin("occupation_unclear_share", estimates.percent(unclear, users)),
        twin("occupation_inferred_share", estimates.percent(~unclear, users)),
        tidy_rows.extra("sessions with expertise Unclear", "all", "percent", no_rating),
    ]


def _activity(observed: pd.DataFrame) -> list[Row]:
    users, actions, prompts = (observed[name] for name in ("user_id", "actions_per_prompt", "prompts"))
    return [
        # "About four": whether mean or median is not said. The mean, like the other two numbers of that sentence.
        twin("turns_per_session", estimates.mean(prompts, users)),
        tidy_rows.extra("turns per session", "median", "turns", estimates.median(prompts)),
        twin("actions_per_prompt_mean", estimates.mean(actions, users)),
        twin("words_per_turn_mean", estimates.mean(observed["words_per_prompt"], users)),
        twin("share_sessions_over_100_actions", estimates.percent(actions.gt(LONG_TAIL), users)),
    ]


def _users(observed: pd.DataFrame) -> list[Row]:
    counts = observed["user_id"].value_counts()
    accounts = counts.index.to_series()
    again = estimates.mean(counts.gt(1), accounts)
    often = estimates.mean(counts.gt(5), accounts)
    everyone = figure("n_users_exact").value
    per_user = Estimate(len(observed) / len(counts), NAN, len(observed)) if len(counts) else estimates.EMPTY
    return [
        twin("n_users_more_than_1_session", again.times(everyone)),
        twin("derived_repeat_user_share", again.times(100)),
        twin("n_users_more_than_5_sessions", often.times(everyone)),
        twin("derived_sessions_per_user", per_user),
    ]
