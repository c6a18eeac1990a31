"""From worlds and strategies to the table: what stands in it, what is replayed, varied, refused and never hidden."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.estimands import estimand
from knowntruth.design.diagnose import diagnose, redesign
from knowntruth.design.diagnosis.diagnose_table import diagnose_table
from knowntruth.design.replication.plan import replicate_seed
from knowntruth.design.replication.replay import replay
from knowntruth.design.replication.table import COLUMNS
from knowntruth.design.sources.two_arm import ATE, QUESTION, DifferenceInMeans, TwoArm
from knowntruth.strategies.base.question import make_question
from knowntruth.strategies.registry import strategy
from knowntruth.world.definition.world import load
from knowntruth.world.simulate import simulate
from knowntruth.world.truths.estimands import truth

SIZE = {"sessions": 600, "truth_sessions": 4000, "workers": 1, "estimands": ["verified_difference"]}


@dataclass(frozen=True)
class Own:
    """A strategy of one's own; ``estimate`` is what is tested."""

    estimate: Any
    name: str = "own"
    treatment: str = "domain_expertise"
    estimands: tuple[str, ...] = field(default=("verified_difference", "activity_ratio", ATE.name))


TWO_ARM, DIFFERENCE = TwoArm(), DifferenceInMeans()


def two_arm(replicates, source=TWO_ARM, strategies=(DIFFERENCE,), **how):
    return diagnose([source], strategies, replicates, estimands=[QUESTION], workers=1, **how)


@pytest.fixture(scope="module")
def run():
    return diagnose(["published", "null"], ["naive"], 3, **SIZE)


def test_the_table_is_tidy(run):
    assert list(run.table.columns) == ["world", "sessions", *COLUMNS]
    assert len(run.table) == 2 * 3
    assert not run.table.duplicated(["world", "replicate", "strategy", "estimand"]).any()
    assert run.table["error"].eq("").all()
    assert run.table["seconds"].gt(0).all()


def test_a_row_is_what_the_strategy_says_of_that_dataset(run):
    row = run.table.query("world == 'published' and replicate == 2").iloc[0]
    seed = replicate_seed(1, 2)
    observed = simulate(load("published"), 600, seed=seed).observed.to_pandas()
    said = strategy("naive").estimate(observed, make_question("verified_difference", seed=seed))
    assert (row["estimate"], row["lower"], row["upper"], row["n"]) == (said.value, said.lower, said.upper, said.n)


def test_the_truth_is_that_of_the_world_with_its_error(run):
    known = truth(load("published"), 4000, seed=1).query("estimand == 'verified_difference' and contrast == '5 vs 1'")
    found = run.table.query("world == 'published'")
    assert found["truth"].tolist() == pytest.approx([known["value"].iloc[0]] * 3)
    assert found["truth_error"].tolist() == pytest.approx([known["mcse"].iloc[0]] * 3)
    assert run.table.query("world == 'null'")["truth"].eq(0).all()


def test_the_naive_contrast_sees_an_effect_where_there_is_none():
    """The negative control: in ``null`` the rating alone makes a difference, and the diagnosis must show it."""
    found = diagnose(["null"], ["naive"], 12, **(SIZE | {"sessions": 3000})).diagnosis(diagnosands=["bias"])
    assert found["value"].iloc[0] > 5 * found["mcse"].iloc[0]


def test_one_replicate_can_be_replayed_alone(run):
    again = replay(run, 2, world="null")
    row = run.table.query("world == 'null' and replicate == 2").reset_index(drop=True)
    assert again.table.drop(columns="seconds").equals(row.drop(columns="seconds"))
    assert len(again.data.observed) == 600
    assert again.data.dataset.truth.num_rows == 600
    assert again.seed == replicate_seed(1, 2)


def test_replay_needs_to_know_which_case(run):
    with pytest.raises(InputError, match=r"2 cases match no condition; choose one of these: world=published"):
        replay(run, 0)
    with pytest.raises(InputError, match="no column 'colour' distinguishes cases"):
        replay(run, 0, colour="red")
    with pytest.raises(InputError, match="numbered from 0"):
        replay(run, -1, world="null")


def test_what_is_varied_becomes_a_column_and_halo_makes_bias():
    vary = {"rated_expertise.halo": [0.0, 3.0], "ability": [0.0, 1.0]}
    run = redesign("null", ["naive"], vary, 4, **(SIZE | {"sessions": 3000}))
    assert list(run.table.columns[:4]) == ["world", "sessions", "rated_expertise.halo", "ability"]
    bias = diagnose_table(run.table, by=["rated_expertise.halo"], diagnosands=["bias"]).set_index(
        "rated_expertise.halo"
    )
    gap = bias["value"][3.0] - bias["value"][0.0]
    assert gap > 4 * np.hypot(*bias["mcse"])


