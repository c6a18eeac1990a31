from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from knowntruth.study.estimation import cells
from knowntruth.study.estimation.adjusted_rates import fit_by_level
from knowntruth.study.tables.figure_5 import figure_5
from knowntruth.study.tables.table_a1 import regression_sample, without_small_cells
from knowntruth.study.tables.table_a2 import table_a2

Sessions = Callable[..., pd.DataFrame]


@pytest.fixture(scope="module")
def sample(observed: pd.DataFrame) -> pd.DataFrame:
    return without_small_cells(regression_sample(observed), cells.PREFERRED)


def test_rates_average_to_the_rate_of_the_sample(sample: pd.DataFrame) -> None:
    levels = fit_by_level(sample, "verified_success")
    rates = np.array([levels.rate([level]).value for level in range(1, 6)])
    assert rates @ levels.counts / levels.counts.sum() == pytest.approx(sample["verified_success"].mean())
    assert levels.rate((1, 2, 3, 4, 5)).value == pytest.approx(sample["verified_success"].mean())


def test_a_contrast_is_the_difference_of_its_rates(sample: pd.DataFrame) -> None:
    levels = fit_by_level(sample, "judged_success")
    assert levels.contrast(5, 2).value == pytest.approx(levels.rate([5]).value - levels.rate([2]).value)
    assert levels.contrast(5, 2).value == pytest.approx(-levels.contrast(2, 5).value)


def test_without_cells_rates_and_errors_are_those_of_the_raw_levels(observed: pd.DataFrame) -> None:
    whole = without_small_cells(regression_sample(observed), ())
    levels = fit_by_level(whole, "verified_success")
    for level in range(1, 6):
        raw = whole.loc[whole["rated_expertise"].eq(level), "verified_success"]
        got = levels.rate([level])
        assert got.value == pytest.approx(raw.mean())
        binomial = np.sqrt(raw.mean() * (1 - raw.mean()) / len(raw))
        # Sessions of a user are independent here, so clustering changes the error by its own noise alone.
        assert got.standard_error == pytest.approx(binomial, rel=0.15)


def test_a_level_that_stands_alone_in_its_cells_is_set_aside(sample: pd.DataFrame) -> None:
    alone = sample["rated_expertise"].eq(1)
    moved = sample.assign(cell=sample["cell"].where(~alone, -1))
    levels = fit_by_level(moved, "verified_success")
    without = fit_by_level(sample[~alone], "verified_success")
    assert np.isnan(levels.rate([1]).value) and np.isnan(levels.contrast(5).value)
    assert levels.contrast(5, 2).value == pytest.approx(without.contrast(5, 2).value)
    assert levels.rate([3]).value == pytest.approx(without.rate([3]).value)


def test_adjustment_removes_sorting_into_modes_and_raw_rates_do_not(sessions_of: Sessions, known: Any) -> None:
    frame = table_a2(sessions_of(24_000, seed=31, sorting=2.5)).set_index("key")
    truth = 100 * 4 * known.slope
    adjusted = frame.loc["verified_success_coef_vs_novice_expert"]
    assert abs(adjusted["value"] - truth) < 4 * adjusted["standard_error"]
    expert, novice = (frame.loc[f"verified_success_raw_{name}"] for name in ("expert", "novice"))
    error = np.hypot(expert["standard_error"], novice["standard_error"])
    assert expert["value"] - novice["value"] - truth > 4 * error


def test_figure_5_ranges_pool_their_levels(observed: pd.DataFrame) -> None:
    frame = figure_5(observed)
    by_group = frame[
        frame["quantity"].str.startswith("at least partial, adjusted") | frame["key"].str.contains("partial")
    ]
    pooled = frame.set_index("key").loc["partial_success_intermediate_up", "value"]
    levels = by_group[by_group["group"].isin(["3 intermediate", "4 advanced", "5 expert"])]["value"]
    assert levels.min() <= pooled <= levels.max()


def test_figure_5_trouble_panel_reads_troubled_sessions_only(observed: pd.DataFrame) -> None:
    calm = ~observed["trouble"]
    changed = observed.assign(
        judged_failure=observed["judged_failure"] & ~calm, abandoned=observed["abandoned"] | calm
    )
    before, after = (figure_5(each).set_index("key")["value"] for each in (observed, changed))
    for key in ("abandoned_trouble_novice", "judged_failure_trouble_expert_fig5"):
        assert before[key] == pytest.approx(after[key])
