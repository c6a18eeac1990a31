"""Other estimators and bounds: DoWhy's and DoubleML's own numbers on small data, and known effects found."""

import warnings

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from knowntruth.causal.checks import iv_and_front_door, other_estimators
from knowntruth.causal.checks.implications import implications
from knowntruth.causal.estimation import weighting
from knowntruth.causal.estimation.analysis import prepare
from knowntruth.causal.estimation.design_matrix import block
from knowntruth.causal.estimation.partial_out import partial_out
from knowntruth.causal.estimation.regression import fit_by_dowhy, fit_linear
from knowntruth.causal.graphs.analysis_graph import analysis_graph
from knowntruth.causal.identification.identify import identify
from knowntruth.causal.sensitivity import contour, omitted_variable_bounds, partial_r2


@pytest.fixture(scope="module")
def case(sessions, study_graph):
    analysis = analysis_graph(study_graph(), "rated_expertise", "actions_per_prompt")
    return prepare(sessions(2000), analysis.graph, identify(analysis), 1, 2000, 6)


def test_other_estimators_agree_where_the_effect_is_the_same_for_all(case):
    found = {check.name: check for check in other_estimators.group_estimates(case)}
    assert set(found) == {"weighting", "doubly robust"}
    for check in found.values():
        assert check.verdict == "pass"
        assert check.lower < check.value < check.upper


@pytest.mark.parametrize("method", weighting.METHODS.values())
def test_the_error_of_the_scores_is_that_against_dowhy_on_all_dummies(case, method):
    """Two scores against every dummy, on the same rows: what is said of the difference is the difference."""
    two = weighting.two_groups(case)
    names = case.identification.adjustment
    rows = weighting._draw(case, len(case.data))
    dummies = [pd.DataFrame(block(rows, name).toarray()).add_prefix(name) for name in names]
    full = pd.concat([rows[[weighting.UPPER_GROUP, case.outcome]], *dummies], axis=1)
    theirs = fit_by_dowhy(
        full.assign(**{weighting.UPPER_GROUP: full[weighting.UPPER_GROUP] > 0.5}), method, (False, True)
    )[1].value
    assert weighting.compression_error(case, method) == pytest.approx(
        abs(weighting.estimate_groups(two, method) - theirs), abs=1e-9
    )
    assert abs(weighting.estimate_groups(two, method) - theirs) < 0.3 * fit_linear(two).standard_error


def confounded(n, seed, instrument=1.0):
    """One hidden cause; z is an instrument, m carries the whole effect of 0.5."""
    rng = np.random.default_rng(seed)
    z, hidden = rng.normal(size=(2, n))
    x = instrument * z + hidden + rng.normal(size=n)
    m = 0.5 * x + rng.normal(size=n)
    return pd.DataFrame({"z": z, "x": x, "m": m, "y": m + hidden + rng.normal(size=n), "user_id": np.arange(n),
                         "clear_goal": True})  # fmt: skip


def asked(graph_of, data):
    analysis = analysis_graph(graph_of("z>x x>m m>y u>x u>y", "u"), "x", "y")
    return {
        c.name: c
        for c in iv_and_front_door.iv_and_front_door(prepare(data, analysis.graph, identify(analysis), 1, 3000, 12))
    }


def test_instrument_and_front_door_find_the_effect_and_regression_does_not(graph_of):
    data = confounded(3000, 2)
    found = asked(graph_of, data)
    assert found["instrument"].lower < 0.5 < found["instrument"].upper
    assert abs(found["front door"].value - 0.5) < 4 * 0.03
    naive = fit_linear(partial_out(data, "x", "y", []))
    assert naive.value - 0.5 > 5 * naive.standard_error
    assert found["weak instrument"].verdict == "pass"
    assert {found[name].verdict for name in ("placebo instrument", "placebo front door")} == {"pass"}


def test_a_weak_instrument_is_told(graph_of):
    assert asked(graph_of, confounded(500, 3, instrument=0.0))["weak instrument"].verdict == "alarm"


def test_dowhy_and_the_closed_forms_agree():
    data = confounded(500, 4)
    wald = np.cov(data["z"], data["y"])[0, 1] / np.cov(data["z"], data["x"])[0, 1]
    assert iv_and_front_door.ratio(data[["z", "x", "y"]]) == pytest.approx(wald, rel=1e-9)
    frame = data[["x", "m", "y"]]
    assert iv_and_front_door.two_stage(frame) == pytest.approx(iv_and_front_door._through(frame, ["m"]), rel=1e-9)


