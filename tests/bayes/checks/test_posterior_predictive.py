"""Sessions of the model's own form pass; planted misfits are caught, each by the check that is meant for it."""

import numpy as np
import pytest

from knowntruth.bayes.checks.posterior_predictive import ALARM, predictive
from knowntruth.bayes.fit import fit
from knowntruth.priors.load import load

MODELS = ("verified_success", pytest.param("activity", marks=pytest.mark.proof))
UP_AND_DOWN = np.array([0.0, 1.0, 0.2, 1.0, 0.0])


RISE_AND_FALL = (
    ("verified_success", "verified rate"),
    pytest.param("activity", "mean of log actions", marks=pytest.mark.proof),
)


def failed(model, drawn, quick):
    rows = predictive(fit(model, drawn.frame, load("weak"), seed=1, **quick))
    assert ((rows["verdict"] == "fail") == (rows["tail_probability"] < ALARM)).all()
    bad = rows[rows["verdict"] == "fail"]
    return set(zip(bad["quantity"], bad["where"], strict=True))


@pytest.mark.parametrize("name", MODELS)
def test_the_models_own_sessions_pass(fits, name):
    rows = predictive(fits[name])
    assert set(rows["verdict"]) == {"pass"}, rows.to_string()
    assert rows["observed"].between(rows["lower"], rows["upper"]).mean() > 0.6


@pytest.mark.parametrize(("model", "check"), RISE_AND_FALL)
def test_an_effect_that_rises_and_falls_is_caught(draw, quick, model, check):
    drawn = draw(3000, seed=51, by_level=UP_AND_DOWN)
    assert any(quantity == check for quantity, _ in failed(model, drawn, quick))


@pytest.mark.proof
def test_levels_that_differ_in_spread_are_caught(draw, quick):
    drawn = draw(3000, seed=52, level_scale=np.array([0.3, 0.3, 0.3, 0.9, 0.9]))
    assert ("sd of log actions", "level 1") in failed("activity", drawn, quick)


@pytest.mark.proof
def test_an_effect_that_differs_between_modes_is_caught(draw, quick):
    drawn = draw(4000, seed=53, interaction=1.0, odds_effect=1.5)
    found = failed("verified_success", drawn, {**quick, "by": None})
    assert ("interaction", "verified_success: levels × mode") in found


@pytest.mark.proof
def test_an_effect_on_actions_that_differs_between_modes_is_caught(draw, quick):
    drawn = draw(3000, seed=54, interaction=1.0, log_effect=1.0)
    assert ("interaction", "actions_per_prompt: levels × mode") in failed("activity", drawn, {**quick, "by": None})


LIKENESS = ("likeness of a user's sessions", "verified_success")


@pytest.mark.proof
def test_users_who_differ_beyond_their_codes_are_caught(draw, quick):
    assert LIKENESS in failed("verified_success", draw(3000, seed=55, user_odds=1.5), quick)


@pytest.mark.proof
def test_users_who_differ_are_no_surprise_to_the_joint_model(draw, quick):
    assert LIKENESS not in failed("joint", draw(3000, seed=55, user_odds=1.5), quick)


def test_the_same_fit_predicts_the_same(fits):
    assert predictive(fits["verified_success"]).equals(predictive(fits["verified_success"]))
