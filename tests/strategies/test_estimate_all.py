import subprocess
import sys

import pytest

from knowntruth import strategies
from knowntruth.common.errors import InputError
from knowntruth.strategies.base.estimate import COLUMNS
from knowntruth.strategies.registry import STRATEGIES
from knowntruth.world.definition.world import load
from knowntruth.world.simulate import simulate

QUICK = [name for name, one in STRATEGIES.items() if not one.slow]


@pytest.fixture(scope="module")
def ordinary():
    """What a study has: no column beyond the schema, no validation sample."""
    return simulate(load("published"), 8_000, seed=2).observed.to_pandas()


@pytest.fixture(scope="module")
def table(ordinary):
    return strategies.estimate_all(ordinary, seed=1)


def test_all_strategies_in_one_table(table):
    assert tuple(table.columns) == (*COLUMNS, "error")
    assert list(dict.fromkeys(table["strategy"])) == QUICK
    assert table.groupby("strategy").size().eq(2).all()


def test_who_cannot_answer_is_a_row_with_the_reason(table):
    failed = table[table["error"] != ""].set_index(["strategy", "estimand"])["error"]
    lacking = {name for name in QUICK if (one := STRATEGIES[name]).beyond_schema or "validation" in one.uses}
    unmoved = {
        "instrumental_variable",
        "difference_in_differences",
    }  # in `published` nothing is encouraged, and the waves do not part
    assert set(failed.index.get_level_values(0)) == lacking | unmoved | {
        "no_assumption_bounds",
        "monotone_response",
        "monotone_selection",
    }
    assert "support" in failed["no_assumption_bounds", "activity_ratio"]
    assert ("no_assumption_bounds", "verified_difference") not in failed
    assert "specificity" in failed["front_door", "activity_ratio"]
    assert (table.loc[table["error"] != "", "n"] == 0).all()


def test_who_can_answer_is_a_row_with_numbers(table):
    answered = table[table["error"] == ""]
    assert (answered["lower"] < answered["upper"]).all()
    assert {"naive", "published", "weighting", "matching", "doubly_robust", "double_machine_learning", "within_user",
            "selection_weighting", "monotone_both"} <= set(answered["strategy"])  # fmt: skip
    assert set(answered["unit"]) == {"ratio", "probability"}


def test_chosen_strategies_estimands_and_questions(ordinary):
    found = strategies.estimate_all(
        ordinary, ["success_difference"], strategies=["naive", "weighting"], contrast="4 vs 2", controls=("mode",)
    )
    assert list(found["strategy"]) == ["naive", "weighting"]
    assert set(found["contrast"]) == {"4 vs 2"}
    assert found["notes"].str.contains("judged success stands in").all()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"estimands": ["activty_ratio"]}, "did you mean 'activity_ratio'"),
        ({"estimands": ["coding_activity_ratio"]}, "no observed column rates coding expertise"),
        ({"strategies": ["mathcing"]}, "did you mean 'matching'"),
        ({"contrast": "expert"}, "5 vs 1"),
        ({"contrast": "3 vs 3"}, "two of the levels"),
        ({"confidence": 95}, "between 0 and 1"),
        ({"seed": -1}, "seed"),
        ({"support": (3, 1)}, "least first"),
    ],
)
def test_an_impossible_question_is_refused(ordinary, asked, said):
    with pytest.raises(InputError, match=said):
        strategies.estimate_all(ordinary, **asked)


def test_an_unlimited_outcome_needs_its_support_and_holds_to_it(ordinary):
    with pytest.raises(InputError, match="values beyond its support"):
        strategies.estimate_one("no_assumption_bounds", ordinary, support=(1, 5))
    found = strategies.estimate_one("no_assumption_bounds", ordinary, support=(0.5, 1e5))
    assert found.least < 1 < found.greatest


def test_a_control_of_many_values_enters_as_a_line(ordinary):
    """Held as a line or as a hundred categories, a control that matters to nothing changes next to nothing."""
    observed = ordinary.iloc[:4_000]
    for name in ("weighting", "doubly_robust", "within_user", "double_machine_learning"):
        with_line = strategies.estimate_one(name, observed, controls=("mode", "account_age_months"), seed=1)
        without = strategies.estimate_one(name, observed, controls=("mode",), seed=1)
        assert with_line.value == pytest.approx(without.value, abs=2 * without.standard_error)


def test_importing_the_package_imports_no_library():
    code = (
        "import sys, knowntruth.strategies; print(*({'pandas', 'scipy', 'sklearn', 'pyfixest'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not said.strip()
