"""The models on the agent-based worlds, whose sessions do not follow the models' form: right where they should be.

An estimator is tested here against a truth that it never sees; only the test reads both.
"""

import pytest

from knowntruth.bayes import effects
from knowntruth.bayes.diagnostics import diagnostics
from knowntruth.bayes.fit import fit
from knowntruth.datasets.schema.check import check
from knowntruth.priors.load import load
from knowntruth.world.definition.world import load as load_world
from knowntruth.world.simulate import simulate
from knowntruth.world.truths.estimands import truth

MODELS = ("activity", "verified_success")
SESSIONS = 20_000
FAR = 4.0
EFFORT = {"covariates": ("user_occupation", "month"), "by": None}
"""Covariates that expertise does not move."""

pytestmark = pytest.mark.proof


@pytest.fixture(scope="module")
def study():
    """Fit a model to a world through its own or through perfect instruments, and lay it beside the truth."""

    def run(name, model, seed, perfect=False):
        world = load_world(name).with_perfect_instruments() if perfect else load_world(name)
        observed = check(simulate(world, SESSIONS, seed=seed).observed.to_pandas())
        tree = fit(model, observed, load("weak"), seed=seed, **EFFORT)
        rows = diagnostics(tree)
        assert set(rows["verdict"]) == {"pass"}, rows.to_string()
        found = effects.compare_with_truth(effects.effects(tree), truth(world, 100_000, seed=seed))
        return found.set_index("contrast")

    return run


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("world", ["randomized", "null"])
def test_where_nothing_stands_in_the_way_the_truth_is_found(study, name, world):
    assert study(world, name, 1, perfect=True)["z"].abs().max() < FAR


@pytest.mark.parametrize("name", MODELS)
def test_a_halo_alone_makes_an_effect(study, name):
    """A negative control: nothing is there, and a rating that reads the outcome finds it all the same."""
    assert study("null", name, 1).loc["5 vs 1", "z"] > FAR


@pytest.mark.parametrize("name", MODELS)
def test_hidden_ability_is_not_adjusted_away(study, name):
    """A negative control: the covariates of the study do not hold what confounds this world.

    Seen through perfect instruments, for ratings that err pull the other way.
    """
    assert study("confounded", name, 1, perfect=True).loc["5 vs 1", "z"] > FAR
