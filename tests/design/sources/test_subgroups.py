"""Subgroups: every question within each group, that group's truth beside it, and nothing of the whole changed."""

import numpy as np
import pytest

from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.categories import MODES
from knowntruth.design.diagnose import diagnose
from knowntruth.design.diagnosis.diagnose_table import diagnose_table
from knowntruth.design.replication.replay import replay
from knowntruth.design.sources.subgroups import EVERYONE, find_grouping, question_within
from knowntruth.strategies.base.question import make_question
from knowntruth.strategies.registry import strategy
from knowntruth.world.definition.world import load
from knowntruth.world.truths.effects import effect

SIZE = {"sessions": 2500, "truth_sessions": 4000, "workers": 1, "estimands": ["verified_difference"]}


@pytest.fixture(scope="module")
def run():
    return diagnose(["published"], ["naive", "published"], 2, by="mode", **SIZE)


def test_there_is_a_row_for_everyone_and_for_each_group(run):
    assert len(run.table) == 2 * 2 * (1 + len(MODES))
    assert set(run.table["subgroup"]) == {EVERYONE, *MODES}


def test_the_whole_is_as_without_groups(run):
    alone = diagnose(["published"], ["naive", "published"], 2, **SIZE).table
    whole = run.table[run.table["subgroup"].eq(EVERYONE)].reset_index(drop=True)
    assert whole.drop(columns="seconds").equals(alone.drop(columns="seconds"))


def test_a_group_is_answered_from_its_own_sessions(run):
    again = replay(run, 1)
    row = run.table.query("replicate == 1 and strategy == 'naive' and subgroup == 'build'").iloc[0]
    sessions = again.data.observed[again.data.observed["mode"].eq("build")]
    said = strategy("naive").estimate(sessions, make_question("verified_difference", seed=again.seed))
    assert (row["estimate"], row["n"]) == (said.value, said.n)


def test_what_a_group_shares_is_not_held_in_it():
    question, by = make_question("verified_difference"), find_grouping("mode")
    assert question_within(question, "build", by).controls == ("month", "user_occupation")
    assert question_within(question, EVERYONE, by) == question_within(question, EVERYONE, None) == question


def test_the_truth_is_that_of_the_group(run):
    known = effect(load("published"), "domain_expertise", "true_verified_success", seed=1, sessions=4000,
                   by="intended_mode").set_index("group")  # fmt: skip
    answered = run.table[run.table["error"].eq("") & run.table["subgroup"].ne(EVERYONE)]
    assert len(answered) > 8
    assert answered["truth"].tolist() == pytest.approx([known.loc[g, "value"] for g in answered["subgroup"]])
    assert answered["truth"].nunique() > 3


def test_groups_too_small_are_told_and_diagnoses_do_not_mix_them(run):
    failed = run.table[run.table["error"].ne("")]
    assert failed["estimate"].isna().all()
    found = diagnose_table(run.table, diagnosands=["bias"])
    assert len(found) == 2 * (1 + len(MODES))
    bias = found.query("subgroup == 'everyone' and strategy == 'naive'")["value"].iloc[0]
    whole = run.table.query("subgroup == 'everyone' and strategy == 'naive'")
    assert bias == pytest.approx(np.mean(whole["estimate"] - whole["truth"]))


def test_what_has_no_truth_cannot_be_grouped_by():
    with pytest.raises(InputError, match="cannot group by 'colour'; allowed: mode, user_occupation, month"):
        diagnose(["published"], ["naive"], 1, by="colour", **SIZE)