def learned_on(n, seed, hidden=0.0):
    rng = np.random.default_rng(seed)
    c, u = rng.normal(size=(2, n))
    level = np.clip(np.round(3 + 0.8 * np.sin(2 * c) + hidden * u + rng.normal(size=n)), 1, 5)
    outcome = 0.2 * level + c**2 + hidden * u + rng.normal(size=n)
    upper = (level >= 4).astype(float)
    return omitted_variable_bounds.learn_bounds(pd.DataFrame({"c": c}), outcome, level, upper, np.arange(n), 1)


def test_trees_see_what_lines_do_not_and_bounds_hold_the_truth_only_if_wide_enough():
    clean = learned_on(4000, 5).line
    assert abs(clean.value - 0.2) < 4 * clean.error + 0.02
    biased = learned_on(4000, 6, hidden=0.7).line
    assert biased.value - 0.2 > 5 * biased.error
    low, _ = biased.bounds(0.3, 0.33)  # the hidden cause is a third of what is left of either
    assert low < 0.2
    assert biased.bounds(0.01, 0.01)[0] > 0.2


def test_bounds_are_doublemls_own():
    """The same learned values handed to DoubleML: estimate, and bounds for a hidden cause, to the last digits."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import doubleml as dml
        from sklearn.linear_model import LinearRegression

        rng, n = np.random.default_rng(7), 600
        c = rng.normal(size=n)
        t = c + rng.normal(size=n)
        y = 0.5 * t + c + rng.normal(size=n)
        data = dml.DoubleMLData.from_arrays(c[:, None], y, t)
        model = dml.DoubleMLPLR(data, LinearRegression(), LinearRegression(), n_folds=2)
        model.fit(store_predictions=True)
        model.sensitivity_analysis(cf_y=0.1, cf_d=0.2, rho=1.0)
    ours = omitted_variable_bounds.partially_linear(
        y, t, model.predictions["ml_l"].ravel(), model.predictions["ml_m"].ravel(), np.arange(n)
    )
    theirs = model.sensitivity_params
    assert ours.value == pytest.approx(float(model.coef[0]), rel=1e-9)
    assert ours.bounds(0.2, 0.1)[0] == pytest.approx(float(theirs["theta"]["lower"][0]), rel=1e-6)
    assert ours.bounds(0.2, 0.1)[1] == pytest.approx(float(theirs["theta"]["upper"][0]), rel=1e-6)


def test_the_surface_is_no_effect_at_the_robustness_value_and_exact_for_a_planted_cause():
    rng, n = np.random.default_rng(8), 2000
    c, u = rng.normal(size=(2, n))
    t = c + 0.6 * u + rng.normal(size=n)
    data = pd.DataFrame(
        {"t": t, "y": 0.4 * t + c + 0.7 * u + rng.normal(size=n), "c": c, "u": u, "user_id": np.arange(n)}
    )
    short, full = (partial_out(data, "t", "y", held) for held in (["c"], ["c", "u"]))
    fit = fit_linear(short)
    robustness = partial_r2.robustness_value(fit, short)
    left, _ = contour.remaining_effect(fit, short, np.array([robustness]), np.array([robustness]))
    assert left[0] == pytest.approx(0, abs=1e-9)
    planted = next(one for one in partial_r2.benchmarks(full) if one.name == "u")
    left, _ = contour.remaining_effect(
        fit, short, np.array([planted.with_treatment]), np.array([planted.with_outcome])
    )
    assert left[0] == pytest.approx(fit_linear(full).value, rel=1e-9)
    strength = contour.equal_strength(planted.with_treatment, planted.with_outcome)
    assert strength**2 / (1 - strength) == pytest.approx(planted.strength**2, rel=1e-9)
    points = contour.points_of([planted], "planted")
    surface = contour.surface(fit, short, contour.axis_limit(robustness, points))
    assert surface["with_treatment"].max() >= robustness
    assert len(surface) == contour.GRID_POINTS**2


def test_a_graph_without_implications_cannot_be_tried(graph_of):
    analysis = analysis_graph(nx.DiGraph(graph_of("x>y")), "x", "y")
    data = confounded(400, 9)
    found = list(implications(prepare(data, analysis.graph, identify(analysis), 1, 400, 2)))
    assert [check.verdict for check in found] == ["unavailable"]
