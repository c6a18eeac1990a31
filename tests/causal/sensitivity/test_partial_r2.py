import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from knowntruth.causal import dowhy_guard
from knowntruth.causal.estimation.partial_out import partial_out
from knowntruth.causal.estimation.regression import fit_linear
from knowntruth.causal.sensitivity import partial_r2


@pytest.fixture(scope="module")
def world():
    """Two observed causes and a hidden one, all real numbers; the effect is 0.5."""
    rng, n = np.random.default_rng(2), 3000
    a, b, hidden = rng.normal(size=(3, n))
    t = a + 0.5 * b + 0.8 * hidden + rng.normal(size=n)
    y = 0.5 * t + 0.7 * a + 0.3 * b + 0.9 * hidden + rng.normal(size=n)
    return pd.DataFrame({"t": t, "y": y, "a": a, "b": b, "hidden": hidden, "user_id": np.arange(n)})


@pytest.fixture(scope="module")
def compressed(world):
    return partial_out(world, "t", "y", ["a", "b"])


@pytest.fixture(scope="module")
def fit(compressed):
    return fit_linear(compressed)


def test_partial_r2_of_an_omitted_cause_gives_its_bias_exactly(world, coefficient):
    """The identity that all of this rests on: bias = spread ratio x strength, for the true hidden cause."""
    full = partial_out(world, "t", "y", ["a", "b", "hidden"])
    hidden = next(b for b in partial_r2.benchmarks(full) if b.name == "hidden")
    short = partial_out(world, "t", "y", ["a", "b"])
    assert hidden.value == pytest.approx(coefficient(short), rel=1e-9)
    ratio = partial_r2.residual_ratio(fit_linear(short), short)
    assert hidden.value - coefficient(full) == pytest.approx(ratio * hidden.strength, rel=1e-9)


def test_robustness_value_is_the_strength_that_leaves_nothing(fit, compressed):
    value = partial_r2.robustness_value(fit, compressed)
    ratio = partial_r2.residual_ratio(fit, compressed)
    assert ratio * np.sqrt(value * value / (1 - value)) == pytest.approx(fit.value, rel=1e-9)
    assert 0 < partial_r2.robustness_value(fit, compressed, limit=True) < value < 1


