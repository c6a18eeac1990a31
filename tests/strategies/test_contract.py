"""What holds of every strategy, whatever it assumes: shape, units, order of rows, seeds, and honest failure."""

import dataclasses
import random

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.observed import observed_columns
from knowntruth.strategies import estimate_one
from knowntruth.strategies.base.question import make_question
from knowntruth.strategies.registry import STRATEGIES

EVERY = pytest.mark.parametrize("name", STRATEGIES)
COMPILES = "bayesian_measurement"
SLOWEST = {"double_machine_learning": pytest.mark.slow, COMPILES: pytest.mark.proof}
LIGHT = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=SLOWEST[name]) if name in SLOWEST else name for name in STRATEGIES]
)
"""Every strategy, the one that grows trees among the long runs only, and the one that compiles among the proofs."""

ANSWERED = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.proof) if name == COMPILES else name for name in STRATEGIES]
)
"""Every strategy, where it has to answer."""

BOUNDS = ("no_assumption_bounds", "monotone_response", "monotone_selection", "monotone_both")


@pytest.fixture(scope="module")
def answers(everything):
    """Each strategy's answer on the same rows, made when it is first asked for."""
    return Answers(*everything)


class Answers(dict):
    def __init__(self, observed, asked):
        super().__init__()
        self.observed, self.asked = observed, asked

    def __missing__(self, name):
        self[name] = estimate_one(name, self.observed, **self.asked)
        return self[name]


def same(left, right):
    """Whether two estimates are the same to the last bit, NaN counting as NaN."""
    pairs = zip(dataclasses.astuple(left), dataclasses.astuple(right), strict=True)
    return all(a == b or (pd.isna(a) and pd.isna(b)) for a, b in pairs)


# Shape and units ---------------------------------------------------------------------------------------------------


@ANSWERED
def test_shape(everything, answers, name):
    found, observed = answers[name], everything[0]
    assert found.strategy == name
    assert found.treatment == STRATEGIES[name].treatment
    assert found.unit == "ratio"
    assert found.confidence == 0.95
    assert found.lower <= found.least <= found.greatest <= found.upper
    assert found.lower < found.upper
    assert 0 < found.users <= found.n <= len(observed)
    if name in BOUNDS:
        assert np.isnan(found.value)
        assert np.isnan(found.standard_error)
        assert found.lower >= 0
    else:
        assert found.least == found.value == found.greatest
        assert found.standard_error > 0
        assert 0 < found.lower < found.value < found.upper


@LIGHT
def test_a_difference_in_probability_is_one(everything, name):
    observed, asked = everything
    control = observed["negative_control_outcome"] > observed["negative_control_outcome"].median()
    observed = observed.assign(negative_control_outcome=control)
    found = estimate_one(name, observed, "verified_difference", **asked | {"support": None})
    assert found.unit == "probability"
    assert -1.5 < found.lower < found.upper < 1.5


@LIGHT
def test_higher_confidence_is_wider(everything, answers, name):
    observed, asked = everything
    wide = estimate_one(name, observed, confidence=0.999, **asked)
    assert wide.lower <= answers[name].lower
    assert wide.upper >= answers[name].upper
    assert (wide.lower, wide.upper) != (answers[name].lower, answers[name].upper)
    assert same(dataclasses.replace(wide, lower=0, upper=0, confidence=0),
                dataclasses.replace(answers[name], lower=0, upper=0, confidence=0))  # fmt: skip


@LIGHT
def test_the_contrast_turned_round_is_the_answer_turned_round(everything, answers, name):
    if name == "difference_in_differences":
        pytest.skip("its treatment is the model, whose contrast is not asked for")
    observed, asked = everything
    turned = estimate_one(name, observed, contrast="1 vs 5", **asked)
    assert [turned.least, turned.greatest] == pytest.approx([1 / answers[name].greatest, 1 / answers[name].least])
    assert [turned.lower, turned.upper] == pytest.approx([1 / answers[name].upper, 1 / answers[name].lower])


