"""A user left out by weights is left out; the better model predicts better; unlike fits are not compared."""

import numpy as np
import pytest

from knowntruth.bayes.checks import loo, user_log_likelihood
from knowntruth.bayes.fit import fit, sample_prior
from knowntruth.bayes.inference_data import model_frame_of
from knowntruth.bayes.rows.model_frame import model_frame
from knowntruth.common.errors import InputError
from knowntruth.priors.load import load

FAR = 4.0
"""Monte Carlo errors beyond which two numbers are not the same: once in 16,000."""

FEW = 200
"""Sessions where nothing is fitted."""

MODELS = (
    pytest.param("verified_success", 8, marks=pytest.mark.slow),
    pytest.param("activity", 8, marks=pytest.mark.proof),
    pytest.param("joint", 3, marks=pytest.mark.proof),
)
"""And the number of users without whom each is fitted again."""


def test_users_add_up_to_all_data_at_each_draw(fits):
    """Of the other models `test_every_model` says it."""
    tree = fits["verified_success"]
    users = user_log_likelihood.user_log_likelihood(tree)["log_likelihood"]["users"]
    assert users.sum("user").to_numpy() == pytest.approx(tree["log_likelihood"]["sessions"].to_numpy(), rel=1e-8)


def test_it_is_what_plain_weights_say(fits):
    """By the definition: what a user showed has density 1 / E[1 / density], over a posterior that has seen them.

    The error is that of the mean over draws of what each adds to the logarithm of the weights' mean. A user not seen
    is a greater surprise, by about the number of parameters that the data tell of.
    """
    tree = fits["verified_success"]
    logs = (
        user_log_likelihood.user_log_likelihood(tree)["log_likelihood"]["users"]
        .stack(sample=("chain", "draw"))
        .to_numpy()
    )
    weights = np.exp(-logs)
    plain = -np.log(weights.mean(axis=1)).sum()
    each = (weights / weights.mean(axis=1, keepdims=True)).sum(axis=0)
    row = loo.loo(tree).iloc[0]
    assert row["elpd"] == pytest.approx(plain, abs=FAR * each.std() / np.sqrt(len(each)))
    assert row["users"] == tree.attrs["users"] and row["unsure"] == 0
    assert 2 < row["p_loo"] < 1 + 4 + 8 + 3 + 8


@pytest.mark.parametrize(("name", "users"), MODELS)
def test_it_is_what_fits_without_a_user_say(fits, drawn, small, name, users):
    """Against brute force: the model is fitted to all others, and asked how likely it takes what the user showed."""
    result = loo.psis_loo(fits[name])
    rows = model_frame_of(fits[name])
    sizes = np.bincount(rows.user)
    chosen = np.random.default_rng(5).choice(rows.users, users - 1, replace=False)
    for user in {int(sizes.argmax()), *map(int, chosen)}:
        own = drawn.frame["user_id"] == np.unique(drawn.frame["user_id"])[user]
        without = fit(name, drawn.frame[~own], load("weak"), seed=2, **{**small, "unsound": "keep"})
        seen = user_log_likelihood.select_sessions(rows, rows.user == user)
        chances = np.exp(
            user_log_likelihood.log_density(without, seen, without["posterior"].to_dataset()).to_numpy()[..., 0]
        )
        error = np.hypot(relative_error(chances), psis_error(result, fits[name], user))
        assert np.log(chances.mean()) == pytest.approx(float(result.elpd_i[user]), abs=FAR * error)


def relative_error(chances):
    """The Monte Carlo error of a mean, as a part of it."""
    from arviz_stats.base import array_stats

    effective = array_stats.ess(chances, chain_axis=0, draw_axis=1, method="mean")
    return chances.std() / chances.mean() / np.sqrt(effective)


def psis_error(result, tree, user):
    """The same of a weighted mean (Vehtari et al. 2024, section 4), with half as many effective draws as draws."""
    logs = user_log_likelihood.user_log_likelihood(tree)["log_likelihood"]["users"][..., user]
    weights = np.exp(result.log_weights.isel(user=user).transpose(*logs.dims).to_numpy())
    chances = np.exp(logs.to_numpy())
    mean = (weights * chances).sum()
    return np.sqrt(2 * np.sum(np.square(weights * (chances / mean - 1))))


