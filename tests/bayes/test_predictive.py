"""Sessions of the model's own form pass; planted misfits are caught, each by the check that is meant for it."""

import numpy as np
import pytest

from knowntruth.bayes import activity, verified
from knowntruth.bayes.predictive import ALARM, predictive
from knowntruth.priors.load import load

UP_AND_DOWN = np.array([0.0, 1.0, 0.2, 1.0, 0.0])


def failed(model, drawn, quick):
    rows = predictive(model.fit(drawn.frame, load("weak"), seed=1, **quick))
    assert ((rows["verdict"] == "fail") == (rows["tail_probability"] < ALARM)).all()
    bad = rows[rows["verdict"] == "fail"]
    return set(zip(bad["quantity"], bad["where"], strict=True))


@pytest.mark.parametrize("name", ["activity", "verified_success"])
def test_the_models_own_sessions_pass(fits, name):
    rows = predictive(fits[name])
    assert set(rows["verdict"]) == {"pass"}, rows.to_string()
    assert rows["observed"].between(rows["lower"], rows["upper"]).mean() > 0.6


def test_an_effect_that_rises_and_falls_is_caught(draw, quick):
    drawn = draw(3000, seed=51, by_level=UP_AND_DOWN)
    assert any(quantity == "mean of log actions" for quantity, _ in failed(activity, drawn, quick))
    assert any(where.startswith("level") for _, where in failed(verified, drawn, quick))


def test_levels_that_differ_in_spread_are_caught(draw, quick):
    drawn = draw(3000, seed=52, level_scale=np.array([0.3, 0.3, 0.3, 0.9, 0.9]))
    assert ("sd of log actions", "level 1") in failed(activity, drawn, quick)


def test_an_effect_that_differs_between_modes_is_caught(draw, quick):
    drawn = draw(4000, seed=53, interaction=1.0, odds_effect=1.5)
    quantities = {quantity for quantity, _ in failed(verified, drawn, quick)}
    assert "chi-square, predicted minus observed" in quantities


def test_predicted_mean_and_spread_are_those_of_simulated_sessions(drawn, fits):
    """The closed forms against brute force: simulate users and sessions for many draws at one level."""
    posterior = (
        fits["activity"]["posterior"].to_dataset().stack(sample=("chain", "draw")).isel(sample=slice(None, None, 4))
    )
    frame = drawn.frame
    rng = np.random.default_rng(7)
    own = frame["rated_expertise"].to_numpy() == 2
    names = ("user_occupation", "mode", "value_band", "month")
    means, deviations = [], []
    for k in range(posterior.sizes["sample"]):
        draw = posterior.isel(sample=k)
        shift = sum(draw[f"{n}_effect"].to_numpy()[frame[n].cat.codes] for n in names)
        level = draw["level_effect"].to_numpy()[frame["rated_expertise"].astype(int) - 1]
        centre = float(draw["intercept"]) + shift + level - (shift + level).mean()
        users = rng.normal(0, float(draw["user_scale"]), len(frame))[frame["user_id"]]
        sessions = centre + users + rng.normal(0, float(draw["session_scale"]), len(frame))
        means.append(sessions[own].mean())
        deviations.append(sessions[own].std(ddof=1))
    rows = predictive(fits["activity"]).query("where == 'level 2'").set_index("quantity")
    for quantity, made in (("mean of log actions", means), ("sd of log actions", deviations)):
        spread = np.std(made)
        assert rows.loc[quantity, "predicted"] == pytest.approx(np.median(made), abs=0.3 * spread)
        width = rows.loc[quantity, "upper"] - rows.loc[quantity, "lower"]
        assert width == pytest.approx(2 * 1.645 * spread, rel=0.25)


def test_the_same_fit_predicts_the_same(fits):
    assert predictive(fits["verified_success"]).equals(predictive(fits["verified_success"]))