# Order of rows, seeds, global state --------------------------------------------------------------------------------


@ANSWERED
def test_the_order_of_rows_does_not_matter(everything, answers, name):
    observed, asked = everything
    shuffled = observed.sample(frac=1.0, random_state=8)
    turned = asked | {"validation": asked["validation"].iloc[::-1]}
    assert same(estimate_one(name, shuffled, **turned), answers[name])


@ANSWERED
def test_the_same_seed_gives_the_same_bits_and_leaves_the_worlds_luck_alone(everything, answers, name):
    observed, asked = everything
    before = observed.copy()
    np.random.seed(77)  # noqa: NPY002 - the global state is what must not move
    random.seed(77)
    states = np.random.get_state(legacy=False)["state"]["key"].copy(), random.getstate()  # noqa: NPY002
    assert same(estimate_one(name, observed, **asked), answers[name])
    assert np.array_equal(states[0], np.random.get_state(legacy=False)["state"]["key"])  # noqa: NPY002
    assert states[1] == random.getstate()
    assert observed.equals(before)


@LIGHT
def test_users_by_another_name_are_the_same_users(everything, answers, name):
    """Clusters matter, not what they are called; lots among people may fall otherwise."""
    observed, asked = everything
    renamed = estimate_one(name, observed.assign(user_id=observed["user_id"] * 7 + 3), **asked)
    assert renamed.value == answers[name].value or np.isnan(renamed.value)
    assert renamed.standard_error == answers[name].standard_error or np.isnan(renamed.value)


@LIGHT
def test_without_a_session_key_rows_are_ordered_by_what_is_read(everything, name):
    observed, asked = everything
    bare = observed.drop(columns="session_id")
    if "validation" in STRATEGIES[name].uses:
        with pytest.raises(InputError, match="session_id"):
            estimate_one(name, bare, **asked)
    else:
        assert same(estimate_one(name, bare, **asked),
                    estimate_one(name, bare.sample(frac=1.0, random_state=1), **asked))  # fmt: skip


# Honest failure ----------------------------------------------------------------------------------------------------


@EVERY
def test_a_missing_column_is_named(everything, name):
    observed, asked = everything
    for column in STRATEGIES[name].columns(make_question(**asked)):
        with pytest.raises(InputError, match=column):
            estimate_one(name, observed.drop(columns=column), **asked)


@EVERY
def test_a_gap_is_named(everything, name):
    observed, asked = everything
    gap = np.arange(len(observed)) == 3
    for column in STRATEGIES[name].columns(make_question(**asked)):
        if column == STRATEGIES[name].rating:
            continue  # a session without a rating is left out
        with pytest.raises(InputError, match=column):
            estimate_one(name, observed.assign(**{column: observed[column].mask(gap)}), **asked)


@EVERY
def test_what_is_constant_is_named(everything, name):
    observed, asked = everything
    one = STRATEGIES[name]
    instruments = ("encouraged", "release_wave", "specificity", "negative_control_outcome",
                   "negative_control_exposure", "negative_control_proxy")  # fmt: skip
    for column in {one.rating, "actions_per_prompt"} | (set(one.needed) & set(instruments)):
        with pytest.raises(InputError, match=column):
            estimate_one(name, observed.assign(**{column: observed[column].dropna().iloc[0]}), **asked)


@EVERY
def test_a_session_that_stands_twice_is_refused(everything, name):
    observed, asked = everything
    with pytest.raises(InputError, match="session_id"):
        estimate_one(name, pd.concat([observed, observed.iloc[:1]]), **asked)


@EVERY
def test_rows_that_cannot_answer_are_refused(everything, name):
    observed, asked = everything
    for rows in (observed.iloc[:0], observed.assign(clear_goal=False)):
        with pytest.raises(InputError):
            estimate_one(name, rows, **asked)


