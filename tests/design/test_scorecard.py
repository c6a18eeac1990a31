"""The scorecard: areas against closed forms, worlds against what was drawn, runs that are kept."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import mannwhitneyu, norm

from knowntruth.common.errors import InputError
from knowntruth.design.scorecard.bias import classify_bias
from knowntruth.design.scorecard.card import curves, scorecard
from knowntruth.design.scorecard.examine import ScorecardSettings, examine
from knowntruth.design.scorecard.random_worlds import Threats, build_world, random_threats
from knowntruth.design.scorecard.roc import area, curve
from knowntruth.design.scorecard.scores import SCORES, score_rows
from knowntruth.design.scorecard.stored import write_scorecard
from knowntruth.world.definition.world import load
from knowntruth.world.truths.estimands import truth


def two_normals(m, n, apart, seed=1):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(m) + apart, rng.standard_normal(n)


def test_the_area_is_that_of_mann_and_whitney():
    cases, others = two_normals(80, 120, 1.0)
    cases, others = cases.round(1), others.round(1)  # with ties
    assert area(cases, others).value == pytest.approx(mannwhitneyu(cases, others).statistic / (80 * 120))


def test_the_interval_of_the_area_holds_it_as_often_as_it_says():
    """Two normals one apart have an area of Φ(1/√2); 400 samples, a two-sided binomial band."""
    true = norm.cdf(1 / np.sqrt(2))
    found = [area(*two_normals(60, 60, 1.0, seed)) for seed in range(400)]
    held = np.mean([each.lower <= true <= each.upper for each in found])
    assert abs(held - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 400)
    assert np.std([each.value for each in found]) == pytest.approx(np.mean([each.error for each in found]), rel=0.15)


def test_the_area_under_the_curve_is_the_area():
    cases, others = two_normals(50, 70, 0.7)
    false, hits = curve(cases, others)
    assert (false[0], hits[0], false[-1], hits[-1]) == (0.0, 0.0, 1.0, 1.0)
    assert np.trapezoid(hits, false) == pytest.approx(area(cases, others).value)


def test_perfect_and_useless_numbers_have_limits_too():
    perfect = area(np.array([2.0, 3.0, 4.0]), np.array([0.0, 1.0, 1.5]))
    assert (perfect.value, perfect.upper) == (1.0, 1.0)
    assert 0 < perfect.lower < 1
    assert np.isnan(area(np.array([1.0]), np.array([1.0, 2.0])).value)


def rows(number, score, *, biased):
    """One world in which an E-value and a placebo say something and the estimate is biased or not."""
    about = {"world": number, "outcome": "verified_success", "estimate": 0.1, "error": 0.01,
             "bias": 0.06 if biased else 0.001}  # fmt: skip
    verdict = "alarm" if score > 0 else "pass"
    return [
        {**about, "name": "E-value", "value": 3 - score, "lower": 2 - score, "upper": np.nan, "verdict": verdict},
        {**about, "name": "placebo treatment", "value": 0.0, "lower": -0.1, "upper": 0.1, "verdict": "pass"},
    ]


def test_a_check_that_knows_and_one_that_knows_nothing_are_told_apart():
    table = pd.DataFrame([row for k in range(60) for row in rows(k, 1.0 if k % 2 else -1.0, biased=k % 2 == 1)])
    card = scorecard(table).set_index("name")
    assert card.loc["E-value", ["area", "hits", "false_alarms"]].tolist() == [1.0, 1.0, 0.0]
    assert card.loc["placebo treatment", ["area", "hits", "false_alarms"]].tolist() == [0.5, 0.0, 0.0]
    assert card.loc["E-value", "cases"] == card.loc["E-value", "others"] == 30
    assert set(curves(table)["name"]) == {"E-value", "placebo treatment"}


def test_what_is_biased_is_told_in_errors_of_the_study_and_the_middle_left_out():
    told = classify_bias(
        pd.DataFrame({"bias": [0.0, 0.01, 0.05, -0.05], "error": 0.01, "estimate": [0.1, 0.1, 0.08, 0.1]})
    )
    assert told["biased"].tolist()[0] == 0.0
    assert np.isnan(told["biased"][1])
    assert told["biased"].tolist()[2:] == [1.0, 1.0]
    assert told["mostly_bias"].tolist() == [0.0, 0.0, 1.0, 0.0]


def test_worlds_are_what_was_drawn():
    found = [random_threats(k) for k in range(300)]
    for share, wanted in (
        (np.mean([t.effect == 0 for t in found]), 1 / 3),
        (np.mean([t.confounding == 0 for t in found]), 1 / 2),
        (np.mean([t.halo is None for t in found]), 1 / 2),
    ):
        assert abs(share - wanted) < 4 * np.sqrt(wanted * (1 - wanted) / 300)
    world = build_world(Threats(0.0, 0.0, None))
    assert world.values()["rated_expertise"]["perfect"]
    assert truth(world, 1000, seed=1).query("estimand == 'activity_ratio'")["value"].eq(1.0).all()
    strong, weak = (build_world(Threats(1.0, c, 0.5)).values()["specificity"]["by_ability"] for c in (2.0, 0.5))
    confounded = load("confounded").values()["specificity"]["by_ability"]
    assert weak < confounded < strong == pytest.approx(2 * confounded)


@pytest.mark.slow
def test_a_world_is_examined_kept_and_not_done_again(tmp_path):
    small = ScorecardSettings(sessions=900, large=2000, true=1000, rows=900, simulations=2)
    found = examine([4], tmp_path, small)
    assert set(found["outcome"]) == {"actions_per_prompt", "verified_success"}
    assert set(SCORES) <= set(found["name"])
    assert found.groupby("outcome")["bias"].nunique().eq(1).all()
    before = (tmp_path / "world-0004.parquet").stat().st_mtime_ns
    again = examine([4], tmp_path, small)
    assert again.equals(found)
    assert (tmp_path / "world-0004.parquet").stat().st_mtime_ns == before
    with pytest.raises(InputError, match="holds worlds examined with"):
        examine([4], tmp_path, ScorecardSettings(sessions=901))
    write_scorecard(found, tmp_path / "stored")
    assert (tmp_path / "stored" / "record.json").is_file()
    assert np.isfinite(score_rows(classify_bias(found.assign(bias=1.0)))["score"]).mean() > 0.8
