"""What is declared is there: free dials are dials of the world, targets are the study's figures with their errors."""

import numpy as np
import pytest

from knowntruth.calibration.fitting.goodness_of_fit import count_within, goodness_of_fit, summarize
from knowntruth.calibration.fitting.parameters import load as free_dials
from knowntruth.calibration.fitting.parameters import parameters
from knowntruth.calibration.moments import targets as aims
from knowntruth.calibration.simulation.dial_paths import read_dial, turn_dials
from knowntruth.common.errors import InputError
from knowntruth.study.compare import compare
from knowntruth.study.figures import by_key, by_role
from knowntruth.study.tables.registry import compute
from knowntruth.world.definition.world import load
from knowntruth.world.simulate import simulate

SESSIONS = 12_000


@pytest.fixture(scope="module")
def comparison():
    return compare(compute(simulate(load("published"), SESSIONS, seed=3).observed.to_pandas()))


def test_every_free_dial_begins_within_its_range_and_says_why():
    rows = free_dials()
    assert len({row.dial for row in rows}) == len(rows)
    for row, parameter in zip(rows, parameters(load("published")), strict=True):
        assert row.lower <= parameter.start <= row.upper
        assert row.why


@pytest.mark.parametrize("end", ["lower", "upper"])
def test_both_ends_of_every_range_are_worlds(end):
    world = load("published")
    for row in free_dials():
        assert read_dial(turn_dials(world, {row.dial: getattr(row, end)}).values(), row.dial) == getattr(row, end)


def test_a_world_that_begins_outside_a_range_is_refused_in_words():
    with pytest.raises(InputError, match=r"goal_chance\.share is 0\.1.*0\.85 to 0\.98"):
        parameters(load("published").turn(goal_chance={"share": 0.1}))


def test_every_usable_figure_is_a_target_once(comparison):
    found = aims.targets(comparison, SESSIONS)
    assert [t.key for t in found] == [key for key, f in by_key().items() if f.usable]
    assert all(np.isfinite(t.error) and t.error > 0 for t in found)
    assert set(aims.READINGS) <= {t.key for t in found}


def test_printed_errors_stay_and_missing_ones_shrink_to_the_published_size(comparison):
    found = {t.key: t for t in aims.targets(comparison, SESSIONS)}
    assert found["a1_coef_col5"].standard_error == by_key()["a1_coef_col5"].standard_error
    here = comparison.set_index("key").standard_error["mode_share_build"]
    assert found["mode_share_build"].standard_error == pytest.approx(here * np.sqrt(SESSIONS / 398_198))


def test_a_figure_within_two_errors_or_half_its_rounding_is_within():
    each = aims.Target("k", "calibrate", 10.0, 0.1, 0.5, "")
    assert (each.within_errors(10.2), each.within_errors(10.21)) == (True, False)
    assert (each.within_rounding(9.5), each.within_rounding(9.49)) == (True, False)
    assert (each.within(10.4), each.within(10.6)) == (True, False)
    assert each.error == pytest.approx(np.hypot(0.1, 0.5 / np.sqrt(3)))


def test_figures_that_lose_a_conflict_are_neither_fitted_nor_predicted(comparison):
    found = {t.key for t in aims.targets(comparison, SESSIONS)}
    losers = {"mode_share_communicate_apr_fig4", "value_growth_all_keyfindings"}
    assert losers <= {f.key for f in by_role("context")}
    assert not losers & found


def test_counts_and_words_agree_with_the_table(comparison):
    table = goodness_of_fit(comparison, SESSIONS)
    fitted, predicted = count_within(table).to_dict("records")
    assert (fitted["figures"], predicted["figures"]) == (len(by_role("calibrate")), len(by_role("validate")))
    assert fitted["either"] == table[table.role.eq("calibrate") & table.within].shape[0]
    assert fitted["either"] <= fitted["errors"] + fitted["rounding"]
    assert f"{fitted['either']} of {fitted['figures']} figures that may be fitted" in summarize(table)
