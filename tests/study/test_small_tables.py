"""The tables that are shares and means, against arithmetic done by hand."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from knowntruth.study.figures import figure
from knowntruth.study.tables.figure_1 import figure_1
from knowntruth.study.tables.figure_2 import figure_2
from knowntruth.study.tables.figure_3 import figure_3
from knowntruth.study.tables.figure_4 import figure_4
from knowntruth.study.tables.figure_6 import figure_6
from knowntruth.study.tables.occupations import occupations
from knowntruth.study.tables.sample import sample
from knowntruth.study.tables.signals import signals

Sessions = Callable[..., pd.DataFrame]


def _values(frame: pd.DataFrame) -> "pd.Series[float]":
    return frame[frame["key"].ne("")].set_index("key")["value"]


def test_figure_1_shares_add_up(observed: pd.DataFrame) -> None:
    frame = figure_1(observed)
    assert frame["value"].head(9).sum() == pytest.approx(100)
    values = _values(frame)
    assert values["mode_share_plan_plus_understand"] == pytest.approx(
        values["mode_share_plan"] + values["mode_share_understand"]
    )
    assert values["mode_share_fix"] == pytest.approx(100 * observed["mode"].eq("fix").mean())


def test_figure_2_bins_hold_every_session_once() -> None:
    shares = [0.0, 0.1, 0.55, 0.95, 1.0, None]
    frame = pd.DataFrame({"user_id": range(6), "planning_share_user": shares, "execution_share_user": shares})
    table = figure_2(frame)
    planning = table[table["quantity"].str.contains("planning") & table["group"].str.startswith("bin")]
    assert table["n"].eq(5).all()
    by_key = _values(table)
    assert by_key["fig2_planning_bin_0_10"] == pytest.approx(40)  # agent's share 0 and 0.05
    assert by_key["fig2_execution_bin_90_100"] == pytest.approx(40)  # agent's share 1 and 0.9
    assert by_key["user_share_planning_decisions"] == pytest.approx(52)
    assert by_key["claude_share_execution_decisions"] == pytest.approx(48)
    assert len(planning) >= 7


def test_figure_3_finds_the_effect_that_was_put_in(sessions_of: Sessions, known: Any) -> None:
    frame = figure_3(sessions_of(24_000, seed=41, sorting=2.5)).set_index("key")
    row = frame.loc["actions_per_level_adjusted"]
    assert abs(row["value"] - 100 * math.expm1(known.actions_per_level)) < 4 * row["standard_error"]
    raw = frame.loc["actions_per_prompt_expert_fig3", "value"] / frame.loc["actions_per_prompt_novice_fig3", "value"]
    assert raw > math.exp(4 * known.actions_per_level) * 1.02  # experts also choose busier modes


def test_figure_3_levels_are_geometric_means(observed: pd.DataFrame) -> None:
    novices = observed.loc[observed["rated_expertise"].eq(1), "actions_per_prompt"]
    got = _values(figure_3(observed))["actions_per_prompt_novice_fig3"]
    assert got == pytest.approx(math.exp(np.log(novices).mean()))


def test_figure_4_growth_and_change(observed: pd.DataFrame) -> None:
    values = _values(figure_4(observed))
    by_month = observed.groupby("month", observed=True)["price_usd"].mean()
    assert values["value_growth_all_body"] == pytest.approx(100 * (by_month["2026-04"] / by_month["2025-10"] - 1))
    assert values["derived_mode_share_change_fix"] == pytest.approx(
        values["mode_share_fix_apr"] - values["mode_share_fix_oct"]
    )


def test_figure_6_takes_code_with_a_clear_goal(observed: pd.DataFrame) -> None:
    kept = observed[
        observed["code_producing"] & observed["clear_goal"] & observed["user_occupation"].eq("software_math")
    ]
    values = _values(figure_6(observed))
    assert values["fig6_verified_software_math"] == pytest.approx(100 * kept["verified_success"].mean())
    assert values["fig6_partial_software_math"] == pytest.approx(100 * kept["at_least_partial"].mean())


def test_occupation_gap_rank_and_distance(observed: pd.DataFrame) -> None:
    lawyers = observed["user_occupation"].eq("sales")
    frame = observed.assign(
        verified_success=observed["verified_success"] & ~(lawyers & (observed["session_id"] % 2 == 0))
    )
    values, six = _values(occupations(frame)), _values(figure_6(frame))
    widest = six["fig6_verified_software_math"] - six["fig6_verified_sales_reading_a"]
    assert values["occupation_max_gap_text"] == pytest.approx(widest)
    assert values["occupation_rank_1"] == 1
    gap = values["verified_success_software_code"] - values["verified_success_other_code"]
    assert values["occupation_gap_code"] == pytest.approx(gap)


def test_a_handful_of_people_do_not_make_the_largest_gap(observed: pd.DataFrame) -> None:
    few = observed.index[:10]
    frame = observed.assign(user_occupation=observed["user_occupation"].astype(str))
    frame.loc[few, ["user_occupation", "verified_success", "code_producing", "clear_goal"]] = [
        "legal",
        True,
        True,
        True,
    ]
    assert _values(occupations(frame))["occupation_max_gap_text"] < 30


def test_sample_counts_users_at_the_published_size() -> None:
    frame = pd.DataFrame(
        {
            "user_id": [1] * 6 + [2, 2, 3, 4],
            "clear_goal": [True] * 9 + [False],
            "user_occupation": ["unclear"] * 3 + ["legal"] * 7,
            "prompts": [1, 2, 3, 4, 5, 6, 7, 8, 9, 40],
            "actions_per_prompt": [10.0] * 8 + [100.0, 101.0],
            "words_per_prompt": [1000.0] * 10,
            "rated_expertise": [3.0] * 10,
        }
    )
    values, everyone = _values(sample(frame)), figure("n_users_exact").value
    assert values["n_users_more_than_1_session"] == pytest.approx(everyone / 2)
    assert values["n_users_more_than_5_sessions"] == pytest.approx(everyone / 4)
    assert values["no_clear_goal_share"] == pytest.approx(10)
    assert values["occupation_unclear_share"] == pytest.approx(30)
    assert values["turns_per_session"] == pytest.approx(8.5)
    assert values["share_sessions_over_100_actions"] == pytest.approx(10)
    assert values["actions_per_prompt_mean"] == pytest.approx(28.1)


def test_signals_by_strength(observed: pd.DataFrame) -> None:
    frame = observed.assign(success_signal=np.where(observed["verified_success"], 5, observed["success_signal"]))
    values = _values(signals(frame))
    strong = frame["success_signal"].eq(5)
    assert values["p_succeeded_success_signal_5"] == pytest.approx(
        100 * frame.loc[strong, "outcome"].eq("succeeded").mean()
    )
    code = frame[frame["mode"].isin(["build", "fix"])]
    touched = (code["lines_added"] + code["lines_removed"]).gt(0)
    assert values["telemetry_agreement_code"] == pytest.approx(100 * touched.mean())
