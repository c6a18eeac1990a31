"""What a fit returns: named as in the schema, the same bytes for the same seed, whole after a trip to disk."""

import json

import numpy as np
import pytest
import xarray as xr

from knowntruth.bayes import diagnostics, effects, inference_data
from knowntruth.bayes.checks import prior_sensitivity
from knowntruth.bayes.fit import fit
from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.categories import MODES, VALUE_BANDS
from knowntruth.priors.load import load
from knowntruth.priors.tables import Priors

MODELS = ("verified_success", pytest.param("activity", marks=pytest.mark.proof))


@pytest.mark.parametrize("name", MODELS)
def test_names_are_those_of_the_schema(fits, name):
    posterior = fits[name]["posterior"]
    assert posterior["mode_effect"].coords["mode"].to_numpy().tolist() == list(MODES)
    assert posterior["effect_by_mode"].coords["mode"].to_numpy().tolist() == list(MODES)
    assert posterior["value_band_effect"].coords["value_band"].to_numpy().tolist() == list(VALUE_BANDS)
    assert (posterior["level_effect"].sel(level=1) == 0).all()
    assert np.allclose(posterior["level_effect"].sel(level=5), posterior["effect"])
    assert np.allclose(posterior["increments"].sum("step"), 1)


@pytest.mark.parametrize("name", MODELS)
def test_a_fit_says_all_about_itself(fits, drawn, name):
    attributes = fits[name].attrs
    assert attributes["sessions"] == len(drawn.frame)
    assert attributes["users"] == drawn.frame["user_id"].nunique()
    assert list(json.loads(attributes["covariates"])) == ["mode", "value_band"]
    assert inference_data.model_frame_of(fits[name]).fingerprint == attributes["data"]
    assert Priors.model_validate_json(attributes["priors"]) == load("weak")


@pytest.mark.parametrize("name", MODELS)
def test_same_seed_same_draws_in_any_order_of_rows_and_fits(fits, drawn, draw, quick, small, name):
    other = draw(500, seed=3).frame
    fit(name, other, load("weak"), seed=9, **{**quick, "draws": 100, "tune": 100, "chains": 2})
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the point is that it stays
    shuffled = drawn.frame.sample(frac=1, random_state=4)
    again = fit(name, shuffled, load("weak"), seed=1, **small)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002
    assert again["posterior"].to_dataset().identical(fits[name]["posterior"].to_dataset())


def test_another_seed_gives_other_draws_of_the_same_posterior(fits, drawn, quick):
    other = fit("verified_success", drawn.frame, load("weak"), seed=2, **quick)
    one, two = effects.effects(fits["verified_success"]), effects.effects(other)
    error = np.hypot(one["sd"] / np.sqrt(one["ess_bulk"]), two["sd"] / np.sqrt(two["ess_bulk"]))
    assert (one["mean"] != two["mean"]).all()
    assert ((one["mean"] - two["mean"]).abs() < 4.5 * error).all()


def test_a_trip_to_disk_changes_nothing(fits, tmp_path):
    first, second = tmp_path / "first.nc", tmp_path / "second.nc"
    tree = fits["verified_success"]
    for path in (first, second):
        tree.to_netcdf(path, engine="h5netcdf")
    assert first.read_bytes() == second.read_bytes()
    with xr.open_datatree(first, engine="h5netcdf") as back:
        assert effects.effects(back).equals(effects.effects(tree))


@pytest.mark.proof
def test_sceptical_priors_pull_the_effect_in(drawn, quick):
    few = drawn.frame.iloc[:600]
    means = [
        effects.effects(fit("activity", few, load(name), seed=1, **quick)).set_index("contrast").loc["5 vs 1", "mean"]
        for name in ("weak", "sceptical")
    ]
    assert 1 < means[1] < means[0]


@pytest.mark.proof
def test_fewer_covariates_and_none_will_do(drawn, quick):
    for covariates in ((), ("user_occupation", "month")):
        effort = {**quick, "covariates": covariates, "by": "user_occupation", "draws": 100}
        tree = fit("verified_success", drawn.frame, load("weak"), seed=1, **effort)
        assert len(effects.effects(tree)) == 4
        assert list(json.loads(tree.attrs["covariates"])) == list(covariates)


def test_progress_goes_from_none_to_all(drawn, quick):
    told = []
    effort = {**quick, "draws": 100, "tune": 100}
    fit(
        "verified_success",
        drawn.frame,
        load("weak"),
        seed=1,
        progress=lambda part, share: told.append(share),
        **effort,
    )
    assert told[0] == 0 and told[-1] == 1 and told == sorted(told)


@pytest.mark.parametrize(
    ("effort", "said"),
    [
        ({"draws": 0}, "draws = 0"),
        ({"tune": -1}, "tune = -1"),
        ({"chains": 1}, "chains = 1"),
        ({"seed": -3}, "seed = -3"),
        ({"sampler": "gibbs"}, "nutpie, surrogate"),
        ({"target_accept": 1.0}, "target_accept = 1.0"),
        ({"target_accept": 0.2}, "target_accept = 0.2"),
    ],
)
def test_impossible_effort_is_refused(drawn, effort, said):
    with pytest.raises(InputError, match=said):
        fit("activity", drawn.frame, load("weak"), **{"seed": 1, **effort})


def test_the_normal_approximation_is_near_and_says_how_far_off_it_is(fits, drawn, small):
    near = fit("verified_success", drawn.frame, load("weak"), seed=3, sampler="laplace", unsound="keep", **small)
    one, two = effects.effects(fits["verified_success"]), effects.effects(near)
    assert ((one["mean"] - two["mean"]).abs() < 0.5 * one["sd"]).all()
    assert (two["sd"] / one["sd"]).between(0.7, 1.4).all()
    rows = diagnostics.diagnostics(near).set_index("quantity")
    assert set(rows.index) == {"ess_bulk", "ess_tail", "pareto_k"}, "there are no chains that could disagree"
    assert (rows["value"].loc[["ess_bulk", "ess_tail"]] == near.attrs["chains"] * near.attrs["draws"]).all()
    assert (rows.loc["pareto_k", "verdict"] == "fail") == (rows.loc["pareto_k", "value"] > 0.7)
    assert not prior_sensitivity.sensitivity(near).empty, "it can be put to every check that a sampler's draws can"
    assert two["ess_bulk"].min() > 0.8 * near.attrs["chains"] * near.attrs["draws"]


@pytest.mark.proof
def test_pymc_draws_from_the_same_posterior(fits, drawn, quick):
    effort = {**quick, "draws": 300, "tune": 500, "chains": 2}
    other = fit("verified_success", drawn.frame, load("weak"), seed=5, sampler="pymc", **effort)
    one, two = effects.effects(fits["verified_success"]), effects.effects(other)
    error = np.hypot(one["sd"] / np.sqrt(one["ess_bulk"]), two["sd"] / np.sqrt(two["ess_bulk"]))
    assert ((one["mean"] - two["mean"]).abs() < 4.5 * error).all()
