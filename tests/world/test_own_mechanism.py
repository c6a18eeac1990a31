"""A researcher's own mechanism in the place of ours."""

import networkx as nx
import numpy as np
import pytest

from knowntruth.common.errors import InputError
from knowntruth.engine.dials import Dials, dial
from knowntruth.engine.mechanism import mechanism
from knowntruth.engine.numba_cache import compiled
from knowntruth.world.definition.world import load
from knowntruth.world.graphs.derive import graph
from knowntruth.world.simulate import simulate
from knowntruth.world.truths.estimands import truth


class Bold(Dials):
    """How boldly people choose."""

    slope: float = dial("difficulty per level of coding expertise", "SD per level", -2, 2)


@compiled
def bolder(levels, luck, slope):
    out = np.empty(len(luck))
    for i in range(len(luck)):
        out[i] = slope * (levels[i] - 3) + luck[i]
    return out


@mechanism("session", parents=("coding_expertise",), dials=Bold, unit="SD", meaning="difficulty, chosen boldly")
def difficulty(dials, at, noise):
    return bolder(at.coding_expertise, noise.normal(), dials.slope)


MINE = load("published").with_mechanism(difficulty, slope=0.4)


def test_graph_data_and_truth_follow():
    assert list(graph(MINE).predecessors("difficulty")) == ["coding_expertise"]
    data = simulate(MINE, 3000, seed=1).truth.to_pandas()
    by_level = data.groupby("coding_expertise").difficulty.mean()
    assert by_level[5] - by_level[1] == pytest.approx(1.6, abs=5 * data.difficulty.std() / np.sqrt(100))
    assert not nx.has_path(graph(MINE), "domain_expertise", "difficulty")
    theirs = truth(MINE, 3000, seed=1).set_index(["estimand", "contrast"]).value
    ours = truth(load("published"), 3000, seed=1).set_index(["estimand", "contrast"]).value
    assert theirs["coding_success_difference", "5 vs 1"] != ours["coding_success_difference", "5 vs 1"]


def test_dials_of_ones_own_are_checked():
    with pytest.raises(InputError, match="slope"):
        load("published").with_mechanism(difficulty, slope=7.0)
    with pytest.raises(InputError, match="slope: missing"):
        load("published").with_mechanism(difficulty)


def declare(name, parents, level="session"):
    def rule(dials, at, noise):
        return noise.normal()

    rule.__name__ = name
    return mechanism(level, parents=parents, unit="SD", meaning="mine")(rule)


@pytest.mark.parametrize(
    ("own", "message"),
    [
        (declare("difficulty", ("abilty",)), "did you mean 'ability'"),
        (declare("difficulty", ("true_success",)), "cycle.*difficulty"),
        (declare("dificulty", ("ability",)), "exactly the variables of one existing mechanism; none"),
        (declare("prompts", ("ability",)), "course has prompts"),
        (declare("patience", ("difficulty",), "user"), "cannot depend on difficulty"),
    ],
)
def test_mechanisms_that_do_not_fit_are_refused(own, message):
    with pytest.raises(InputError, match=message):
        load("published").with_mechanism(own)


def test_a_rule_that_returns_the_wrong_rows_is_refused():
    @mechanism("session", parents=("ability",), unit="SD", meaning="mine")
    def difficulty(dials, at, noise):
        return noise.normal()[:-1]

    with pytest.raises(ValueError, match="one value per row"):
        simulate(load("published").with_mechanism(difficulty), 50, seed=1)