def without_novices(observed):
    return observed[observed["rated_expertise"] != 1]


def without_novices_who_build(observed):
    return observed[~((observed["rated_expertise"] == 1) & (observed["mode"] == "build"))]


def level_by_mode(observed):
    return observed.assign(rated_expertise=1.0 + 4.0 * observed["mode"].isin(["build", "fix"]))


def first_level_by_mode(observed):
    return observed.assign(first_prompt_expertise=1.0 + 4.0 * observed["mode"].isin(["build", "fix"]))


def one_session_each(observed):
    return observed.drop_duplicates("user_id")


def lot_of_another_sample(observed):
    return observed.assign(encouraged=np.arange(len(observed)) % 2 == 0)


def waves_at_random(observed):
    return observed.assign(release_wave=1 + np.arange(len(observed)) % 2)


def exposure_at_random(observed):
    return observed.assign(negative_control_exposure=np.arange(len(observed)) % 17)


def talkative_never_rated(observed):
    often = observed["words_per_prompt"] > observed["words_per_prompt"].quantile(0.6)
    rare = np.arange(len(observed)) % 211 > 0
    return observed.assign(rated_expertise=observed["rated_expertise"].mask(often & rare))


NO_OVERLAP = {
    "naive": (without_novices, "level 1"),
    "published": (level_by_mode, "not identified"),
    "weighting": (without_novices_who_build, "'mode' is build"),
    "matching": (without_novices_who_build, "'mode' is build"),
    "doubly_robust": (without_novices_who_build, "'mode' is build"),
    "double_machine_learning": (level_by_mode, "no overlap"),
    "within_user": (one_session_each, "user_id"),
    "instrumental_variable": (lot_of_another_sample, "'encouraged' is a weak instrument"),
    "front_door": (level_by_mode, "rated_expertise"),
    "difference_in_differences": (waves_at_random, "release_wave"),
    "first_prompt": (first_level_by_mode, "determine"),
    "regression_calibration": (level_by_mode, "rated_expertise"),
    "simex": (level_by_mode, "rated_expertise"),
    "bayesian_measurement": (level_by_mode, "rated_expertise"),
    "negative_control_outcome": (level_by_mode, "rated_expertise"),
    "double_negative_control": (exposure_at_random, "'negative_control_exposure' is a weak instrument"),
    "selection_weighting": (talkative_never_rated, "no overlap"),
    "no_assumption_bounds": (without_novices, "level 1"),
    "monotone_response": (without_novices, "level 1"),
    "monotone_selection": (without_novices, "level 1"),
    "monotone_both": (without_novices, "level 1"),
}
"""For each strategy rows in which nothing can be compared as it compares, and what it must say."""


@EVERY
def test_where_nothing_can_be_compared_it_says_so(everything, name):
    observed, asked = everything
    if name not in NO_OVERLAP:
        pytest.fail(
            f"strategy {name!r} has no row in NO_OVERLAP in {__file__}; add {name!r}: (function, message): a"
            " function that returns rows without overlap for it, and a part of the message that it must raise"
        )
    spoils, said = NO_OVERLAP[name]
    with pytest.raises(InputError, match=said):
        estimate_one(name, spoils(observed), **asked)


# What a strategy says of itself ------------------------------------------------------------------------------------


@EVERY
def test_assumptions_are_a_graph_and_words(name):
    one = STRATEGIES[name]
    graph = one.graph()
    assert nx.is_directed_acyclic_graph(graph)
    assert {"outcome"} < set(graph)
    assert nx.has_path(graph, "model_generation" if name == "difference_in_differences" else "expertise", "outcome")
    assert all(isinstance(seen, bool) for _, seen in graph.nodes(data="observed"))


@EVERY
def test_columns_beyond_the_schema_are_declared(name):
    one = STRATEGIES[name]
    beyond = set(one.columns(make_question())) - set(observed_columns())
    assert beyond == set(one.beyond_schema)
