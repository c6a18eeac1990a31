"""Rules of overlap: a planted hole is found, named and told; where everyone has a counterpart, nothing is."""

import re

import numpy as np
import pandas as pd
import pytest

from knowntruth.causal.estimation.analysis import prepare
from knowntruth.causal.graphs.analysis_graph import analysis_graph
from knowntruth.causal.identification.identify import identify
from knowntruth.causal.sensitivity import overlap
from knowntruth.datasets.schema.categories import MODES

HOLES = (MODES[0], MODES[4])


@pytest.fixture
def check(study_graph):
    def asked(data):
        analysis = analysis_graph(study_graph(), "rated_expertise", "actions_per_prompt")
        case = prepare(data, analysis.graph, identify(analysis), 1, 2000, 6)
        return next(overlap.overlap_rules(case))

    return asked


def one_a_user(table):
    return table.assign(user_id=np.arange(len(table)))


def with_holes(table):
    """Nobody of the upper levels works in the first mode, nobody of the lower in the other."""
    level = table["rated_expertise"].to_numpy()
    mode = table["mode"].to_numpy()
    level = np.where(mode == HOLES[0], np.minimum(level, 3), np.where(mode == HOLES[1], np.maximum(level, 4), level))
    return table.assign(rated_expertise=pd.array(level, dtype="Int8"))


@pytest.mark.slow
def test_a_planted_hole_is_found_and_named(sessions, check, capsys):
    table = with_holes(one_a_user(sessions(3000)))
    found = check(table)
    share = table["mode"].isin(HOLES).mean()
    assert found.verdict == "alarm"
    for mode in HOLES:
        assert f"mode is not {mode}" in found.note
    assert found.value == pytest.approx(
        share, abs=0.05 + 4 * np.sqrt(share / 1500)
    )  # rules may drop a twentieth more
    assert found.lower < found.value < found.upper
    assert found.n == 3000
    assert capsys.readouterr().out == ""


def test_where_everyone_has_a_counterpart_it_passes(sessions, check):
    found = check(one_a_user(sessions(3000)))
    assert found.verdict == "pass"
    assert found.value < overlap.MIN_PROPENSITY


def test_the_rules_are_dowhys_own_and_say_who_lies_outside(sessions):
    """Rules in words, read back as conditions on the table, leave out the very sessions that are counted."""
    rng = np.random.default_rng(3)
    x, group = rng.normal(size=2400), rng.random(2400)
    upper = np.where(x > 1.0, 1.0, group < 0.5)
    mode = np.where(rng.random(2400) < 0.5, "a", "b")
    features = pd.DataFrame({"x": x, "mode=a": (mode == "a") * 1, "mode=b": (mode == "b") * 1})
    found = overlap.learn_rules(features, upper, 1)
    limits = [float(at) for at in re.findall(r"x at most (\S+)", " ".join(found.words))]
    assert limits
    assert all(abs(limit - 1.0) < 0.5 for limit in limits)
    outside = (x[1200:] > max(limits)).sum()
    assert len(found.rarer) == outside
    assert found.rarer.mean() < 0.3


def test_where_no_session_has_a_counterpart_it_says_so():
    rng = np.random.default_rng(4)
    x = rng.normal(size=1000)
    found = overlap.learn_rules(pd.DataFrame({"x": x}), (x > 0).astype(float), 1)
    row = overlap.judge(overlap.TEMPLATE, found, 1000)
    assert row.verdict == "alarm"
    assert row.value > 0.9


@pytest.mark.parametrize("chance, most", [(0.05, 0.01), (0.2, 0.001)])
def test_false_alarms_are_no_more_than_stated(chance, most):
    """A thousand fresh halves in which everyone outside has a chance of 5% or more to be in the rarer group."""
    rng, replicates = np.random.default_rng(5), 1000
    fresh = [overlap.Rules(("x",), 1000, rng.random(150) < chance) for _ in range(replicates)]
    alarms = sum(overlap.judge(overlap.TEMPLATE, one, 2000).verdict == "alarm" for one in fresh)
    assert alarms / replicates < most + 4 * np.sqrt(most / replicates)


def test_a_small_hole_is_told_and_no_alarm():
    none = overlap.judge(overlap.TEMPLATE, overlap.Rules(("x",), 1000, np.zeros(40, dtype=bool)), 2000)
    assert none.verdict == "pass"
    assert overlap.judge(overlap.TEMPLATE, overlap.Rules(("x",), 1000, np.zeros(400, dtype=bool)), 2000).verdict == (
        "alarm"
    )


def test_too_few_of_a_group_are_refused(sessions, check):
    found = check(one_a_user(sessions(3000)).assign(rated_expertise=pd.array([4] * 20 + [3] * 2980, dtype="Int8")))
    assert found.verdict == "unavailable"
    assert "20 of 3,000" in found.note
