"""Simulation-based calibration: its verdict can fail, its runs go on, and the models' inference passes it."""

import numpy as np
import pandas as pd
import pytest

from knowntruth.bayes import calibration
from knowntruth.bayes.calibration import THINNED, Trial
from knowntruth.bayes.design import design
from knowntruth.bayes.models import MODELS
from knowntruth.datasets.errors import InputError
from knowntruth.priors.load import load


@pytest.fixture(scope="module")
def trials(draw, small):
    rows = design(draw(100, seed=35).frame, [outcome.column for outcome in MODELS["joint"].outcomes], **small)
    return {name: Trial(name, rows, load("weak")) for name in ("activity", "joint")}


def ranks(change, replicates=200):
    share = np.random.default_rng(1).uniform(size=(replicates, 3))
    bent = np.clip(np.floor(change(share) * (THINNED + 1)), 0, THINNED).astype(int)
    return pd.DataFrame(bent, columns=["a", "b", "c"])


BENT = {
    "too narrow": lambda u: np.where(u < 0.5, u**2 * 2, 1 - (1 - u) ** 2 * 2),
    "too wide": lambda u: 0.25 + u / 2,
    "too high": lambda u: u**1.5,
}


def test_uniform_ranks_pass():
    assert set(calibration.verdicts(ranks(lambda u: u))["verdict"]) == {"pass"}


@pytest.mark.parametrize("change", BENT.values(), ids=BENT.keys())
def test_bent_ranks_fail(change):
    assert set(calibration.verdicts(ranks(change))["verdict"]) == {"fail"}


def test_the_limit_is_passed_by_chance_as_seldom_as_it_says():
    """One run in a hundred, over 400 runs of uniform ranks: at most 12 in all but one trial in a thousand."""
    rng = np.random.default_rng(2)
    limit = calibration.verdicts(ranks(lambda u: u), 0.99)["limit"].iloc[0]
    own = [max(calibration._distance(rng.integers(0, THINNED + 1, 200)) for _ in range(3)) for _ in range(400)]
    assert sum(distance > limit for distance in own) <= 12


def test_a_run_goes_on_where_it_stopped_and_refuses_another_trial(trials, tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(calibration, "replicate", lambda trial, number: made.append(number) or {"a": number})
    first = calibration.run(trials["activity"], 3, tmp_path)
    both = calibration.run(trials["activity"], 5, tmp_path)
    assert made == [0, 1, 2, 3, 4]
    assert first["a"].tolist() == [0, 1, 2] and both["a"].tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(InputError, match="another model"):
        calibration.run(trials["joint"], 5, tmp_path)
