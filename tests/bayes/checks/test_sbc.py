"""Simulation-based calibration: it can fail, its ranks are among enough draws, and its runs go on.

`sample_prior` stands in for the fit here, since the prior's own draws take no sampler; that of the models passes in
`test_every_model`, and what many replicates say in `test_calibrated`.
"""

import pandas as pd
import pytest
import xarray as xr

from knowntruth.bayes.checks import sbc
from knowntruth.bayes.checks.rank_uniformity import verdicts
from knowntruth.bayes.checks.sbc import EFFECTIVE, LOG_LIKELIHOOD, MIN_EFFECTIVE_DRAWS, SbcStudy
from knowntruth.bayes.fit import sample_prior
from knowntruth.bayes.models.registry import MODELS
from knowntruth.bayes.rows.model_frame import model_frame
from knowntruth.common.errors import InputError
from knowntruth.priors.load import load

REPLICATES = 30
STEPS = 60
"""That a draw is said to have taken."""


@pytest.fixture(scope="module")
def studies(draw, small):
    rows = model_frame(draw(100, seed=35).frame, [outcome.column for outcome in MODELS["joint"].outcomes], **small)
    return {name: SbcStudy(name, rows, load("weak"), draws=200, chains=2) for name in ("verified_success", "joint")}


def prior_for_posterior(change=lambda posterior: posterior):
    """A fit that learns nothing."""

    def fitted(row, made, data, priors, settings):
        tree = sample_prior(row.name, made, priors, draws=settings.chains * settings.draws, seed=settings.seed)
        tree["posterior"] = change(tree["posterior"].to_dataset())
        tree["sample_stats"] = xr.DataTree(xr.Dataset({"n_steps": STEPS * settings.chains * settings.draws}))
        return sbc._add_log_likelihood(tree)

    return fitted


@pytest.mark.slow
def test_a_fit_that_learns_nothing_is_told_by_its_likelihood_alone(studies, monkeypatch):
    """Ranks of its parameters are uniform, as they must be, but where its draws spread too little as well."""
    narrow = prior_for_posterior(lambda posterior: posterior.assign(effect=posterior["effect"] / 4))
    monkeypatch.setattr(sbc, "fit_model_frame", narrow)
    ranks = pd.DataFrame([sbc.rank_replicate(studies["verified_success"], number) for number in range(REPLICATES)])
    assert (ranks[EFFECTIVE] >= MIN_EFFECTIVE_DRAWS).all()
    verdict = verdicts(ranks.drop(columns=EFFECTIVE)).set_index("quantity")["verdict"]
    assert set(verdict.index[verdict.eq("fail")]) == {LOG_LIKELIHOOD, "effect"}


def test_draws_that_hang_together_are_drawn_at_greater_length(studies, monkeypatch):
    """Where one in five is effective, 400 are too few and 800 will do."""
    lengths = []

    def fitted(row, made, data, priors, settings):
        lengths.append((settings.draws, settings.tune))
        return prior_for_posterior()(row, made, data, priors, settings)

    monkeypatch.setattr(sbc, "fit_model_frame", fitted)
    monkeypatch.setattr(sbc, "ess_bulk", lambda values: values.size / 5)
    assert sbc.rank_replicate(studies["verified_success"], 1)[EFFECTIVE] == 160 >= MIN_EFFECTIVE_DRAWS
    assert lengths == [(200, 400), (400, 800)]


def test_draws_without_end_are_not_asked_for(studies, monkeypatch):
    """After 24,000, 48,000 and 96,000 steps it is enough; the replicate says how few draws were effective."""
    lengths = []
    monkeypatch.setattr(sbc, "fit_model_frame", prior_for_posterior())
    monkeypatch.setattr(sbc, "ess_bulk", lambda values: lengths.append(values.size) or 5.0)
    assert sbc.rank_replicate(studies["verified_success"], 1)[EFFECTIVE] == 5
    assert sorted(set(lengths)) == [400, 800, 1600]


def test_a_run_goes_on_where_it_stopped_and_refuses_another_study(studies, tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(sbc, "rank_replicate", lambda study, number: made.append(number) or {"a": number})
    first = sbc.run_replicates(studies["joint"], 3, tmp_path)
    both = sbc.run_replicates(studies["joint"], 5, tmp_path)
    assert made == [0, 1, 2, 3, 4]
    assert first["a"].tolist() == [0, 1, 2] and both["a"].tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(InputError, match="another model"):
        sbc.run_replicates(studies["verified_success"], 5, tmp_path)
