"""What the strategies are made of, against other ways to the same number."""

import numpy as np
import pandas as pd
import pytest

from knowntruth.strategies import estimate_one
from knowntruth.strategies.base.estimate import clustered_error
from knowntruth.strategies.base.question import make_question
from knowntruth.strategies.base.select_sample import select_sample
from knowntruth.strategies.estimators.linear import level_contrast
from knowntruth.strategies.measurement_error.simex import _Moments, _slope, extrapolate
from knowntruth.study.tables.table_a2 import table_a2

BOOTSTRAPS = 100
ALL_BOUNDS = ("no_assumption_bounds", "monotone_response", "monotone_selection", "monotone_both")
NARROWER_WIDER = (
    ("monotone_response", "no_assumption_bounds"),
    ("monotone_selection", "no_assumption_bounds"),
    ("monotone_both", "monotone_response"),
    ("monotone_both", "monotone_selection"),
)


def test_a_regression_is_that_of_statsmodels(everything):
    """Coefficient and clustered error, up to the corrections for small samples, which are below one in a hundred."""
    import statsmodels.formula.api as smf

    question = make_question("verified_difference")
    sample = select_sample(everything[0], question, needed=question.controls)
    effect, influence = level_contrast(sample, question, question.controls)
    frame = sample.frame.astype(dict.fromkeys(question.controls, str)).assign(y=sample.outcome, level=sample.level)
    formula = "y ~ C(level) + C(month) + C(mode) + C(user_occupation)"
    model = smf.ols(formula, frame).fit(cov_type="cluster", cov_kwds={"groups": sample.users})
    assert effect == pytest.approx(model.params["C(level)[T.5.0]"], rel=1e-8)
    assert clustered_error(influence, sample.users) == pytest.approx(model.bse["C(level)[T.5.0]"], rel=0.01)


def test_naive_is_the_difference_between_two_means(everything):
    observed = everything[0]
    rated = observed[observed["clear_goal"]]
    means = np.log(rated["actions_per_prompt"]).groupby(rated["rated_expertise"]).mean()
    assert estimate_one("naive", observed).value == pytest.approx(np.exp(means[5.0] - means[1.0]))


def test_published_is_the_studys_own_table(trials):
    observed, _ = trials["published"].draw(12_000, seed=7)
    printed = table_a2(observed).set_index("key").loc["verified_success_coef_vs_novice_expert"]
    found = estimate_one("published", observed, "verified_difference")
    assert [found.value, found.standard_error] == pytest.approx(
        [printed["value"] / 100, printed["standard_error"] / 100]
    )


def test_weighting_matching_and_both_agree_where_there_is_one_control(trials):
    """With the mode alone to hold, all three estimate the average over modes of the difference within each."""
    observed, _ = trials["weighting"].draw(12_000, seed=7)
    rated = observed[observed["clear_goal"]].assign(y=np.log(observed["actions_per_prompt"]))
    means = rated.pivot_table(index="mode", columns="rated_expertise", values="y", observed=True)
    shares = rated["mode"].value_counts(normalize=True)
    direct = float(((means[5] - means[1]) * shares).sum())
    for name in ("weighting", "matching", "doubly_robust"):
        found = estimate_one(name, observed, controls=("mode",), seed=1)
        assert np.log(found.value) == pytest.approx(direct, abs=found.standard_error / found.value)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["regression_calibration", "simex", "front_door", "selection_weighting"])
def test_the_error_is_what_redrawing_people_shows(trials, name):
    """Against a bootstrap of people, whose own error is one over the root of twice its redraws."""
    trial = trials[name]
    observed, asked = trial.draw(2_500, seed=7)
    found = estimate_one(name, observed, trial.estimand, **asked)
    values = [estimate_one(name, again, trial.estimand, **asked | known).value
              for again, known in _redrawn(observed, asked.get("validation"))]  # fmt: skip
    relative = 1 / np.sqrt(2 * BOOTSTRAPS), 1 / np.sqrt(2 * 49) if name == "simex" else 0.0
    assert found.standard_error / np.std(values) == pytest.approx(1.0, abs=4 * np.hypot(*relative))


