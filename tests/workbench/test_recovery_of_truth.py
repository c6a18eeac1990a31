"""Where the Bayesian models must find the truth, and where the study's contrast must miss it."""

import numpy as np
import pytest

from knowntruth.bayes import effects as recovery
from knowntruth.bayes.fit import fit
from knowntruth.priors.load import load as load_priors
from knowntruth.study.tables.registry import TABLES
from knowntruth.world.definition.world import load
from knowntruth.world.simulate import simulate
from knowntruth.world.truths.estimands import truth

SESSIONS = 12_000
SEEDS = (1, 2, 3)
COVARIATES = ("user_occupation", "mode", "month")
"""Nothing that expertise moves: the price follows the work that was done."""


def beside_truth(world, seed):
    """Both models' effects on the sessions of one seed, beside the truth of the same world."""
    observed = simulate(world, SESSIONS, seed=seed).observed.to_pandas()
    true = truth(world, 60_000, seed=100)
    rows = []
    for model in ("activity", "verified_success"):
        tree = fit(model, observed, load_priors("weak"), covariates=COVARIATES, seed=seed)
        effects = recovery.effects(tree)
        assert (effects.ess_bulk >= 400).all() and (effects.r_hat < 1.02).all()
        rows.append(recovery.compare_with_truth(effects, true))
    return rows


@pytest.mark.slow
@pytest.mark.parametrize(
    "world", [load("randomized"), load("null").with_perfect_instruments()], ids=["randomized", "null"]
)
def test_the_intervals_hold_the_truth_where_the_design_is_right(world):
    """90% intervals for the headline of both models over three seeds.

    Six intervals: four or more hold the truth in all but 1.6% of such trials (binomial), and no truth lies further
    than four posterior standard deviations from the mean.
    """
    headline = [frame[frame.contrast == "5 vs 1"].iloc[0] for seed in SEEDS for frame in beside_truth(world, seed)]
    assert sum(bool(row.holds) for row in headline) >= 4
    assert all(abs(row["mean"] - row.value) < 4 * np.hypot(row.sd, row.mcse) for row in headline)


@pytest.mark.slow
def test_in_the_confounded_world_the_model_is_sure_and_wrong():
    """The negative control: adjustment for what is seen cannot remove hidden ability."""
    world = load("confounded").with_perfect_instruments()
    row = beside_truth(world, 1)[1].set_index("contrast").loc["5 vs 1"]
    assert not row.holds
    assert abs(row["mean"] - row.value) > 3 * np.hypot(row.sd, row.mcse)


def test_in_the_confounded_world_the_naive_contrast_misses_the_truth():
    world = load("confounded").with_perfect_instruments()
    table = TABLES["table_a2"](simulate(world, 40_000, seed=1).observed.to_pandas()).set_index("key")
    expert, novice = (table.loc[f"verified_success_raw_{level}"] for level in ("expert", "novice"))
    seen = (expert.value - novice.value) / 100
    error = np.hypot(expert.standard_error, novice.standard_error) / 100
    true = truth(world, 60_000, seed=100).set_index(["estimand", "contrast"]).loc[("verified_difference", "5 vs 1")]
    assert seen - true.value > 4 * np.hypot(error, true.mcse)
