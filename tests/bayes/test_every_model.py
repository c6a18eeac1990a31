"""What holds for every model: its inference is calibrated, its parts agree, and it foresees its own sessions.

One file, so that each model is compiled once. Few replicates show gross errors only; what many say is in
`tests/benchmarks/calibrated.csv`, made by the program beside it.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from knowntruth.bayes.checks import sbc
from knowntruth.bayes.checks.posterior_predictive import predictive
from knowntruth.bayes.checks.rank_uniformity import verdicts
from knowntruth.bayes.checks.sbc import EFFECTIVE, SbcStudy
from knowntruth.bayes.checks.user_log_likelihood import user_log_likelihood
from knowntruth.bayes.fit import fit_model_frame
from knowntruth.bayes.models.registry import MODELS
from knowntruth.bayes.rows.model_frame import model_frame
from knowntruth.bayes.rows.validation import ValidationSample
from knowntruth.bayes.samplers.settings import SamplerSettings
from knowntruth.priors.load import load

REPLICATES = 6
ENOUGH = 20
"""To find what is far wrong."""

SESSIONS = 150
EFFORT = {"draws": 200, "tune": 200, "chains": 2}

pytestmark = pytest.mark.proof


@pytest.fixture(scope="module")
def rows(draw, small):
    """The same sessions for each model, a few of them audited."""
    frame = draw(SESSIONS, seed=35).frame
    known = pd.Series([1, 5, 3] * 5, index=frame["session_id"].iloc[:15])
    return {
        name: model_frame(frame, [o.column for o in row.outcomes], known=known, **small)
        for name, row in MODELS.items()
    }


@pytest.fixture(scope="module")
def trees(rows):
    found = {}
    for name, row in MODELS.items():
        data = row.compress(rows[name], ValidationSample())
        found[name] = fit_model_frame(row, rows[name], data, load("weak"), SamplerSettings(**EFFORT, seed=1))
    return found


@pytest.mark.parametrize("name", MODELS)
def test_the_inference_is_calibrated(rows, name, tmp_path):
    study = SbcStudy(name, rows[name], load("weak"), **EFFORT)
    ranks = sbc.run_replicates(study, REPLICATES, tmp_path)
    found = verdicts(ranks.drop(columns=EFFECTIVE), probability=0.999)
    assert set(found["verdict"]) == {"pass"}, found.to_string()


def test_sessions_made_otherwise_than_the_model_says_are_caught(rows, tmp_path, monkeypatch):
    """The negative control: actions vary a third more from session to session than they were said to."""

    def louder(rng, design, draw):
        return own.simulate(rng, design, draw.assign(session_scale=draw["session_scale"] * 4 / 3))

    own = MODELS["activity"]
    monkeypatch.setitem(MODELS, "activity", replace(own, simulate=louder))
    study = SbcStudy("activity", rows["activity"], load("weak"), **EFFORT)
    found = verdicts(sbc.run_replicates(study, ENOUGH, tmp_path).drop(columns=EFFECTIVE))
    assert found.loc[found["quantity"].eq("session_scale"), "verdict"].item() == "fail", found.to_string()


@pytest.mark.parametrize("name", MODELS)
def test_a_model_foresees_the_sessions_that_it_was_fitted_to(trees, name):
    found = predictive(trees[name], draws=100)
    assert np.mean(found["verdict"] == "pass") > 0.9, found.to_string()


@pytest.mark.parametrize("name", MODELS)
def test_users_add_up_to_all_data_at_each_draw(trees, name):
    users = user_log_likelihood(trees[name])["log_likelihood"]["users"]
    assert users.sum("user").to_numpy() == pytest.approx(
        trees[name]["log_likelihood"]["sessions"].to_numpy(), rel=1e-8
    )
