"""Known effects are found, no effect is found to be none, and a confounder left out shows."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from knowntruth.bayes import effects as recovery
from knowntruth.bayes.fit import fit
from knowntruth.bayes.inference_data import coefficient_layout_of
from knowntruth.bayes.rows.cells import cells_of
from knowntruth.bayes.rows.outcomes import ACTIVITY, VERIFIED
from knowntruth.datasets.schema.estimands import CONTRASTS, estimand
from knowntruth.priors.load import load

MODELS = ("verified_success", pytest.param("activity", marks=pytest.mark.proof))
FAR = 4.0
"""Posterior standard deviations that a sound estimate may be off, once in 16,000."""


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("seed", [21, pytest.param(22, marks=pytest.mark.proof)])
def test_a_known_effect_is_recovered(draw, quick, name, seed):
    drawn = draw(3000, seed)
    tree = fit(name, drawn.frame, load("weak"), seed=seed, **quick)
    found = recovery.compare_with_truth(recovery.effects(tree, probability=0.999), drawn.truth)
    assert found["z"].abs().max() < FAR and found["holds"].all()
    assert (found["ess_bulk"] > 100).all()
    no_effect = estimand(found["estimand"][0]).no_effect
    assert (found.set_index("contrast").loc["5 vs 1", "lower"]) > no_effect


@pytest.mark.proof
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("seed", [31])
def test_no_effect_is_found_to_be_none(draw, quick, name, seed):
    drawn = draw(3000, seed, log_effect=0.0, odds_effect=0.0)
    found = recovery.effects(fit(name, drawn.frame, load("weak"), seed=seed, **quick), probability=0.99)
    no_effect = estimand(found["estimand"][0]).no_effect
    assert ((found["lower"] < no_effect) & (no_effect < found["upper"])).all()


@pytest.mark.proof
@pytest.mark.parametrize("name", MODELS)
def test_a_confounder_unseen_gives_a_wrong_answer(draw, quick, name):
    """The negative control: the same sessions, right with the value band and wrong with one that says nothing."""
    drawn = draw(3000, seed=41, confounding=0.8)
    shuffled = drawn.frame["value_band"].sample(frac=1, random_state=1).to_numpy()
    z = []
    for frame in (drawn.frame, drawn.frame.assign(value_band=shuffled)):
        found = recovery.effects(fit(name, frame, load("weak"), seed=1, **quick))
        z.append(recovery.compare_with_truth(found, drawn.truth).set_index("contrast").loc["5 vs 1", "z"])
    assert abs(z[0]) < FAR < z[1]


def test_standardised_means_are_averages_over_sessions(drawn, fits):
    """Against the definition: set every session to a level, predict it, average; for one draw."""
    posterior = fits["verified_success"]["posterior"].isel(chain=1, draw=7)
    frame = drawn.frame
    names = ("mode", "value_band")
    shift = sum(posterior[f"{n}_effect"].to_numpy()[frame[n].cat.codes] for n in names)
    slope = posterior["effect_by_mode"].to_numpy()[frame["mode"].cat.codes]
    reached = np.concatenate([[0.0], np.cumsum(posterior["increments"].to_numpy())])
    whole = float(posterior["effect"]) + slope
    factual = shift + whole * reached[frame["rated_expertise"].astype(int) - 1]
    base = float(posterior["intercept"]) - factual.mean() + shift
    expected = np.stack([expit(base + whole * part) for part in reached], axis=1)
    tree = fits["verified_success"]
    assert recovery.standardised_means(tree, VERIFIED)[1, 7] == pytest.approx(expected.mean(axis=0), rel=1e-10)
    own = (frame["mode"] == "fix").to_numpy()
    layout, cells = coefficient_layout_of(tree), cells_of(tree)
    among = layout.codes(cells.columns, "mode") == layout.groups["mode"].index("fix")
    found = recovery.standardised_means(tree, VERIFIED, among=among)[1, 7]
    assert found == pytest.approx(expected[own].mean(axis=0), rel=1e-10)


@pytest.mark.proof
def test_activity_means_average_to_the_data(drawn, fits):
    """Weighted by how often each level occurs, the levels' means give back the mean of log actions."""
    means = np.log(recovery.standardised_means(fits["activity"], ACTIVITY)).mean(axis=(0, 1))
    shares = drawn.frame["rated_expertise"].value_counts(normalize=True).sort_index().to_numpy()
    values = np.log(drawn.frame["actions_per_prompt"])
    assert shares @ means == pytest.approx(values.mean(), abs=4 * values.std() / np.sqrt(len(values)))


def test_effects_have_the_promised_columns(fits):
    rows = recovery.effects(fits["verified_success"])
    assert list(rows) == [
        "estimand", "contrast", "mean", "median", "sd", "lower", "upper", "probability", "ess_bulk", "r_hat", "n",
    ]  # fmt: skip
    assert rows["contrast"].tolist() == list(CONTRASTS)
    assert ((rows["lower"] < rows["median"]) & (rows["median"] < rows["upper"])).all()


def test_level_means_rise_with_the_effect(fits):
    rows = recovery.level_means(fits["verified_success"])
    assert rows["mean"].is_monotonic_increasing and set(rows["outcome"]) == {"verified_success"}


def test_truth_stands_beside_its_own_effect():
    effects = pd.DataFrame({
        "estimand": ["activity_ratio"] * 3, "contrast": ["2 vs 1", "3 vs 1", "4 vs 1"],
        "mean": [1.1, 1.2, 1.3], "sd": [0.03] * 3, "lower": [1.05, 1.15, 1.25], "upper": [1.15, 1.25, 1.35],
    })  # fmt: skip
    truth = pd.DataFrame({
        "estimand": ["activity_ratio", "activity_ratio", "success_difference"],
        "contrast": ["3 vs 1", "2 vs 1", "4 vs 1"], "value": [1.4, 1.12, 0.0], "mcse": [0.04] * 3,
    })  # fmt: skip
    rows = recovery.compare_with_truth(effects, truth)
    assert rows["holds"].tolist()[:2] == [True, False] and rows["holds"].isna().tolist() == [False, False, True]
    assert rows["z"].tolist()[:2] == pytest.approx([-0.02 / 0.05, -0.2 / 0.05])
