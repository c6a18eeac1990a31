"""What stands beside each draw: the priors' density row by row, and draws from the priors themselves."""

import numpy as np
import pymc as pm
import pytest
from scipy import stats

from knowntruth.bayes import effects
from knowntruth.bayes.checks.posterior_predictive import predictive
from knowntruth.bayes.fit import sample_prior
from knowntruth.bayes.models.registry import MODELS
from knowntruth.bayes.rows.model_frame import model_frame
from knowntruth.bayes.rows.validation import ValidationSample
from knowntruth.priors.load import load

UNLIKELY = 1e-4
DRAWS = 2000


@pytest.fixture(scope="module")
def rows(draw):
    frame = draw(300, seed=25).frame.assign(code=lambda f: 1 + f["session_id"] % 5)
    return {name: model_frame(frame, [o.column for o in row.outcomes], coding="code") for name, row in MODELS.items()}


@pytest.mark.parametrize("name", MODELS)
def test_priors_alone_give_effects_of_every_kind(rows, name):
    tree = sample_prior(name, rows[name], load("weak"), draws=50, seed=1)
    found = effects.effects(tree)
    outcomes = MODELS[name].outcomes
    assert set(found["estimand"]) == {o.effect(k).name for o in outcomes for k in (0, 1)}
    assert set(tree["log_prior"].data_vars) >= {f"{o.name}.coding_effect" for o in outcomes}
    assert np.isfinite(tree["log_prior"].to_dataset().to_array()).all()
    assert len(effects.level_means(tree)) == 10 * len(outcomes)
    assert len(predictive(tree, draws=10)) > 10


@pytest.mark.parametrize("name", ["weak", "published", "sceptical"])
def test_the_density_of_a_row_is_that_of_its_distribution(rows, name):
    tree = sample_prior("joint", rows["joint"], load(name), draws=20, seed=2)
    row = load(name).activity.effect
    effect = tree["posterior"]["activity_effect"].to_numpy()
    assert tree["log_prior"]["activity.effect"].to_numpy() == pytest.approx(
        stats.norm.logpdf(effect, row.mean, row.sd)
    )
    z = tree["posterior"]["user_fisher_z"].to_numpy()
    sd = load(name).joint.user_correlation.sd
    assert tree["log_prior"]["joint.user_correlation"].to_numpy() == pytest.approx(stats.norm.logpdf(z, 0, sd))


@pytest.mark.proof
@pytest.mark.parametrize("name", MODELS)
def test_priors_drawn_here_are_those_that_pymc_samples(rows, name):
    """Two programs of the same priors: NumPy's for the pictures and for calibration, PyMC's for the fit."""
    row, priors = MODELS[name], load("weak")
    model = row.build(rows[name], row.compress(rows[name], ValidationSample()), priors)
    variables = [v for v in model.free_RVs if v.ndim < 2]
    drawn = dict(zip([v.name for v in variables], pm.draw(variables, DRAWS, random_seed=3), strict=True))
    ours = row.sample_prior(np.random.default_rng(4), rows[name], priors, DRAWS)
    compared = [n for n, values in drawn.items() if np.ndim(values) == 1 and n in ours]
    assert len(compared) >= 3
    for parameter in compared:
        both = np.abs(drawn[parameter]), np.abs(ours[parameter].to_numpy().ravel())
        assert stats.ks_2samp(*both).pvalue > UNLIKELY, parameter
