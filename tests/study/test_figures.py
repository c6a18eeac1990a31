import math
from collections import Counter

import pytest

from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.categories import LEVEL_NAMES
from knowntruth.study.figures import ROLES, by_key, by_role, figure, load

LEVELS = LEVEL_NAMES


def test_all_rows_are_there_once() -> None:
    keys = [each.key for each in load()]
    assert len(keys) == len(set(keys)) == 217


def test_every_row_says_where_it_comes_from() -> None:
    for each in load():
        assert each.role in ROLES
        assert each.source and each.unit and each.quantity and each.group, each.key


def test_a_third_of_the_usable_figures_is_kept_back_and_some_of_every_kind() -> None:
    usable = [each for each in load() if each.usable]
    held = Counter(each.kind for each in usable if each.role == "validate")
    assert sum(held.values()) >= len(usable) / 3
    assert set(held) == {each.kind for each in usable}


def test_every_kind_has_something_to_fit() -> None:
    assert {each.kind for each in by_role("calibrate")} == {each.kind for each in by_role("validate")}


def test_usable_figures_have_a_value_or_a_range_and_an_error() -> None:
    for each in load():
        if each.usable:
            assert math.isfinite(each.value) or each.lower < each.upper, each.key
            assert each.error > 0 and each.rounding > 0, each.key


def test_a_conflict_has_at_most_one_usable_side() -> None:
    sides = [
        ("actions_per_prompt_novice", "actions_per_prompt_novice_fig3"),
        ("value_growth_all_body", "value_growth_all_keyfindings"),
        ("fig6_verified_sales_reading_a", "fig6_verified_sales_reading_b"),
        ("mode_share_communicate_apr_fig4", "mode_share_writing_plus_analysis_apr"),
        ("a1_sessions_col1", "a1_caption_sessions"),
        ("n_sessions_exact", "n_sessions_rounded"),
    ]
    for pair in sides:
        assert sum(figure(key).usable for key in pair) <= 1, pair


def test_secondary_pieces_are_never_fitted() -> None:
    assert not [each.key for each in load() if each.usable and "secondary" in each.key]


def test_unknown_key_names_the_nearest() -> None:
    with pytest.raises(InputError, match="a1_coef_col5"):
        figure("a1_coef_colum5")


def test_unknown_role_lists_the_allowed() -> None:
    with pytest.raises(InputError, match="calibrate, validate, context"):
        by_role("fit")


def test_published_counts_add_up() -> None:
    assert sum(figure(f"a2_sessions_{name}").value for name in LEVELS) == figure("a1_sessions_col1").value


@pytest.mark.parametrize("name", LEVELS[1:])
def test_adjusted_rate_is_novice_rate_plus_coefficient(name: str) -> None:
    novice, coefficient, rate = (
        figure(key)
        for key in (
            "verified_success_adj_novice",
            f"verified_success_coef_vs_novice_{name}",
            f"verified_success_adj_{name}",
        )
    )
    room = novice.rounding + coefficient.rounding + rate.rounding
    assert abs(novice.value + coefficient.value - rate.value) <= room + 1e-9


def test_adjusted_rates_are_anchored_at_the_overall_rate() -> None:
    counts = [figure(f"a2_sessions_{name}").value for name in LEVELS]
    rates = [figure(f"verified_success_adj_{name}").value for name in LEVELS]
    mean = sum(n * rate for n, rate in zip(counts, rates, strict=True)) / sum(counts)
    assert abs(mean - figure("derived_verified_success_overall_raw").value) < 0.1  # two roundings of 0.05


def test_standard_errors_agree_with_the_published_intervals() -> None:
    for key, each in by_key().items():
        if key.startswith(("a1_coef", "verified_success_coef")):
            half = (each.upper - each.lower) / 2
            assert abs(half - 1.96 * each.standard_error) <= 2 * each.rounding, key
