"""Which priors are influential: those that the data leave alone, and a strong one against weak data."""

import numpy as np
import pytest

from knowntruth.bayes.checks.prior_sensitivity import ALARM, ALL_PRIORS, LIKELIHOOD, sensitivity
from knowntruth.bayes.fit import fit
from knowntruth.priors.load import load

MODELS = ("verified_success", pytest.param("activity", marks=pytest.mark.proof))


def sensitivities(tree):
    rows = sensitivity(tree)
    assert ((rows["sensitivity"] > ALARM) == (rows["verdict"] == "influential")).all()
    return rows.set_index("component")["sensitivity"]


@pytest.mark.parametrize("name", MODELS)
def test_with_enough_sessions_the_data_speak_and_weak_priors_do_not(fits, name):
    found = sensitivities(fits[name])
    assert found[LIKELIHOOD] > ALARM
    assert found[f"{name}.intercept"] < ALARM and found[f"{name}.effect"] < ALARM
    assert {ALL_PRIORS, f"{name}.slope_scale"} <= set(found.index)


@pytest.mark.proof
def test_a_strong_prior_against_few_sessions_is_influential(drawn, quick):
    tree = fit("activity", drawn.frame.iloc[:150], load("sceptical"), seed=1, **quick)
    assert sensitivities(tree)["activity.effect"] > ALARM


@pytest.mark.proof
def test_what_stands_beside_the_draws_is_the_likelihood_of_the_data(fits, drawn):
    """Against the definition, for one draw: users integrated out, one normal a user."""
    from scipy.stats import multivariate_normal

    tree = fits["activity"]
    posterior = tree["posterior"].isel(chain=2, draw=3)
    frame = drawn.frame
    names = ("mode", "value_band")
    reached = np.concatenate([[0.0], np.cumsum(posterior["increments"])])[frame["rated_expertise"].astype(int) - 1]
    slope = posterior["effect_by_mode"].to_numpy()[frame["mode"].cat.codes]
    shift = sum(posterior[f"{n}_effect"].to_numpy()[frame[n].cat.codes] for n in names)
    shift = shift + (float(posterior["effect"]) + slope) * reached
    apart = np.log(frame["actions_per_prompt"]) - float(posterior["intercept"]) - shift + shift.mean()
    sigma, tau = float(posterior["session_scale"]), float(posterior["user_scale"])
    total = 0.0
    for _, own in apart.groupby(frame["user_id"]):
        covariance = sigma**2 * np.eye(len(own)) + tau**2
        total += multivariate_normal.logpdf(own.to_numpy(), np.zeros(len(own)), covariance)
    assert float(tree["log_likelihood"]["sessions"].isel(chain=2, draw=3)) == pytest.approx(total, rel=1e-8)


@pytest.mark.parametrize("jitter", [0.0, 1e-15])
def test_a_density_that_is_the_same_everywhere_is_negligible(fits, jitter):
    """As of a Dirichlet of ones; its rounding is no difference between draws, a real one of a tenth is."""
    tree = fits["verified_success"].copy(deep=True)
    densities = tree["log_prior"].to_dataset()
    shape = densities["verified_success.effect"].shape
    for name, size in (("flat", jitter), ("steep", 0.1)):
        own = 2.0 + size * np.random.default_rng(1).normal(size=shape)
        densities[f"verified_success.{name}"] = densities["verified_success.effect"].copy(data=own)
    tree["log_prior"] = densities
    found = sensitivities(tree)
    assert found["verified_success.flat"] == 0.0
    assert found["verified_success.steep"] > 0.0