def analyse(world, method):
    """DoWhy's own analyser on the same regression with the covariates as they are."""
    import networkx as nx

    dowhy = dowhy_guard.import_dowhy()
    edges = [("t", "y")] + [(cause, end) for cause in ("a", "b") for end in ("t", "y")]
    with dowhy_guard.quietly(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        columns = world[["t", "y", "a", "b"]]
        model = dowhy.CausalModel(data=columns, treatment="t", outcome="y", graph=nx.DiGraph(edges))
        estimand = model.identify_effect()
        estimate = model.estimate_effect(
            estimand, method_name="backdoor.linear_regression", effect_modifiers=[], confidence_intervals=True
        )
        return model.refute_estimate(
            estimand,
            estimate,
            method_name="add_unobserved_common_cause",
            simulation_method=method,
            benchmark_common_causes=["a"],
            effect_fraction_on_treatment=[1],
            effect_fraction_on_outcome=[1],
            plot_estimate=False,
        )


def test_agrees_with_dowhy_on_partial_r2(world, fit, compressed):
    theirs = analyse(world, "linear-partial-R2")
    assert partial_r2.robustness_value(fit, compressed) == pytest.approx(theirs.stats["robustness_value"], rel=2e-3)
    ours = next(b for b in partial_r2.benchmarks(compressed) if b.name == "a")
    with_treatment, with_outcome = partial_r2.hidden_strength(ours)
    row = theirs.benchmarking_results.iloc[0]
    assert with_treatment == pytest.approx(row["r2tu_w"], rel=1e-3)
    assert with_outcome == pytest.approx(row["r2yu_tw"], rel=1e-3)
    left, _, _ = partial_r2.effect_if_as_strong(fit, compressed, ours)
    assert left == pytest.approx(row["bias_adjusted_estimate"], rel=2e-3)


def test_agrees_with_dowhy_on_the_e_value(world, fit, compressed):
    theirs = analyse(world, "e-value").stats["evalue_estimate"]
    # DoWhy's effect is of one unit, ours of four levels.
    ratio = np.exp(0.91 * fit.value / world["y"].std(ddof=0))
    assert partial_r2.e_value(ratio) == pytest.approx(theirs, rel=1e-6)
    assert partial_r2.risk_ratio(compressed, fit.value) == pytest.approx(ratio**4, rel=1e-6)


def test_risk_ratio_of_a_flag_is_that_of_its_probabilities(coefficient):
    rng, n = np.random.default_rng(5), 40_000
    level = rng.integers(1, 6, n).astype(float)
    data = pd.DataFrame({"x": level, "y": rng.random(n) < 0.1 + 0.05 * level, "user_id": np.arange(n)})
    compressed = partial_out(data, "x", "y", [])
    expected, error = 0.35 / 0.15, 4 * 0.35 / 0.15 * np.sqrt(1 / (0.15 * n / 5) + 1 / (0.35 * n / 5))
    assert abs(partial_r2.risk_ratio(compressed, coefficient(compressed)) - expected) < error
    assert partial_r2.risk_ratio(compressed, 0.0) == 1


def test_e_value_moves_with_the_effect_and_is_one_for_none():
    values = [partial_r2.e_value(ratio) for ratio in (1.0, 1.1, 1.5, 3.0, 10.0)]
    assert values[0] == 1
    assert values == sorted(values)


def test_a_cause_as_strong_as_a_strong_covariate_explains_a_confounded_estimate(world):
    """Where the hidden cause is no stronger than what is seen, the benchmark warns as it should."""
    rng, n = np.random.default_rng(3), 3000
    seen, hidden = rng.normal(size=(2, n))
    t = seen + hidden + rng.normal(size=n)
    data = pd.DataFrame({"t": t, "y": seen + hidden + rng.normal(size=n), "seen": seen, "user_id": np.arange(n)})
    compressed = partial_out(data, "t", "y", ["seen"])
    fit = fit_linear(compressed)
    assert fit.value > 5 * fit.standard_error, "no effect, but the hidden cause makes one"
    left, _, _ = partial_r2.effect_if_as_strong(fit, compressed, partial_r2.benchmarks(compressed)[0])
    assert left <= 0


def test_weak_covariates_make_a_confounded_estimate_look_robust():
    """What no benchmark can see: the hidden cause is far stronger than anything observed."""
    rng, n = np.random.default_rng(4), 3000
    seen, hidden = rng.normal(size=(2, n))
    t = 0.05 * seen + hidden + rng.normal(size=n)
    data = pd.DataFrame({"t": t, "y": 0.05 * seen + hidden + rng.normal(size=n), "seen": seen})
    compressed = partial_out(data.assign(user_id=np.arange(n)), "t", "y", ["seen"])
    fit = fit_linear(compressed)
    left, low, _ = partial_r2.effect_if_as_strong(fit, compressed, partial_r2.benchmarks(compressed)[0])
    assert low > 0.9 * fit.interval()[1] > 0
    assert left < fit.value


def test_scaling_units_changes_no_strength(world, fit, compressed):
    scaled = partial_out(world.assign(t=world["t"] * 10, y=world["y"] * 0.1), "t", "y", ["a", "b"])
    for ours, theirs in zip(partial_r2.benchmarks(compressed), partial_r2.benchmarks(scaled), strict=True):
        assert ours.with_treatment == pytest.approx(theirs.with_treatment, rel=1e-9)
        assert ours.with_outcome == pytest.approx(theirs.with_outcome, rel=1e-9)
    one, other = partial_r2.robustness_value(fit, compressed), partial_r2.robustness_value(fit_linear(scaled), scaled)
    assert one == pytest.approx(other, rel=1e-9)


def test_limits_that_hold_no_effect_need_no_hidden_cause(fit, compressed):
    flat = replace(fit, value=0.0)
    assert partial_r2.robustness_value(flat, compressed, limit=True) == 0
