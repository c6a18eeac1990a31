"""Each refuter on data with a known effect, with none, and with a planted hidden cause."""
# ruff: noqa: NPY002 (the legacy global state is what these tests guard)

import logging
import random
import sys
import warnings
from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from knowntruth.causal import dowhy_guard
from knowntruth.causal.estimation.partial_out import partial_out
from knowntruth.causal.estimation.regression import fit_linear
from knowntruth.causal.refutation import bootstrap, data_subset, placebo, random_common_cause
from knowntruth.causal.refutation.registry import REFUTERS
from knowntruth.causal.refutation.unobserved_common_cause import (
    residual_spread,
    simulated_strength,
    unobserved_common_cause,
)

ADJUSTED = ["month", "user_occupation", "mode"]
TESTS = [refuter.check for refuter in REFUTERS]


def fitted(table):
    data = table.assign(
        level=table["rated_expertise"].astype(float), actions_per_prompt=np.log(table["actions_per_prompt"])
    )
    return fit_linear(partial_out(data, "level", "actions_per_prompt", ADJUSTED))


@pytest.fixture(scope="module")
def known(sessions):
    return fitted(sessions(2000, activity=0.09))


@pytest.fixture(scope="module")
def nothing(sessions):
    return fitted(sessions(2000, activity=0.0))


@pytest.fixture(scope="module")
def confounded(sessions):
    """No effect at all, yet a strong estimate, by a hidden cause."""
    return fitted(sessions(2000, activity=0.0, hidden=0.7, on_outcome=0.5))


def test_planted_hidden_cause_fakes_an_effect(confounded):
    assert confounded.value > 5 * confounded.standard_error


@pytest.mark.parametrize("test", TESTS, ids=[refuter.hypothesis.name for refuter in REFUTERS])
@pytest.mark.parametrize("world", ["known", "nothing", "confounded"])
def test_refuters_pass_sound_regressions_and_cannot_see_a_hidden_cause(test, world, request):
    """A false alarm has one chance in a hundred, so of three seeds two must pass, in the biased world too."""
    fit = request.getfixturevalue(world)
    verdicts = [test(fit, seed, 10).verdict for seed in (1, 2, 3)]
    assert verdicts.count("pass") >= 2


def test_placebo_effects_scatter_about_nothing(known):
    check = placebo.REFUTER.check(known, 5, 30)
    expected = known.row_error / np.sqrt(30)
    assert abs(check.value) < 5 * expected
    assert check.lower < 0 < check.upper
    assert known.value > 10 * (check.upper - check.lower) / 2


def test_false_alarms_of_the_rules_are_as_stated(known):
    rng, replicates, number = np.random.default_rng(7), 3000, 20
    spread = known.row_error * 0.5
    shuffled = sum(placebo.judge(d).verdict == "alarm" for d in rng.normal(size=(replicates, number)))
    draws = known.value + spread * rng.normal(size=(replicates, number))
    subset = sum(data_subset.judge(d, known).verdict == "alarm" for d in draws)
    redrawn = known.value + known.row_error * rng.normal(size=(replicates, number))
    resampled = sum(bootstrap.judge(d, known).verdict == "alarm" for d in redrawn)
    band = 4 * np.sqrt(0.01 * 0.99 / replicates)
    assert abs(resampled / replicates - 0.01) < band
    assert abs(shuffled / replicates - 0.01) < band
    assert abs(subset / replicates - 0.01) < band


