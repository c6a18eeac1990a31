import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from knowntruth.causal.estimation.design_matrix import block
from knowntruth.causal.estimation.partial_out import partial_out
from knowntruth.causal.estimation.regression import fit_linear, standard_errors
from knowntruth.common.errors import InputError

COVARIATES = ["month", "user_occupation", ("mode", "value_band"), "age"]


@pytest.fixture(scope="module")
def data(sessions):
    table = sessions(1500, seed=4)
    age = np.random.default_rng(9).exponential(6.0, len(table))
    level = table["rated_expertise"].astype(float)
    return table.assign(age=age + level, actions_per_prompt=np.log(table["actions_per_prompt"]), level=level)


def full_regression(data):
    """The regression in full, by statsmodels: a column for each category but one."""
    cells = data["mode"].astype(str) + data["value_band"].astype(str)
    dummies = pd.get_dummies(data[["month", "user_occupation"]].astype(str).assign(cells=cells), drop_first=True)
    design = sm.add_constant(dummies.astype(float).assign(age=data["age"], level=data["level"]))
    return sm.OLS(data["actions_per_prompt"], design)


def test_two_scores_give_the_full_regression(data, coefficient):
    compressed = partial_out(data, "level", "actions_per_prompt", COVARIATES)
    model = full_regression(data)
    clustered = model.fit(cov_type="cluster", cov_kwds={"groups": data["user_id"]})
    assert compressed.rank == model.exog.shape[1] - 2
    fit = fit_linear(compressed)
    assert fit.value == pytest.approx(clustered.params["level"], rel=1e-9)
    assert fit.standard_error == pytest.approx(clustered.bse["level"], rel=1e-9)
    assert fit.row_error == pytest.approx(model.fit(cov_type="HC1").bse["level"], rel=1e-9)
    assert coefficient(compressed) == pytest.approx(fit.value, rel=1e-9)


def test_covariates_that_determine_each_other_change_nothing(data, coefficient):
    generation = data["month"].cat.codes // 3
    twice = data.assign(generation=generation, again=data["age"] * 2 + 1)
    one = partial_out(twice, "level", "actions_per_prompt", ["month", "age"])
    both = partial_out(twice, "level", "actions_per_prompt", ["month", "generation", "age", "again"])
    assert both.rank == one.rank
    assert coefficient(both) == pytest.approx(coefficient(one), rel=1e-9)


def test_how_a_column_is_stored_does_not_matter(data):
    as_text = data.assign(
        month=data["month"].astype(str),
        user_occupation=data["user_occupation"].cat.reorder_categories(data["user_occupation"].cat.categories[::-1]),
        level=data["level"].astype("int8"),
    )
    one = partial_out(data, "level", "actions_per_prompt", COVARIATES)
    other = partial_out(as_text, "level", "actions_per_prompt", COVARIATES)
    assert one.gram.tobytes() == other.gram.tobytes()
    assert one.frame().equals(other.frame())


def test_the_order_of_rows_does_not_matter(data, coefficient):
    shuffled = data.sample(frac=1, random_state=3)
    one, other = (partial_out(d, "level", "actions_per_prompt", COVARIATES) for d in (data, shuffled))
    assert coefficient(one) == pytest.approx(coefficient(other), rel=1e-9)
    assert standard_errors(one, 0.1) == pytest.approx(standard_errors(other, 0.1), rel=1e-9)


def test_gaps_in_a_category_are_a_category():
    table = pd.DataFrame({"mode": ["a", None, "b", "a", None, "a"]})
    assert block(table, "mode").toarray().tolist() == [[0, 0], [0, 1], [1, 0], [0, 0], [0, 1], [0, 0]]


def test_what_cannot_be_regressed_is_refused_by_name(data):
    with pytest.raises(InputError, match="'level' does not vary"):
        partial_out(data.assign(level=3.0), "level", "actions_per_prompt", [])
    with pytest.raises(InputError, match="'level' has gaps"):
        partial_out(data.assign(level=np.nan), "level", "actions_per_prompt", [])
    with pytest.raises(InputError, match="'mode' is not numeric"):
        partial_out(data, "mode", "actions_per_prompt", [])
    with pytest.raises(InputError, match="nothing of 'level' is left once copy are held"):
        partial_out(data.assign(copy=data["level"]), "level", "actions_per_prompt", ["copy"])


def test_sample_keeps_rows_together(data):
    whole = partial_out(data, "level", "actions_per_prompt", COVARIATES)
    part = whole.sample(300, np.random.default_rng(1))
    assert part.n == 300
    assert set(map(tuple, part.frame().to_numpy())) <= set(map(tuple, whole.frame().to_numpy()))
    assert part.users.max() + 1 == len(np.unique(part.users))
    assert whole.sample(10**6, np.random.default_rng(1)) is whole
