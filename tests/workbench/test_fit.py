"""`knowntruth fit`: what it writes, prints, refuses, and ends with, on data that nobody here made."""

import json
from inspect import signature

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from knowntruth.bayes.fit import fit
from knowntruth.workbench.commands.analysis.fit import fit as command
from knowntruth.workbench.jobs.analysis import fit as fitting
from knowntruth.world.definition.world import load
from knowntruth.world.simulate import simulate

SESSIONS = 600


@pytest.fixture(scope="module")
def observed():
    return simulate(load("randomized"), SESSIONS, seed=3).observed.to_pandas()


@pytest.fixture(scope="module")
def data(observed, tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "ours.csv"
    observed[["user_id", "clear_goal", "rated_expertise", "mode", "verified_success"]].to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    path = tmp_path_factory.mktemp("truth") / "truth.csv"
    pd.DataFrame({
        "estimand": ["verified_difference"], "contrast": ["5 vs 1"], "value": [0.2], "mcse": [0.0],
    }).to_csv(path, index=False)  # fmt: skip
    return path


@pytest.mark.slow
def test_a_csv_of_ones_own_is_fitted_and_written(run, data, truth, observed, tmp_path):
    out = tmp_path / "fit"
    options = ("--model", "verified_success", "--covariates", "mode", "--truth", truth, "--seed", 4)
    code, text, err = run("fit", data, *options, "--out", out, "--json")
    assert code == 0, err
    rows = pd.DataFrame(json.loads(text)).set_index("contrast")
    assert rows.loc["5 vs 1", "value"] == 0.2 and rows.loc["2 vs 1", "value"] != 0.2
    assert pd.read_csv(out / "effects.csv")["mean"].tolist() == pytest.approx(rows["mean"].tolist())
    assert set(pd.read_csv(out / "diagnostics.csv")["verdict"]) == {"pass"}
    assert "all priors" in set(pd.read_csv(out / "sensitivity.csv")["component"])
    assert (out / "prior_predictive.png").read_bytes().startswith(b"\x89PNG")
    with xr.open_datatree(out / "posterior.nc", engine="h5netcdf") as tree:
        assert tree.attrs["model"] == "verified_success" and len(tree.attrs["data"]) == 64
        assert json.loads(tree.attrs["priors"])["name"] == "weak"
        assert tree.attrs["sessions"] == (observed["clear_goal"] & observed["rated_expertise"].notna()).sum()
    code, _, err = run("fit", data, *options, "--draws", 20, "--out", out)
    assert code == 1 and "raise draws" in err, "a diagnostic that fails ends with 1"


def changed(data, tmp_path, change):
    path = tmp_path / "changed.csv"
    change(pd.read_csv(data)).to_csv(path, index=False)
    return path


def no_success(frame):
    return frame.drop(columns="verified_success")


def strange_mode(frame):
    return frame.assign(mode=np.where(frame.index == 3, "bild", frame["mode"]))


def one_mode(frame):
    return frame.assign(mode="build")


def one_level(frame):
    return frame.assign(rated_expertise=3)


BAD = {
    "missing": (no_success, (), "lacks the columns verified_success"),
    "mistyped": (strange_mode, (), "did you mean 'build'"),
    "constant covariate": (one_mode, (), "Leave it out of the covariates"),
    "constant treatment": (one_level, (), "at least two levels"),
    "unknown model": (lambda f: f, ("--model", "joiny"), "did you mean 'joint'"),
    "unknown priors": (lambda f: f, ("--priors", "week"), "published, sceptical, weak"),
    "useless audit": (lambda f: f, ("--validation", "SELF"), "has no use for a validation sample"),
    "no such covariate": (lambda f: f, ("--covariates", "mood"), "'mood' cannot be a covariate"),
}


@pytest.mark.parametrize(("change", "options", "said"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_fitted_is_refused_without_a_trace(run, data, tmp_path, change, options, said):
    path, out = changed(data, tmp_path, change), tmp_path / "fit"
    options = tuple(path if word == "SELF" else word for word in options)
    given = ("--model", "verified_success", "--covariates", "mode", *options)
    code, _, err = run("fit", path, *given, "--out", out)
    assert code == 2
    assert said in err
    assert not out.exists()


def test_a_truth_without_its_columns_is_refused(run, data, tmp_path):
    options = ("--model", "verified_success", "--covariates", "mode", "--truth", data, "--out", tmp_path / "fit")
    code, _, err = run("fit", data, *options)
    assert code == 2 and "lacks the columns estimand, contrast, value, mcse" in err


def test_the_command_and_python_sample_alike():
    own, theirs = signature(fit).parameters, signature(command).parameters
    for name in ("draws", "sampler", "target_accept"):
        assert theirs[name].default == own[name].default


def test_the_folder_says_what_is_in_it():
    words = fitting.__doc__.split()
    assert {"posterior.nc", "effects.csv", "diagnostics.csv", "sensitivity.csv", "prior_predictive.png"} <= set(words)