def test_subset_alarm_when_one_row_decides(sessions):
    table = sessions(1000, activity=0.0).assign(rated_expertise=2)
    table.loc[: len(table) // 2, "rated_expertise"] = 3
    table["rated_expertise"] = table["rated_expertise"].astype(float)
    table.loc[0, ["rated_expertise", "actions_per_prompt"]] = 400.0, np.exp(40.0)
    check = data_subset.REFUTER.check(fitted(table), 1, 20)
    assert check.verdict == "alarm"


def test_random_cause_alarm_when_few_rows_leave_the_estimate_loose(sessions):
    data = sessions(12, seed=2).assign(level=np.arange(12.0), outcome=np.random.default_rng(1).normal(size=12))
    fit = fit_linear(partial_out(data, "level", "outcome", []))
    loose = replace(fit, row_error=fit.row_error / 10)
    assert random_common_cause.REFUTER.check(loose, 1, 20).verdict == "alarm"


@pytest.fixture(scope="module")
def stale():
    """DoWhy's weighting estimator fitted on a frame that holds columns of an earlier fit: a known fault."""
    rng, n = np.random.default_rng(4), 1500
    cause = rng.normal(size=n)
    treated = rng.random(n) < 1 / (1 + np.exp(-1.5 * cause))
    frame = pd.DataFrame({"t": treated, "y": 1.0 * treated + 2 * cause + rng.normal(size=n), "c": cause})
    graph = nx.DiGraph([("t", "y"), ("c", "t"), ("c", "y")])
    dowhy = dowhy_guard.import_dowhy()
    with dowhy_guard.quietly():
        model = dowhy.CausalModel(data=frame, treatment="t", outcome="y", graph=graph)
        estimand = model.identify_effect()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # scikit-learn on the shape of a column; DoWhy's, not ours
            estimate = model.estimate_effect(
                estimand, method_name="backdoor.propensity_score_weighting", effect_modifiers=[]
            )
    return frame, estimand, estimate


@pytest.mark.parametrize("test", [placebo.REFUTER.check, random_common_cause.REFUTER.check])
def test_columns_left_by_an_earlier_fit_raise_the_alarm(known, stale, test):
    frame, estimand, estimate = stale
    assert "propensity_score" in frame, "DoWhy mended the fault: this control needs another"
    fit = replace(
        known, frame=frame, treatment="t", outcome="y", estimand=estimand, estimate=estimate, value=estimate.value
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert test(fit, 1, 4).verdict == "alarm"


STRONG, WEAK = (0.3, 0.3), (0.001, 0.001)


def test_a_made_hidden_cause_is_as_strong_as_asked(known):
    on_treatment, on_outcome = simulated_strength(known, STRONG)
    rng = np.random.default_rng(1)
    left_treatment, left_outcome = residual_spread(known)
    cause = rng.normal(size=200_000)
    for kappa, left in ((on_treatment, left_treatment), (on_outcome, left_outcome)):
        moved = left * rng.normal(size=len(cause)) + kappa * cause
        assert np.corrcoef(moved, cause)[0, 1] ** 2 == pytest.approx(0.3, abs=4 * 0.002)


def test_made_hidden_cause_alarms_when_strong_and_not_when_weak(known):
    assert unobserved_common_cause(known, STRONG, "assumed", 1, 3).verdict == "alarm"
    assert unobserved_common_cause(known, WEAK, "assumed", 1, 3).verdict == "pass"


def test_made_hidden_cause_pulls_a_negative_effect_up(sessions):
    fit = fitted(sessions(2000, activity=-0.2))
    check = unobserved_common_cause(fit, (0.05, 0.05), "assumed", 1, 3)
    assert fit.value < check.value


def test_made_hidden_cause_has_nothing_to_explain_where_there_is_no_effect(sessions):
    fit = fitted(sessions(300, activity=0.0, seed=8))
    flat = replace(fit, value=fit.standard_error / 2)
    assert unobserved_common_cause(flat, STRONG, "assumed", 1, 2).verdict == "info"


def test_global_states_are_left_as_they_were(known):
    before = np.random.get_state(legacy=False), random.getstate(), sys.displayhook
    level = logging.getLogger("dowhy").level
    for test in TESTS:
        test(known, 1, 2)
    unobserved_common_cause(known, STRONG, "assumed", 1, 2)
    after = np.random.get_state(legacy=False)
    assert {k: v for k, v in before[0].items() if k != "state"} == {k: v for k, v in after.items() if k != "state"}
    assert np.array_equal(before[0]["state"]["key"], after["state"]["key"])
    assert before[0]["state"]["pos"] == after["state"]["pos"]
    assert before[1] == random.getstate()
    assert before[2] is sys.displayhook
    assert level == logging.getLogger("dowhy").level


def test_global_states_are_restored_after_an_error():
    before = np.random.get_state(legacy=False)["state"]["key"].copy()
    with pytest.raises(ZeroDivisionError), dowhy_guard.quietly(1):
        np.random.normal(size=5)
        raise ZeroDivisionError
    assert np.array_equal(before, np.random.get_state(legacy=False)["state"]["key"])


def test_seed_decides_and_streams_differ(known):
    np.random.seed(3)
    one = placebo.REFUTER.check(known, 1, 3)
    np.random.seed(4)
    assert placebo.REFUTER.check(known, 1, 3) == one
    assert placebo.REFUTER.check(known, 2, 3).value != one.value
    assert set(dowhy_guard.stream_seeds(1, "a", 20)).isdisjoint(dowhy_guard.stream_seeds(1, "b", 20))
    frame = known.frame.copy()
    data_subset.REFUTER.check(known, 1, 2)
    assert known.frame.equals(frame), "the fit's own table is never written to"
