"""A model that a newcomer might add: one file and a row, and everything generic takes it as it is.

Log actions of independent sessions, normal about the linear predictor: no user effects, and a likelihood written in
PyTensor, without an operation of its own.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from knowntruth.bayes import diagnostics, effects
from knowntruth.bayes.checks.loo import loo
from knowntruth.bayes.checks.posterior_predictive import predictive
from knowntruth.bayes.checks.prior_sensitivity import sensitivity
from knowntruth.bayes.fit import fit
from knowntruth.bayes.models import activity, linear_predictor
from knowntruth.bayes.models.base import Model
from knowntruth.bayes.models.registry import MODELS
from knowntruth.bayes.priors.distributions import declare
from knowntruth.bayes.rows import cells
from knowntruth.bayes.rows.outcomes import ACTIVITY
from knowntruth.bayes.rows.predictors import draws_as_column, predict_centred, single_draw
from knowntruth.common.errors import InputError
from knowntruth.priors.load import load


@dataclass(frozen=True)
class Data:
    cells: cells.Cells
    means: Any
    squares: Any


def compress(frame, sample):
    made, cell = cells.compress(frame.columns, frame.layout.size)
    values = ACTIVITY.values(frame)
    means = np.bincount(cell, values) / made.sessions
    return Data(made, means, np.sum(np.square(values - means[cell])))


def build(frame, data, priors):
    import pymc as pm
    import pytensor.tensor as pt

    with pm.Model(coords=linear_predictor.dimensions(frame)) as built:
        beta = linear_predictor.declare_coefficients(frame, priors.activity, ACTIVITY.information(frame))
        scale = declare("session_scale", priors.activity.session_scale)
        theta = pt.dot(linear_predictor.coefficient_matrix(frame, data.cells.means), beta)
        off = data.means - theta[0] - theta[data.cells.columns].sum(axis=1)
        squares = data.squares + (data.cells.sessions * off**2).sum()
        value = -0.5 * (frame.sessions * pt.log(2 * np.pi * scale**2) + squares / scale**2)
        linear_predictor.add_likelihood("log_likelihood", value)
    return built


def name_draws(draws, frame):
    out = linear_predictor.name_draws(draws, frame, ACTIVITY.information(frame))
    return out.assign(session_scale=draws["session_scale"])


def sample_prior(rng, frame, priors, draws):
    return activity.sample_prior(rng, frame, priors, draws, users=False)


def simulate(rng, frame, draw):
    expected = predict_centred(draw, frame.layout, frame.columns)[0]
    values = rng.normal(expected, single_draw(draw, "session_scale"))
    return replace(frame, outcomes={**frame.outcomes, ACTIVITY.column: np.exp(values)})


def user_log_likelihood(frame, draws, means):
    scale = draws_as_column(draws, "session_scale")
    off = activity.residuals(frame, draws, means, "") / scale
    return frame.over_users(-0.5 * off**2 - np.log(scale) - 0.5 * np.log(2 * np.pi))


MODEL = Model(
    name="independent_sessions",
    description="expertise affects log actions per prompt; sessions are independent",
    outcomes=(ACTIVITY,),
    topics=("activity",),
    compress=compress,
    build=build,
    name_draws=name_draws,
    sample_prior=sample_prior,
    cells=lambda data: data.cells,
    simulate=simulate,
    user_log_likelihood=user_log_likelihood,
    smooth=False,
)


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setitem(MODELS, MODEL.name, MODEL)


def test_it_lacks_nothing(lacks, draw):
    assert lacks(MODEL, draw(120, seed=41).frame) == []


@pytest.mark.slow
def test_it_is_fitted_and_checked_like_any_other(registered, draw, quick):
    drawn = draw(1500, seed=43)
    tree = fit(MODEL.name, drawn.frame, load("weak"), seed=1, **quick)
    found = effects.compare_with_truth(effects.effects(tree), drawn.truth)
    assert (found["z"].abs() < 4).all(), found.to_string()
    assert set(effects.effects_by(tree, "mode")["group"]) <= set(drawn.frame["mode"])
    assert len(effects.level_means(tree)) == 5
    assert diagnostics.diagnostics(tree).set_index("quantity").loc["divergences", "verdict"] == "pass"
    assert {"activity.session_scale", "likelihood"} <= set(sensitivity(tree)["component"])
    checks = predictive(tree).set_index("quantity")["verdict"]
    assert checks["likeness of a user's sessions"] == "fail", "users differ, and the model has no user effects"
    users = loo(tree)
    assert users["users"].item() == tree.attrs["users"]
    with pytest.raises(InputError, match="set smooth=False in the model's row"):
        fit(MODEL.name, drawn.frame, load("weak"), seed=1, **{**quick, "sampler": "surrogate"})
    with pytest.raises(InputError, match="has no use for a validation sample; give it to the model measurement"):
        fit(MODEL.name, drawn.frame, load("weak"), seed=1, validation=drawn.frame, **quick)