def _redrawn(observed, validation):
    """People drawn with replacement, each draw a new person with sessions of their own, validated as before."""
    rng = np.random.default_rng(8)
    people, of_row = np.unique(observed["user_id"], return_inverse=True)
    rows = np.split(np.argsort(of_row, kind="stable"), np.cumsum(np.bincount(of_row))[:-1])
    for _ in range(BOOTSTRAPS):
        drawn = rng.integers(0, len(people), len(people))
        again = observed.iloc[np.concatenate([rows[k] for k in drawn])]
        owners = np.repeat(np.arange(len(drawn)), [len(rows[k]) for k in drawn])
        again = again.assign(user_id=owners, drawn_from=again["session_id"], session_id=np.arange(len(again)))
        known = {}
        if validation is not None:
            levels = validation[["session_id", "domain_expertise"]].rename(columns={"session_id": "drawn_from"})
            known = {"validation": again[["session_id", "drawn_from"]].merge(levels, on="drawn_from")}
        yield again, known


# SIMEX -------------------------------------------------------------------------------------------------------------


def test_moments_of_misread_ratings_are_those_of_misreading_them():
    """The slope that is worked out is the one that ratings drawn again would have on average."""
    rng = np.random.default_rng(6)
    level = rng.integers(1, 6, 20_000)
    outcome = 0.3 * level + rng.normal(size=len(level))
    misread = 0.7 * np.eye(5) + 0.06
    misread /= misread.sum(axis=1, keepdims=True)
    columns = np.column_stack([np.ones(len(level)), level[:, None] == np.arange(1, 6), outcome])
    drawn = [_drawn_slope(level, outcome, misread, rng) for _ in range(40)]
    exact = _slope(columns.T @ columns, misread)
    assert exact == pytest.approx(np.mean(drawn), abs=4 * np.std(drawn) / np.sqrt(len(drawn)))


def _drawn_slope(level, outcome, misread, rng):
    again = 1 + (rng.random(len(level))[:, None] > np.cumsum(misread, axis=1)[level - 1]).sum(axis=1)
    return np.polyfit(again, outcome, 1)[0]


@pytest.mark.parametrize("chance", [0.05, 0.15])
def test_simex_runs_back_to_the_slope_without_error(chance):
    """Where misreading is small the curve is near exact: within a fiftieth, where the rated slope is off by more."""
    rng = np.random.default_rng(9)
    true = rng.integers(1, 6, 200_000)
    step = rng.choice([-1, 0, 1], size=len(true), p=[chance, 1 - 2 * chance, chance])
    rated = np.clip(true + step, 1, 5)
    outcome = 0.3 * true
    columns = np.column_stack([np.ones(len(true)), rated[:, None] == np.arange(1, 6), outcome])
    pairs = np.bincount((true - 1) * 5 + rated - 1, minlength=25).reshape(5, 5).astype(float)
    slope, path = extrapolate(_Moments(columns.T @ columns, pairs))
    assert slope == pytest.approx(0.3, rel=0.02)
    assert abs(path[0] / 0.3 - 1) > 0.02


# Bounds ------------------------------------------------------------------------------------------------------------


def test_bounds_by_hand():
    """Two levels, four people: every end can be counted on one's fingers."""
    observed = pd.DataFrame(
        {
            "session_id": range(4),
            "user_id": range(4),
            "clear_goal": True,
            "rated_expertise": [1.0, 1.0, 5.0, 5.0],
            "verified_success": [True, False, True, True],
        }
    )
    ends = {name: estimate_one(name, observed, "verified_difference") for name in ALL_BOUNDS}
    # If all were experts: 1/2 seen to succeed, 1/2 unknown. If all were novices: 1/4 seen to, 1/2 unknown.
    assert (ends["no_assumption_bounds"].least, ends["no_assumption_bounds"].greatest) == (0.5 - 0.75, 1.0 - 0.25)
    assert (ends["monotone_response"].least, ends["monotone_response"].greatest) == (0.0, 1.0 - 0.25)
    # Experts as novices do no worse than novices (1/2), novices as experts no better than experts (1).
    assert (ends["monotone_selection"].least, ends["monotone_selection"].greatest) == (0.5 - 0.75, 1.0 - 0.5)
    assert (ends["monotone_both"].least, ends["monotone_both"].greatest) == (0.0, 1.0 - 0.5)


def test_more_assumptions_never_widen_a_range(everything):
    observed, asked = everything
    found = {name: estimate_one(name, observed, **asked) for name in ALL_BOUNDS}
    for narrower, wider in NARROWER_WIDER:
        assert found[wider].least <= found[narrower].least
        assert found[narrower].greatest <= found[wider].greatest