@pytest.mark.slow
def test_one_who_weighs_too_much_is_left_out_in_earnest(draw, small):
    """A few users who differ far more than the model knows: without one of them it is another posterior.

    Whatever one of them weighs, a fit that has not seen them is less sure of them than one that has.
    """
    frame = draw(1000, seed=3).frame
    rng = np.random.default_rng(3)
    user = rng.integers(0, 6, len(frame))
    odds = np.linspace(-4, 2, 6)[user]
    frame = frame.assign(user_id=user, verified_success=rng.random(len(frame)) < 1 / (1 + np.exp(-odds)))
    tree = fit("verified_success", frame, load("weak"), seed=1, **{**small, "unsound": "keep"})
    by_weights, in_earnest = loo.psis_loo(tree), loo.psis_loo(tree, refit=True)
    unsure = (by_weights.pareto_k > by_weights.good_k).to_numpy()
    assert unsure.any() and loo.loo(tree)["unsure"].iloc[0] == unsure.sum()
    assert (in_earnest.pareto_k <= in_earnest.good_k).all()
    same = in_earnest.elpd_i.to_numpy() == by_weights.elpd_i.to_numpy()
    assert (same == ~unsure).all()
    seen = np.log(
        np.exp(user_log_likelihood.user_log_likelihood(tree)["log_likelihood"]["users"]).mean(("chain", "draw"))
    ).to_numpy()
    assert (in_earnest.elpd_i.to_numpy()[unsure] < seen[unsure]).all()


@pytest.mark.proof
def test_an_effect_that_differs_between_modes_is_worth_its_parameters(draw, quick):
    assert preferred(draw(4000, seed=53, interaction=1.0, odds_effect=2.5).frame, quick) == "varies"


@pytest.mark.proof
def test_an_effect_that_does_not_differ_is_not_said_to(draw, quick):
    assert preferred(draw(4000, seed=53, interaction=0.0, odds_effect=2.5).frame, quick) != "varies"


def preferred(frame, quick):
    """Return the model that is clearly the better one, or none."""
    return better({
        name: fit("verified_success", frame, load("weak"), seed=1, **{**quick, "by": by})
        for name, by in {"varies": "mode", "the same": None}.items()
    })  # fmt: skip


def better(trees):
    found = loo.compare(trees)
    clear = found["behind"][1] > max(4.0, 2 * found["behind_se"][1])
    assert found["behind"][0] == 0 and (found["unsure"] == 0).all()
    return found["model"][0] if clear else None


@pytest.mark.proof
@pytest.mark.parametrize(("effect", "wanted"), [(1.0, "both"), (0.0, None)])
def test_a_second_treatment_is_worth_its_parameters_where_it_does_something(draw, quick, effect, wanted):
    frame = draw(4000, seed=57).frame
    rng = np.random.default_rng(57)
    coding = rng.integers(1, 6, len(frame))
    odds = np.log(0.3 / 0.7) + 0.25 * (frame["rated_expertise"] - 1) + effect * (coding - 3) / 4
    success = rng.random(len(frame)) < 1 / (1 + np.exp(-odds))
    frame = frame.assign(coding_expertise=coding.astype(float), verified_success=success)
    trees = {
        name: fit("verified_success", frame, load("weak"), seed=1, coding=column, **quick)
        for name, column in {"both": "coding_expertise", "one": None}.items()
    }
    assert better(trees) == wanted


def believed(drawn, name, frame=None, covariates=("mode",)):
    outcomes = {"verified_success": ["verified_success"], "joint": ["verified_success", "actions_per_prompt"]}
    outcomes["measurement"] = outcomes["joint"]
    rows = model_frame(drawn.frame[:FEW] if frame is None else frame, outcomes[name], covariates, by=None)
    return sample_prior(name, rows, load("weak"), draws=120, seed=1)


def test_fits_with_other_covariates_predict_the_same(drawn):
    trees = {str(c): believed(drawn, "verified_success", covariates=c) for c in (("mode",), ("month", "mode"))}
    assert len(loo.compare(trees)) == 2


def test_fits_of_other_sessions_or_outcomes_are_refused(drawn):
    one = believed(drawn, "verified_success")
    with pytest.raises(InputError, match="at least one"):
        loo.compare({})
    with pytest.raises(InputError, match="different sessions"):
        loo.compare({"all": one, "less": believed(drawn, "verified_success", drawn.frame[: FEW - 1])})
    with pytest.raises(InputError, match="joint predicts users, actions_per_prompt, verified_success"):
        loo.compare({"one": one, "joint": believed(drawn, "joint")})
    with pytest.raises(InputError, match="ratings"):
        loo.compare({"joint": believed(drawn, "joint"), "measurement": believed(drawn, "measurement")})
    few = sample_prior("verified_success", model_frame_of(one), load("weak"), draws=20, seed=1)
    with pytest.raises(InputError, match="20 draws"):
        loo.loo(few)
    with pytest.raises(InputError, match="cannot be repeated"):
        loo.loo(believed(drawn, "measurement"), refit=True)
