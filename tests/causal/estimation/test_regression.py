import networkx as nx
import numpy as np
import pandas as pd
import pytest

from knowntruth.causal import dowhy_guard
from knowntruth.causal.estimation.partial_out import partial_out
from knowntruth.causal.estimation.regression import fit_linear, logistic_difference, standard_errors

ADJUSTED = ["month", "user_occupation", "mode"]


def logged(table):
    return table.assign(
        level=table["rated_expertise"].astype(float), actions_per_prompt=np.log(table["actions_per_prompt"])
    )


@pytest.mark.parametrize(("outcome", "truth"), [("actions_per_prompt", 0.09), ("verified_success", 0.04)])
def test_planted_effects_are_found(sessions, outcome, truth):
    fit = fit_linear(partial_out(logged(sessions(6000, activity=0.09, verified=0.04)), "level", outcome, ADJUSTED))
    assert abs(fit.value - truth) < 4 * fit.standard_error
    assert abs(fit.value) > 4 * fit.standard_error


def test_intervals_cover_and_the_naive_contrast_does_not(sessions, coefficient):
    replicates, covered, naive_covered = 200, 0, 0
    for seed in range(replicates):
        data = logged(sessions(1000, seed=seed))
        for covariates in (ADJUSTED, []):
            compressed = partial_out(data, "level", "actions_per_prompt", covariates)
            value = coefficient(compressed)
            inside = abs(value - 0.09) < 1.96 * standard_errors(compressed, value)[0]
            covered, naive_covered = (
                covered + (inside and bool(covariates)),
                naive_covered + (inside and not covariates),
            )
    # Two-sided band of four binomial standard errors about 95%.
    band = 4 * np.sqrt(0.95 * 0.05 / replicates)
    assert abs(covered / replicates - 0.95) < band
    assert naive_covered / replicates < 0.95 - band, "occupation confounds: the naive contrast must miss"


def test_hidden_ability_biases_the_adjusted_estimate(sessions):
    data = logged(sessions(6000, hidden=0.6, on_outcome=0.4))
    fit = fit_linear(partial_out(data, "level", "actions_per_prompt", ADJUSTED))
    assert fit.value - 0.09 > 5 * fit.standard_error


def test_rows_of_one_user_count_together(sessions):
    data = logged(sessions(2000, seed=2))
    doubled = pd.concat([data, data], ignore_index=True)
    once = fit_linear(partial_out(data, "level", "actions_per_prompt", ADJUSTED))
    twice = fit_linear(partial_out(doubled, "level", "actions_per_prompt", ADJUSTED))
    assert twice.standard_error == pytest.approx(once.standard_error, rel=0.03)
    assert twice.row_error < 0.75 * once.row_error


def test_compression_gives_what_dowhy_gives_on_dummies(sessions):
    data = logged(sessions(800, seed=3))
    dummies = pd.get_dummies(data[ADJUSTED].astype(str), drop_first=True).astype(float)
    table = dummies.assign(level=data["level"], actions_per_prompt=data["actions_per_prompt"])
    graph = nx.DiGraph([("level", "actions_per_prompt")])
    graph.add_edges_from((name, end) for name in dummies for end in ("level", "actions_per_prompt"))
    dowhy = dowhy_guard.import_dowhy()
    from dowhy.causal_identifier import BackdoorAdjustment, EstimandType, identify_effect_auto

    with dowhy_guard.quietly():
        names = ["level"], ["actions_per_prompt"], list(table.columns)
        kind = EstimandType.NONPARAMETRIC_ATE, None, BackdoorAdjustment.BACKDOOR_MAX
        estimand = identify_effect_auto(graph, *names, *kind)
        model = dowhy.CausalModel(data=table, treatment="level", outcome="actions_per_prompt", graph=graph)
        method = "backdoor.linear_regression"
        direct = model.estimate_effect(
            estimand, method_name=method, control_value=1, treatment_value=5, effect_modifiers=[]
        )
    fit = fit_linear(partial_out(data, "level", "actions_per_prompt", ADJUSTED))
    assert fit.interval(4)[0] == pytest.approx(direct.value, rel=1e-9)


def test_logistic_curve_agrees_with_the_line_where_the_truth_is_a_line(sessions):
    compressed = partial_out(logged(sessions(8000)), "level", "verified_success", ADJUSTED)
    value, low, high = fit_linear(compressed).interval(4)
    assert abs(logistic_difference(compressed) - value) < 2 * (high - low) / 2


def test_interval_turns_with_the_sign(sessions):
    fit = fit_linear(partial_out(logged(sessions(2000)), "level", "actions_per_prompt", ADJUSTED))
    value, low, high = fit.interval(-4)
    assert low < value < high < 0
