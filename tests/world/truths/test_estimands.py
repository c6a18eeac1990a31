"""The truth by replay, against experiments and against what must fail."""

import numpy as np
import pytest

from knowntruth.world.definition.world import load
from knowntruth.world.simulate import simulate
from knowntruth.world.truths.estimands import TRUE_OUTCOMES, clustered_mean, truth, truth_and_doses


def headline(name: str, estimand: str, seed: int = 5):
    rows = truth(load(name), 20_000, seed=seed)
    return rows[(rows.estimand == estimand) & (rows.contrast == "5 vs 1")].iloc[0]


def naive(name: str, outcome: str, treatment: str = "domain_expertise", seed: int = 6) -> tuple[float, float]:
    """Difference in means, expert against novice, by the true level, with its standard error."""
    data = simulate(load(name), 30_000, seed=seed)
    frame = data.truth.to_pandas()
    frame["actions_per_prompt"] = np.log(data.observed["actions_per_prompt"].to_numpy())
    frame = frame[frame["goal"]]
    values = frame[TRUE_OUTCOMES[outcome]].astype(float)
    high, low = values[frame[treatment] == 5], values[frame[treatment] == 1]
    return high.mean() - low.mean(), float(np.sqrt(high.var() / len(high) + low.var() / len(low)))


def test_in_the_null_world_nothing_moves_exactly():
    rows = truth(load("null"), 5000, seed=1)
    domain = rows[~rows.estimand.str.startswith("coding_")]
    assert set(domain[domain.estimand == "activity_ratio"].value) == {1.0}
    assert set(domain[domain.estimand != "activity_ratio"].value) == {0.0}
    assert (domain.mcse == 0).all()


@pytest.mark.parametrize(
    ("outcome", "estimand"),
    [
        ("actions_per_prompt", "activity_ratio"),
        ("verified_success", "verified_difference"),
        ("true_success", "success_difference"),
    ],
)
def test_in_the_randomized_world_a_plain_comparison_is_the_truth(outcome, estimand):
    true = headline("randomized", estimand)
    value = np.log(true.value) if outcome == "actions_per_prompt" else true.value
    seen, error = naive("randomized", outcome)
    # sessions of one person hang together: a design effect of 1.5 is generous at 1.7 sessions a person
    assert abs(seen - value) < 4 * np.hypot(error * np.sqrt(1.5), true.mcse)


def test_in_the_confounded_world_a_plain_comparison_misses_the_truth():
    true = headline("confounded", "success_difference")
    seen, error = naive("confounded", "true_success")
    assert abs(seen - true.value) > 6 * np.hypot(error, true.mcse)


def test_monte_carlo_errors_are_honest():
    """Over disjoint seeds, the spread of a truth matches its stated error (chi-squared, two-sided at 1e-5)."""
    from scipy import stats

    rows = [headline("published", "verified_difference", seed=s) for s in range(12)]
    values, errors = np.array([r.value for r in rows]), np.array([r.mcse for r in rows])
    statistic = ((values - values.mean()) ** 2).sum() / (errors**2).mean()
    assert 1e-5 < stats.chi2.sf(statistic, 11) < 1 - 1e-5


def test_clustering_matters_where_sessions_of_one_person_agree():
    owner = np.repeat(np.arange(500), 8)
    values = np.random.default_rng(0).normal(size=500)[owner]
    assert clustered_mean(values, owner)[1] == pytest.approx(values.std() / np.sqrt(500), rel=0.01)


def test_dose_response_agrees_with_the_contrasts():
    world = load("published")
    contrasts, levels = truth_and_doses(world, 5000, seed=1)
    rows = contrasts.set_index(["estimand", "contrast"]).value
    doses = levels.set_index(["treatment", "outcome", "level"]).value
    assert doses["domain_expertise", "actions_per_prompt", 5] / doses[
        "domain_expertise", "actions_per_prompt", 1
    ] == (pytest.approx(rows["activity_ratio", "5 vs 1"]))
    assert doses["coding_expertise", "true_success", 3] - doses["coding_expertise", "true_success", 1] == (
        pytest.approx(rows["coding_success_difference", "3 vs 1"])
    )
