import numpy as np
import pytest

from knowntruth.common.errors import InputError
from knowntruth.world.definition.world import load
from knowntruth.world.graphs.derive import graph
from knowntruth.world.truths.effects import PATHS, effect, paths
from knowntruth.world.truths.estimands import truth
from knowntruth.world.truths.principal_strata import ALWAYS, PUBLISHED, recovery

WORLD = load("published")


def test_the_average_effect_is_the_named_estimand():
    rows = truth(WORLD, 4000, seed=2).set_index(["estimand", "contrast"])
    ours = effect(WORLD, "domain_expertise", "true_success", seed=2, sessions=4000).iloc[0]
    assert ours.value == pytest.approx(rows.value["success_difference", "5 vs 1"])
    assert ours.mcse == pytest.approx(rows.mcse["success_difference", "5 vs 1"])
    ratio = effect(WORLD, "coding_expertise", "actions_per_prompt", seed=2, sessions=4000, to=3, ratio=True).iloc[0]
    assert ratio.value == pytest.approx(rows.value["coding_activity_ratio", "3 vs 1"])


@pytest.mark.parametrize("by", ["occupation", "intended_mode", "month", "domain_expertise"])
def test_conditional_effects_average_to_the_whole(by):
    whole = effect(WORLD, "domain_expertise", "true_success", seed=2, sessions=4000).iloc[0]
    parts = effect(WORLD, "domain_expertise", "true_success", seed=2, sessions=4000, by=by)
    assert parts.n.sum() == whole.n
    assert np.average(parts.value, weights=parts.n) == pytest.approx(whole.value)
    assert len(parts) > 4


def test_the_paths_are_all_arrows_out_of_domain_expertise_but_the_raters():
    arrows = {child for children in PATHS.values() for child in children}
    assert arrows == set(graph(WORLD).successors("domain_expertise")) - {"rated_expertise"}


def test_shares_add_up_and_a_closed_path_carries_nothing():
    rows = paths(WORLD, "true_success", seed=2, sessions=3000).set_index("path")
    assert rows.share.drop("total").sum() == pytest.approx(rows.share["total"], abs=1e-12)
    closed = WORLD.turn(difficulty={"by_domain": [0.0] * 5})
    without = paths(closed, "true_success", seed=2, sessions=3000).set_index("path")
    assert without.loc["task choice", ["alone", "last", "share", "mcse"]].tolist() == [0, 0, 0, 0]
    assert rows.share["task choice"] != 0


def test_the_direct_path_alone_reaches_what_lasts_but_not_success():
    rows = paths(WORLD, "true_success", seed=2, sessions=3000).set_index("path")
    lasting = paths(WORLD, "still_in_use", seed=2, sessions=3000).set_index("path")
    assert rows.alone["direct"] == 0
    assert lasting.alone["direct"] > 4 * lasting.mcse["direct"]


def test_the_principal_stratum_is_not_what_the_study_compares():
    """Where experts are in trouble on other tasks than novices, comparing the two is not recovery from trouble."""
    rows = recovery(load("collider"), 40_000, seed=2).set_index(["population", "outcome"])
    inside, between = rows.loc[(ALWAYS, "true_success")], rows.loc[(PUBLISHED, "true_success")]
    assert inside.value > 4 * inside.mcse
    assert between.value - inside.value > 4 * np.hypot(inside.mcse, between.mcse)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("domain", "true_success"), "treatment: no variable 'domain'"),
        (("domain_expertise", "succes"), "outcome: no variable"),
        (("domain_expertise", "occupation"), "no mean over sessions"),
        (("domain_expertise", "intended_mode"), "no mean over sessions"),
    ],
)
def test_questions_without_an_answer_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        effect(WORLD, *arguments, seed=1, sessions=100)