def test_more_sessions_make_narrower_intervals():
    run = redesign(
        "published", ["naive"], {"sessions": [500, 8000]}, 3, **{k: SIZE[k] for k in SIZE if k != "sessions"}
    )
    widths = run.diagnosis(diagnosands=["mean_width"]).set_index("sessions")["value"]
    assert widths[500] / widths[8000] == pytest.approx(4.0, rel=0.5)  # the root of 16, few experts and novices


def test_an_audit_brings_the_true_levels_of_so_many_sessions():
    seen = []

    def answer(observed, question):
        seen.append(question.validation)
        return strategy("naive").estimate(observed, question)

    run = diagnose(["published"], [Own(answer)], 1, audited=60, **SIZE)
    data = replay(run, 0).data
    assert [len(each) for each in seen] == [60, 60]
    levels = dict(zip(*(data.dataset.truth[c].to_pylist() for c in ("session_id", "domain_expertise")), strict=True))
    assert all(levels[s] == level for s, level in seen[0].itertuples(index=False))


def test_strategies_get_the_equipment_that_they_need():
    run = diagnose(["published"], ["front_door", "first_prompt"], 1, **(SIZE | {"sessions": 3000}))
    assert run.table["error"].tolist() == ["", ""]


def test_a_failing_replicate_is_a_row_and_the_rest_go_on():
    def answer(observed, question):
        if question.seed == replicate_seed(1, 1):
            raise ZeroDivisionError("it broke")
        return DIFFERENCE.estimate(observed, question)

    table = two_arm(4, strategies=(Own(answer), DIFFERENCE)).table
    broken = table[table["error"].ne("")]
    assert broken[["replicate", "strategy", "error"]].values.tolist() == [[1, "own", "ZeroDivisionError: it broke"]]
    assert broken["estimate"].isna().all()
    failures = diagnose_table(table, diagnosands=["failure_rate"]).set_index("strategy")["value"]
    assert failures.to_dict() == {"own": 0.25, "difference_in_means": 0.0}


def test_data_that_cannot_be_drawn_are_a_failure_of_every_strategy():
    @dataclass(frozen=True)
    class Broken(TwoArm):
        def draw(self, seed):
            raise InputError("nobody came")

    table = two_arm(2, source=Broken(), strategies=(Own(None), DIFFERENCE)).table
    assert table["error"].tolist() == ["data: nobody came"] * 4


def test_a_strategy_that_studies_another_treatment_is_held_to_that_truth():
    run = diagnose(["release"], ["difference_in_differences"], 1, **(SIZE | {"sessions": 4000}))
    assert run.table["error"].tolist() == [""]
    assert run.table["effect_of"].iloc[0].startswith("model_generation 3 vs 2")
    assert run.table["contrast"].iloc[0] == "5 vs 1"
    assert np.isfinite(run.table["truth"].iloc[0])


def test_the_two_arm_design_is_what_it_is_known_to_be():
    """DeclareDesign's README: bias 0, SD 0.2, power 0.17, coverage 0.95 with 100 units."""
    from scipy.stats import nct, t

    run = two_arm(2000)
    found = run.diagnosis().set_index("diagnosand")
    critical, shift = t.ppf(0.975, 98), 0.2 / 0.2
    power = nct.sf(critical, 98, shift) + nct.cdf(-critical, 98, shift)
    for name, expected in (("bias", 0.0), ("sd", 0.2), ("coverage", 0.95), ("power", power)):
        assert abs(found["value"][name] - expected) < 4 * found["mcse"][name], name


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ({"worlds": ["publshed"]}, "no world 'publshed'"),
        ({"strategies": ["niave"]}, "no strategy 'niave'"),
        ({"strategies": ["naive", "naive"]}, "'naive' is given twice"),
        ({"replicates": 0}, "replicates must be from 1"),
        ({"sessions": 0}, "sessions must be 1 or more"),
        ({"audited": 601}, "audited sessions must be from 0 to the number of sessions"),
        ({"vary": {"halo": [1]}}, "cannot vary 'halo'; give sessions, users, audited, ability, effect, or a dial"),
        ({"vary": {"rated_expertise.hallo": [1.0]}}, "unknown dial; did you mean 'halo'"),
        ({"vary": {"sessions": [0.5]}}, "sessions must be a whole number"),
        ({"workers": 0}, "workers must be 1 or more"),
        ({"estimands": ["verified"]}, "no estimand 'verified'"),
        ({"estimands": [QUESTION]}, "none of the strategies can answer"),
    ],
)
def test_bad_input_is_refused_before_anything_runs(what, message):
    asked = {"worlds": ["published"], "strategies": ["naive"], "vary": {}, "replicates": 2, **SIZE, **what}
    with pytest.raises(InputError, match=message):
        redesign(**asked)


def test_an_estimand_of_the_world_stays_with_its_strategies():
    assert estimand("verified_difference").no_effect == 0.0
    assert two_arm(1).table["estimand"].tolist() == [ATE.name]
