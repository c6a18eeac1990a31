"""Identification in general, held against worlds whose every probability is known."""

import warnings

import numpy as np
import pytest

from knowntruth.causal.graphs.admg import to_admg
from knowntruth.causal.identification import exact_worlds
from knowntruth.causal.identification.adjustment import minimal_sets
from knowntruth.causal.identification.id_algorithm import Hedge, run_id_algorithm
from knowntruth.causal.identification.probability import latex, text

BOW = "x>y u>x u>y"
NAPKIN = "w>z z>x x>y u>w u>x v>w v>y"
KNOWN = [
    # arrows, hidden, the formula, or None where there is none
    ("x>y", "", "P(y | x)"),
    ("y>x", "", "P(y)"),
    ("x>y c>x c>y", "", "Σ_c P(c) P(y | c, x)"),
    ("x>m m>y u>x u>y", "u", "Σ_m P(m | x) Σ_x' P(x') P(y | x', m)"),
    (NAPKIN, "uv", "[Σ_w P(w) P(x | w, z) P(y | w, z, x)] / [Σ_w P(w) P(x | w, z)]"),
    (BOW, "u", None),
    ("z>x x>y u>x u>y", "u", None),  # an instrument alone does not identify
    ("x>m m>y u>x u>m", "u", None),
    ("x>y c>x c>y u>x u>c v>c v>y", "uv", None),  # the butterfly with one wing hidden on each side
    ("x>m m>y x>y u>x u>y v>m v>y", "uv", None),
]


@pytest.mark.parametrize(("arrows", "hidden", "formula"), KNOWN)
def test_textbook_graphs(graph_of, arrows, hidden, formula):
    found = run_id_algorithm(graph_of(arrows, hidden), "x", "y")
    assert isinstance(found, Hedge) == (formula is None)
    if formula:
        assert text(found) == formula


def test_formulas_can_be_typeset(graph_of):
    found = run_id_algorithm(graph_of("dose>m m>y u>dose u>y", "u"), "dose", "y")
    assert latex(found).startswith(r"\sum_{m} P(m \mid \mathrm{dose}) \sum_{\mathrm{dose}'} P(\mathrm{dose}')")


def agrees(found, world, x="x", y="y"):
    """The formula on what is observed is what intervening does, whatever else it names."""
    joint, done = world.joint(), world.do(x)
    return np.allclose(found.evaluate(joint), done.over([x, y]), atol=1e-10)


def test_every_formula_is_what_intervening_does_and_every_hedge_is_one(random_graphs):
    """On random graphs: a formula is exact, and for a hedge two worlds look the same and differ in the effect."""
    rng = np.random.default_rng(4)
    identified = refuted = untold = 0
    for graph in random_graphs(rng, 200, seen=0.5):
        found = run_id_algorithm(graph, "x", "y")
        if not isinstance(found, Hedge):
            assert agrees(found, exact_worlds.random_tabular_world(graph, rng))
            identified += 1
            continue
        pair = exact_worlds.indistinguishable_worlds(small(graph), found, "y")
        if pair is None:
            untold += 1
            continue
        one, other = pair
        assert np.allclose(one.joint().values, other.joint().values, atol=1e-12)
        gap = one.do("x").over(["x", "y"]) - other.do("x").over(["x", "y"])
        assert np.abs(gap).max() == pytest.approx(0.5)
        refuted += 1
    assert identified > 50
    assert refuted > 15
    assert untold < refuted / 4


def small(graph):
    whole = to_admg(graph)
    return whole.subgraph(whole.ancestors(["y"]))


@pytest.mark.slow
def test_every_formula_on_many_larger_graphs(random_graphs):
    rng = np.random.default_rng(5)
    beyond = 0
    for graph in random_graphs(rng, 2500, nodes=7, seen=0.6, arrow=0.2):
        found = run_id_algorithm(graph, "x", "y")
        if not isinstance(found, Hedge):
            assert agrees(found, exact_worlds.random_tabular_world(graph, rng))
            beyond += not minimal_sets(graph, "x", "y")
    assert beyond > 10, "some effects are identified though no set of covariates suffices"


def test_the_napkin_is_exact_though_no_door_leads_there(graph_of):
    graph = graph_of(NAPKIN, "uv")
    assert not minimal_sets(graph, "x", "y")
    assert agrees(
        run_id_algorithm(graph, "x", "y"), exact_worlds.random_tabular_world(graph, np.random.default_rng(1))
    )


def test_dowhy_identifies_the_bow_and_is_wrong(graph_of):
    """The control that this module is needed: DoWhy sums over a cause that nobody sees."""
    from dowhy.causal_identifier import identify_effect_id

    graph = graph_of(BOW, "u")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = str(identify_effect_id(graph, ["x"], ["y"]))
    assert "u" in theirs, "DoWhy mended the fault: offer its algorithm again"
    assert isinstance(run_id_algorithm(graph, "x", "y"), Hedge)


def test_two_bows_look_the_same_and_differ_in_the_effect(graph_of):
    graph = graph_of(BOW, "u")
    hedge = run_id_algorithm(graph, "x", "y")
    assert "tie x, y together" in hedge.words
    one, other = exact_worlds.indistinguishable_worlds(to_admg(graph), hedge, "y")
    assert np.allclose(one.joint().values, other.joint().values)
    assert one.do("x").over("y")[..., 0].tolist() != other.do("x").over("y")[..., 0].tolist()
