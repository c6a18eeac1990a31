"""The pricer against the published holdout, and who is left out on the way from the traffic to the analyses."""

import numpy as np
import pytest

from knowntruth.study.figures import figure
from knowntruth.world.audits.exclusions import flow
from knowntruth.world.audits.holdout import OVERALL, TIERS, holdout
from knowntruth.world.definition.world import load

WORLD = load("published")


@pytest.fixture(scope="module")
def exact():
    """The instrument's own values, its holdout so large that nothing hangs on its luck."""
    return holdout(WORLD, 40_000, seed=1).set_index("tier")


@pytest.fixture(scope="module")
def asked():
    return holdout(WORLD, seed=1).set_index("tier")


@pytest.mark.parametrize("tier", [*TIERS, OVERALL])
def test_bias_by_tier_is_the_published_one(exact, asked, tier):
    """Within two errors of a holdout of the published size."""
    told = figure(f"value_holdout_bias_{tier}")
    assert abs(exact.loc[tier, "bias"] - told.value) < 2 * asked.loc[tier, "bias_error"] + told.rounding


@pytest.mark.parametrize("tier", [*TIERS, OVERALL])
def test_r2_by_tier_lies_in_the_published_interval(exact, tier):
    told = figure(f"value_holdout_logr2_{tier}")
    assert told.lower - told.rounding <= exact.loc[tier, "log_r2"] <= told.upper + told.rounding


def test_a_plain_pricer_misses_the_top_tier():
    """The negative control: without the bend the largest work is not priced low enough."""
    straight = holdout(WORLD.turn(price_usd={"slope_large": 0.59}), 40_000, seed=1).set_index("tier")
    told = figure("value_holdout_bias_5000_50000").value
    assert straight.loc["5000_50000", "bias"] > 1.5 * told


def test_compression_is_a_dial():
    spans = []
    for slope in (1.0, 0.59, 0.2):
        found = holdout(WORLD.turn(price_usd={"slope": slope, "slope_large": slope}), 2000, seed=1).set_index("tier")
        spans.append(found.loc["10_200", "bias"] / found.loc["5000_50000", "bias"])
    assert spans[0] < spans[1] < spans[2]
    perfect = holdout(WORLD.turn(price_usd={"perfect": True}), seed=1)
    assert np.allclose(perfect["bias"], 1.0)
    assert np.allclose(perfect["log_r2"], 1.0)


def test_postings_have_the_published_medians():
    from knowntruth.world.audits.holdout import _postings

    for prices, (low, high, median) in zip(np.split(_postings(4000, 2), 4), TIERS.values(), strict=True):
        assert low <= prices.min()
        assert prices.max() <= high
        assert abs((prices < median).mean() - 0.5) < 5 * 0.5 / np.sqrt(4000)


def test_exclusions_take_the_published_shares():
    steps = flow(WORLD, 40_000, seed=1).set_index("step")
    assert steps["sessions"].is_monotonic_decreasing
    assert steps["users"].is_monotonic_decreasing
    n = steps["sessions"]
    goal, told = steps.loc["with a clear goal", "left out"], figure("no_clear_goal_share")
    error = np.sqrt(goal * (1 - goal) / n["with a human turn"])
    assert abs(100 * goal - told.value) < 0.5 + 500 * error  # published as about
    unclear = steps.loc["with a known occupation", "left out"]
    assert abs(unclear - 0.30) < 0.005 + 5 * np.sqrt(0.21 / n["with a clear goal"])
    share = WORLD.values()["drawn"]["share"]
    drawn = 1 - steps.loc["drawn at random", "left out"]
    assert abs(drawn - share) < 5 * np.sqrt(share * (1 - share) / n["in the traffic"])


def test_the_draw_is_uniform_over_sessions():
    """A person with twice the traffic is drawn twice as often, whatever the share."""
    from knowntruth.world.running.run_mechanisms import run
    from knowntruth.world.running.sampling import traffic

    everyone = traffic(WORLD, 1, 0, 40_000)
    drawn = run(WORLD, everyone, ("drawn",))["drawn"]
    often = np.bincount(everyone.owner)[everyone.owner]
    for busy in (often == 1, often == 2, often > 5):
        share = drawn[busy].mean()
        assert abs(share - 0.5) < 5 * 0.5 / np.sqrt(busy.sum())


def test_a_thinner_draw_sees_fewer_of_the_same_sessions():
    from knowntruth.world.running.sampling import interactive, session_ids, traffic

    everyone = traffic(WORLD, 1, 0, 4000)
    found = [set(session_ids(interactive(WORLD.turn(drawn={"share": share}), everyone))) for share in (0.1, 0.5, 1.0)]
    assert found[0] < found[1] < found[2]
