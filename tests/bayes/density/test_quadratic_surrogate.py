"""The stand-in touches the likelihood at the mode; what is drawn by it is the posterior, or is refused."""

import numpy as np
import pytest
from pytensor.compile.mode import Mode
from scipy import optimize

from knowntruth.bayes import effects
from knowntruth.bayes import fit as fitting
from knowntruth.bayes.density import quadratic_surrogate
from knowntruth.bayes.density.reparametrize import PHI, POINT, PRIOR, reparametrize
from knowntruth.bayes.diagnostics import UnsoundPosterior, diagnostics
from knowntruth.bayes.fit import fit, fit_model_frame
from knowntruth.bayes.models.registry import MODELS
from knowntruth.bayes.rows.model_frame import model_frame
from knowntruth.bayes.rows.validation import ValidationSample
from knowntruth.priors.load import load

PLAIN = Mode(linker="py", optimizer=None)
MANY_SESSIONS, FEW_SESSIONS = 20_000, 2000


def built(frame, name):
    """Return the PyMC model of some sessions."""
    row = MODELS[name]
    rows = model_frame(frame, [outcome.column for outcome in row.outcomes])
    return row.build(rows, row.compress(rows, ValidationSample()), load("weak"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hidden_confounder", "joint"])
def test_it_touches_the_likelihood_at_its_height(draw, name):
    """What it is off grows as the way's third power: of a wrong slope as the first, of a wrong bend as the second."""
    model = built(draw(600, seed=8).frame, name)
    likelihood = quadratic_surrogate.likelihood_function(model)
    width = sum(
        int(np.prod(shape))
        for shape in quadratic_surrogate.parameter_shapes(model, quadratic_surrogate.likelihood_nodes(model.logp()))
    )

    def depth(phi):
        value, slope = likelihood(phi)
        return -value, -slope

    at = optimize.minimize(depth, np.full(width, 0.5), jac=True, method="L-BFGS-B", options={"maxiter": 2000}).x
    found = quadratic_surrogate.surrogate_data(model, at)
    way = np.random.default_rng(2).normal(size=len(at))

    def off(length):
        fallen = length * found[quadratic_surrogate.ROOT] @ way
        rough = length * found[quadratic_surrogate.SLOPE] @ way - 0.5 * fallen @ fallen
        return likelihood(at + length * way)[0] - likelihood(at)[0] - rough

    assert off(0.02) / off(0.01) == pytest.approx(8.0, rel=0.2)


@pytest.mark.parametrize(
    "name", ["hidden_confounder", *(pytest.param(name, marks=pytest.mark.slow) for name in ("joint", "measurement"))]
)
def test_without_sessions_and_without_a_parabola_the_prior_is_left(draw, name):
    model = built(draw(600, seed=8).frame, name)
    moved = reparametrize(model)
    z = {POINT: 0.2 * np.random.default_rng(3).normal(size=moved.initial_point(0)[POINT].shape)}
    phi, prior = (moved.compile_fn(moved.replace_rvs_by_values([moved[n]])[0], mode=PLAIN)(z) for n in (PHI, PRIOR))
    density = moved.compile_logp(mode=PLAIN)
    assert abs(density(z) - prior) > 100.0
    known = {shared.name: shared for shared in (*model.data_vars, *moved.data_vars)}
    found = quadratic_surrogate.surrogate_data(model, phi)
    for part, value in found.items():
        known[part].set_value(value)
    assert density(z) == pytest.approx(float(prior), abs=1e-9), "at the point where it touches it is 0"
    known[quadratic_surrogate.SLOPE].set_value(found[quadratic_surrogate.SLOPE] + 1.0)
    known[quadratic_surrogate.CENTRE].set_value(phi - 0.1)
    fallen = found[quadratic_surrogate.ROOT].sum(axis=1) * 0.1
    expected = 0.1 * (found[quadratic_surrogate.SLOPE] + 1.0).sum() - 0.5 * fallen @ fallen
    assert density(z) - prior == pytest.approx(expected, rel=1e-8)


@pytest.fixture
def small_success(small):
    return {"priors": load("weak"), "draws": 300, "chains": 4, "seed": 2, **small}


@pytest.mark.slow
def test_its_draws_are_those_of_the_posterior(draw, small_success):
    frame = draw(MANY_SESSIONS, seed=5).frame
    found = [
        fit("verified_success", frame, sampler=way, unsound="keep", **small_success)
        for way in ("surrogate", "nutpie")
    ]
    one, two = (effects.effects(tree) for tree in found)
    error = np.hypot(one["sd"] / np.sqrt(one["ess_bulk"]), two["sd"] / np.sqrt(two["ess_bulk"]))
    assert ((one["mean"] - two["mean"]).abs() < 4.5 * error).all()
    tail = diagnostics(found[0]).set_index("quantity").loc["pareto_k"]
    assert tail["verdict"] == "pass" and found[0].attrs["sampler"] == "surrogate"
    told = found[0]["log_likelihood"]["sessions"], found[1]["log_likelihood"]["sessions"]
    assert float(told[0].mean()) == pytest.approx(float(told[1].mean()), abs=5.0), "it is the likelihood, no parabola"


@pytest.fixture
def too_narrow(monkeypatch):
    """A parabola that falls off nine times as fast as the likelihood does."""
    true = quadratic_surrogate.surrogate_data

    def narrow(model, at):
        found = true(model, at)
        return {**found, quadratic_surrogate.ROOT: 3.0 * found[quadratic_surrogate.ROOT]}

    monkeypatch.setattr(quadratic_surrogate, "surrogate_data", narrow)


def test_draws_of_a_stand_in_that_does_not_fit_are_refused(draw, small_success, too_narrow):
    with pytest.raises(UnsoundPosterior, match="pareto_k"):
        fit("verified_success", draw(FEW_SESSIONS, seed=5).frame, sampler="surrogate", **small_success)


@pytest.mark.slow
@pytest.mark.parametrize(("many", "tried"), [(FEW_SESSIONS, ["surrogate", "nutpie"]), (FEW_SESSIONS + 1, ["nutpie"])])
def test_it_is_tried_first_where_sessions_abound_and_left_where_it_fails(
    draw, small_success, too_narrow, monkeypatch, many, tried
):
    ways = []
    monkeypatch.setattr(fitting, "MIN_SESSIONS_SURROGATE", many)
    monkeypatch.setattr(
        fitting, "fit_model_frame", lambda *given: ways.append(given[4].sampler) or fit_model_frame(*given)
    )
    tree = fit("verified_success", draw(FEW_SESSIONS, seed=5).frame, unsound="keep", **small_success)
    assert ways == tried and tree.attrs["sampler"] == tried[-1]


def test_a_likelihood_that_is_no_parabola_however_many_the_sessions_is_not_taken_for_one():
    assert [name for name, row in MODELS.items() if not row.smooth] == ["measurement"]
