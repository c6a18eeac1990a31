"""The instruments: perfect ones report the truth, dials do what they say, and rules are the study's."""

import numpy as np
import pytest

from knowntruth.datasets.schema.observed import OBSERVED
from knowntruth.world.definition.world import load, names
from knowntruth.world.simulate import simulate

PUBLISHED = load("published")
SESSIONS = 6000


def both(world, seed=4):
    data = simulate(world, SESSIONS, seed=seed)
    frame = data.observed.to_pandas().merge(data.truth.to_pandas(), on="session_id", validate="one_to_one")
    return frame


PERFECT = both(PUBLISHED.with_perfect_instruments())
SEEN = both(PUBLISHED)


@pytest.mark.parametrize(
    ("label", "truth"),
    [
        ("rated_expertise", "domain_expertise"),
        ("mode", "intended_mode"),
        ("user_occupation", "occupation"),
        ("price_usd", "true_value"),
        ("planning_share_user", "planning_share"),
        ("clear_goal", "goal"),
        ("execution_share_user", "execution_share"),
        ("verified_success", "true_verified_success"),
        ("judged_success", "true_success"),
        ("trouble", "trouble_met"),
    ],
)
def test_a_perfect_instrument_reports_the_truth_and_a_published_one_does_not(label, truth):
    perfect, seen = PERFECT, SEEN
    if label in ("verified_success", "judged_success"):
        perfect = perfect[perfect.goal]
    agree = (perfect[label].astype(object) == perfect[truth].astype(object)).to_numpy()
    assert agree.all()
    assert not (seen[label].astype(object) == seen[truth].astype(object)).fillna(False).all()


def test_the_same_sessions_are_seen_by_both():
    for column in ("prompts", "actions_per_prompt", "lines_added", "domain_expertise", "true_success"):
        assert np.array_equal(PERFECT[column], SEEN[column])


def test_derived_measures_follow_the_studys_rules():
    f = SEEN
    assert (f.verified_success == ((f.outcome == "succeeded") & (f.success_signal >= 4))).all()
    assert (f.trouble == (f.failure_signal >= 3)).all()
    assert (f.abandoned == (f.trouble & (f.outcome == "failed") & (f.lines_added == 0))).all()
    assert (f.at_least_partial == f.outcome.isin(["succeeded", "partial"])).all()
    assert (f.code_producing == (f.lines_added > 0)).all()
    assert (f.model_calls + f.tool_calls == np.round(f.actions_per_prompt * f.prompts)).all()


@pytest.mark.parametrize("name", names())
def test_observed_rows_keep_to_the_schema(name):
    data = simulate(load(name), 3000, seed=4)
    assert data.observed.column_names == [c.name for c in OBSERVED]
    frame = data.observed.to_pandas()
    for column in OBSERVED:
        values = frame[column.name]
        assert column.nullable or values.notna().all(), column.name
        if column.categories:
            assert set(values.dropna()) <= set(column.categories), column.name
        if column.minimum is not None:
            assert values.min() >= column.minimum, column.name
        if column.maximum is not None:
            assert values.max() <= column.maximum, column.name
    assert frame.session_id.is_unique


def test_observed_and_truth_share_only_the_session():
    data = simulate(PUBLISHED, 100, seed=4)
    assert set(data.observed.column_names) & set(data.truth.column_names) == {"session_id"}


def slope(frame, outcome="verified_success"):
    rated = frame[frame.rated_expertise.notna() & frame.clear_goal]
    return np.polyfit(rated.rated_expertise.astype(float), rated[outcome].astype(float), 1)[0]


def test_halo_alone_makes_a_slope_where_nothing_is_true():
    """In the null world the slope is the instrument's making, and more halo makes more of it."""
    null = load("null")
    slopes = [slope(both(null.turn(rated_expertise={"halo": halo}))) for halo in (-1.0, 0.0, 1.0)]
    assert slopes[0] < slopes[1] < slopes[2]
    error = 1 / np.sqrt(SESSIONS)  # outcome and rating both have standard deviations of at most one
    assert slopes[2] - slopes[0] > 10 * error * 0.5


def test_a_perfect_rater_finds_no_slope_in_the_null_world():
    frame = both(load("null").with_perfect_instruments())
    deviation = frame.verified_success.std() / frame.rated_expertise.astype(float).std()
    assert abs(slope(frame)) < 4 * deviation / np.sqrt(len(frame) / 1.5)


def test_truncation_hides_late_checks():
    long = both(PUBLISHED.turn(share_seen={"limit": 1e9}))
    short = both(PUBLISHED.turn(share_seen={"limit": 2000.0}))
    assert (short.share_seen <= long.share_seen).all()
    assert short.cue_checks.mean() < long.cue_checks.mean()


def test_more_context_leaves_fewer_occupations_unclear():
    unclear = SEEN.user_occupation == "unclear"
    longer = SEEN.transcript_characters > SEEN.transcript_characters.median()
    assert unclear[longer].mean() < unclear[~longer].mean()


def test_the_pricer_compresses_towards_the_middle():
    value, price = np.log(SEEN.true_value), np.log(SEEN.price_usd)
    assert 0 < np.polyfit(value, price, 1)[0] < 1


def test_unnoticed_errors_pass_the_judge():
    """The judge cannot see what nobody in the session saw: success is overrated where errors stay hidden."""
    hidden = SEEN[(SEEN.hidden_defects > 0) & SEEN.goal]
    assert hidden.true_success.sum() == 0
    assert hidden.judged_success.mean() > 0.1
