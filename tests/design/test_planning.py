"""Sizes against closed forms, beliefs against their prior, and a plan that its own diagnosis bears out."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from knowntruth.common.errors import InputError
from knowntruth.design.planning.plan_study import plan_study
from knowntruth.design.planning.prior_predictive import PriorPredictiveSource
from knowntruth.design.planning.size import (
    MAX_SESSIONS,
    Pilot,
    Variance,
    cheapest_size,
    fit_variance,
    target_variance,
)
from knowntruth.design.planning.target import Target
from knowntruth.design.replication.plan import replicate_seed
from knowntruth.design.replication.registry import find_analysis
from knowntruth.design.sources.parameter_grid import vary
from knowntruth.design.sources.world_source import world_source
from knowntruth.world.definition.world import load
from knowntruth.world.truths.estimands import truth


def pilots(of_session=400.0, of_audit=0.0, effect=0.5):
    sizes = [(1000, 100), (4000, 100), (4000, 800)] if of_audit else [(1000, 0), (4000, 0)]
    known = Variance(of_session, of_audit)
    return [Pilot(n, m, effect, known.at(n, m), 1.0) for n, m in sizes]


@pytest.mark.parametrize("of_audit", [0.0, 3.0])
def test_the_parts_of_a_variance_are_found(of_audit):
    found = fit_variance(pilots(of_audit=of_audit))
    assert (found.of_session, found.of_audit) == pytest.approx((400.0, of_audit))


def test_the_wanted_width_is_that_of_the_variance():
    wanted = target_variance(Target(width=0.2), pilots())
    assert 2 * 1.96 * sqrt(wanted) == pytest.approx(0.2, rel=1e-4)


def test_the_wanted_power_is_that_of_a_normal_estimate():
    wanted = target_variance(Target(power=0.8), pilots(effect=0.5))
    assert norm.cdf(0.5 / sqrt(wanted) - norm.ppf(0.975)) == pytest.approx(0.8)
    assert target_variance(Target(power=0.8), pilots(effect=-0.1)) == 0.0


def test_the_cheapest_pair_is_the_cheapest():
    variance, wanted, cost = Variance(400.0, 9.0), 0.01, 60.0
    sessions, audited = cheapest_size(variance, wanted, cost)
    assert variance.at(sessions, audited) == pytest.approx(wanted, rel=1e-3)
    best = sessions + cost * audited
    for other in np.geomspace(0.3, 3, 25) * audited:
        left = wanted - variance.of_audit / other
        if left > 0:
            assert variance.of_session / left + cost * other >= best * (1 - 1e-3)


def test_what_no_size_reaches_is_told():
    with pytest.raises(InputError, match="no number of sessions reaches the target"):
        cheapest_size(Variance(400.0, 0.0), 0.0, 50.0)
    with pytest.raises(InputError, match=f"more than the {MAX_SESSIONS:,} that are planned at most"):
        cheapest_size(Variance(400.0, 0.0), 1e-9, 50.0)
    with pytest.raises(InputError, match="no pilot study had an answer"):
        fit_variance([Pilot(1000, 0, np.nan, np.nan, np.nan)])


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "give one target"),
        ({"width": 0.1, "power": 0.8}, "give one target"),
        ({"width": -1.0}, "the width must be above 0, got -1.0"),
        ({"power": 1.2}, "the power must be a probability"),
    ],
)
def test_impossible_targets_are_refused(asked, message):
    with pytest.raises(InputError, match=message):
        Target(**asked)


def test_a_replicate_reaches_a_target_on_the_side_of_the_truth_only():
    rows = pd.DataFrame({
        "lower": [0.1, -0.3, -0.2, np.nan], "upper": [0.2, -0.1, 0.2, np.nan], "truth": 0.1, "no_effect": 0.0,
    })  # fmt: skip
    assert Target(power=0.5).reached(rows).tolist() == [1.0, 0.0, 0.0, 0.0]
    assert Target(width=0.25).reached(rows).tolist() == [1.0, 1.0, 0.0, 0.0]


def test_beliefs_are_drawn_around_the_world():
    source = PriorPredictiveSource(world_source(load("published"), 200), spread=0.5)
    drawn = np.log([list(source.strengths(replicate_seed(1, r)).values()) for r in range(400)])
    inside = drawn[np.abs(drawn) < np.log(3.0) - 1e-9]  # beyond that they are held
    assert abs(np.median(inside)) < 4 * 0.5 * 1.25 / sqrt(len(inside))
    assert inside.std() == pytest.approx(0.5, rel=0.12)
    assert len(source.draw(5).observed) == 200
    none = replace(source, spread=0.0)
    assert none.draw(5).observed.equals(source.around.draw(5).observed)


def test_the_strength_of_the_effect_can_be_varied():
    world = load("published")
    for times in (0.0, 1.0):
        value = truth(vary(world, {"effect": times})[0], 1500, seed=1).query("estimand == 'activity_ratio'")["value"]
        same = truth(world, 1500, seed=1).query("estimand == 'activity_ratio'")["value"]
        assert value.tolist() == ([1.0] * 4 if times == 0 else same.tolist())


@pytest.mark.slow
def test_a_plan_is_borne_out_by_diagnosing_there():
    made = plan_study(load("confounded"), find_analysis("naive"), Target(width=0.25), replicates=40,
                      sizes=(600, 1200), workers=1)  # fmt: skip
    check = made.sizes.iloc[-1]
    assert made.holds
    assert check["sessions"] == made.sessions
    assert check["value"] == pytest.approx(0.25, rel=0.1)
    assert 0 < made.users <= made.sessions
    assert made.audited == 0
    assert made.assurance["value"].is_monotonic_increasing
