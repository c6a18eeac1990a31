"""The ledger adds up, finds what each world was made to hold, and nothing where there is nothing."""

import itertools
import math
from typing import Any

import numpy as np
import pytest

from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.design.ledger.components import (
    COMPONENTS,
    WORLD_COMPONENTS,
    level_position,
    randomize_expertise,
    remove_misclassification,
    switch_off,
)
from knowntruth.design.ledger.decompose import CHANCE, PUBLISHED, QUANTITIES, TRUE, SwitchedAnalysis, ledger
from knowntruth.design.ledger.shapley import shapley
from knowntruth.design.ledger.slope import Influence
from knowntruth.design.ledger.switched_sessions import switched_sessions
from knowntruth.study.tables.table_a1 import table_a1
from knowntruth.world.definition.world import load
from knowntruth.world.running.run_mechanisms import run
from knowntruth.world.running.sampling import sample
from knowntruth.world.simulate import simulate

SESSIONS, SEED = 6000, 5
EQUAL = np.full(5, 0.2)


@pytest.fixture(scope="module")
def published():
    return ledger(load("published"), SESSIONS, seed=SEED)


def rows(made, outcome):
    return made.table[made.table["quantity"] == outcome].set_index("component")


@pytest.mark.parametrize("outcome", QUANTITIES)
def test_components_chance_and_truth_add_up_to_the_published_contrast(published, outcome):
    found = rows(published, outcome)["value"]
    assert found.drop(PUBLISHED).sum() == pytest.approx(found[PUBLISHED], abs=1e-14)
    assert list(found.index) == [PUBLISHED, *COMPONENTS, CHANCE, TRUE]


@pytest.mark.parametrize("outcome", QUANTITIES)
def test_so_do_their_monte_carlo_errors(published, outcome):
    covariance, errors = published.covariance[outcome], rows(published, outcome)["mcse"].to_numpy()
    assert np.sqrt(np.diag(covariance)) == pytest.approx(errors, rel=1e-12)
    ones = np.array([1.0, *[-1.0] * (len(errors) - 1)])  # published less all the rest is nothing at all
    assert ones @ covariance @ ones == pytest.approx(0.0, abs=1e-18)


def test_the_published_contrast_is_the_studys_own(published):
    observed = simulate(load("published"), SESSIONS, seed=SEED).observed.to_pandas()
    column = table_a1(observed).set_index("key").loc["a1_coef_col5"]
    found = rows(published, "verified_success").loc[PUBLISHED]
    assert found["value"] == pytest.approx(column["value"], rel=1e-9)
    assert found["mcse"] == pytest.approx(column["standard_error"], rel=0.02)  # but for the number of users less one


@pytest.mark.parametrize("outcome", QUANTITIES)
def test_what_is_left_is_chance(published, outcome):
    left = rows(published, outcome).loc[CHANCE]
    assert abs(left["value"]) < 4 * left["mcse"]


def test_activity_has_no_evidence_to_misread(published):
    found = rows(published, "actions_per_prompt").loc["evidence"]
    assert (found["value"], found["alone"], found["last"]) == (0.0, 0.0, 0.0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("world", "component", "sign"),
    [("halo", "halo", 1), ("confounded", "confounding", 1), ("bad_controls", "controls", -1)],
)
def test_a_world_made_to_hold_a_bias_shows_it(world, component, sign):
    """The positive control: each of these worlds has one threat turned up, and its row stands out in the ledger."""
    strong = rows(ledger(load(world), 40_000, seed=SEED), "verified_success").loc[component]
    assert sign * strong["value"] > 4 * strong["mcse"]


def test_a_randomised_world_with_perfect_instruments_has_nothing_to_take_off():
    """The negative control."""
    made = rows(ledger(load("randomized"), SESSIONS, seed=SEED), "verified_success")
    for component in ("halo", "misclassification", "selection", "evidence"):
        assert made.loc[component, "value"] == pytest.approx(0.0, abs=1e-15), component
    for component in ("confounding", "controls"):
        assert abs(made.loc[component, "value"]) < 4 * made.loc[component, "mcse"], component


@pytest.mark.parametrize("outcome", QUANTITIES)
def test_in_null_the_true_effect_is_nothing(outcome):
    found = rows(ledger(load("null"), SESSIONS, seed=SEED), outcome)
    assert found.loc[TRUE, "value"] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.slow
def test_the_errors_are_those_of_repeated_samples():
    """Monte Carlo errors against the spread over seeds, of halo's row: a chi-square band of 24 ledgers."""
    made = [rows(ledger(load("halo"), 1500, seed=s), "verified_success").loc["halo"] for s in range(24)]
    ratio = np.var([row["value"] for row in made], ddof=1) / np.mean([row["mcse"] ** 2 for row in made])
    assert 1 - 4 * math.sqrt(2 / 23) < ratio < 1 + 4 * math.sqrt(2 / 23)


def test_shapley_is_the_average_over_all_orders():
    rng = np.random.default_rng(1)
    names = ("a", "b", "c")
    subsets = [frozenset(s) for k in range(4) for s in itertools.combinations(names, k)]
    worth = {off: Influence(rng.normal(), rng.normal(size=7)) for off in subsets}
    asked = []
    found = shapley(names, lambda off: asked.append(off) or {"q": worth[off]})["q"]
    assert sorted(map(sorted, asked)) == sorted(map(sorted, subsets))
    for name in names:
        gains = []
        for order in itertools.permutations(names):
            before = frozenset(order[: order.index(name)])
            gains.append((worth[before], worth[before | {name}]))
        assert found.share[name].value == pytest.approx(np.mean([a.value - b.value for a, b in gains]))
        assert found.share[name].influence == pytest.approx(
            np.mean([a.influence - b.influence for a, b in gains], axis=0)
        )
        assert found.alone[name].value == worth[frozenset()].value - worth[frozenset({name})].value


def test_without_confounding_expertise_hangs_on_nothing_and_keeps_its_shares():
    world = randomize_expertise(load("confounded"), np.array([0.1, 0.2, 0.3, 0.3, 0.1]))
    values = run(world, sample(world, 20_000, SEED), ("domain_expertise", "ability"))
    frame = sample(world, 20_000, SEED)
    level = values["domain_expertise"]
    for k, share in zip(LEVELS, (0.1, 0.2, 0.3, 0.3, 0.1), strict=True):
        assert abs((level == k).mean() - share) < 4 * math.sqrt(share * (1 - share) / 20_000)
    assert abs(np.corrcoef(level, values["ability"][frame.owner])[0, 1]) < 4 / math.sqrt(20_000)


@pytest.mark.parametrize("halo", [True, False])
def test_a_knowing_rater_errs_by_halo_alone(halo):
    world, frame = load("published"), sample(load("published"), 3000, SEED)
    off = {"misclassification", "selection"} | (set() if halo else {"halo"})
    values = run(switch_off(world, off, EQUAL), frame, ("rated_expertise", "domain_expertise"))
    assert (values["rated_expertise"] != values["domain_expertise"]).any() == halo


def test_a_rater_reads_the_same_alone_as_in_a_whole_run():
    world, frame = load("published"), sample(load("published"), 2000, SEED)
    watched = switched_sessions(world, frame)
    for off in (frozenset(), frozenset({"halo", "selection"}), frozenset({"misclassification"})):
        whole = run(switch_off(world, off, EQUAL), frame, ("rated_expertise",))["rated_expertise"]
        assert (watched.ratings[off] == whole).all()
    everything = watched.ratings[frozenset(WORLD_COMPONENTS)]
    assert set(np.unique(everything)) <= set(LEVELS)


def test_the_position_of_a_score_is_its_level_rounded():
    cuts = np.array([-1.2, -0.1, 0.3, 1.9])
    score = np.linspace(-4, 4, 1001)
    level = np.searchsorted(cuts, score, side="right") + 1
    assert (np.clip(np.floor(level_position(score, cuts) + 0.5), 1, 5) == level).all()


def test_too_few_sessions_are_told_in_words():
    with pytest.raises(InputError, match="ask for more --sessions"):
        ledger(load("published"), 12, seed=SEED)


def test_nothing_of_a_world_without_its_dials_is_guessed():
    from knowntruth.engine.mechanism import mechanism

    @mechanism("label", parents=("domain_expertise",), measures="domain_expertise")
    def rated_expertise(dials, at, noise):
        return at.domain_expertise

    with pytest.raises(InputError, match="turns the dials of rated_expertise; this world's lacks perfect"):
        ledger(load("published").with_mechanism(rated_expertise), 500, seed=SEED)


def test_the_knowing_rater_needs_nothing_but_the_world():
    rated: Any = remove_misclassification(load("published")).dials["rated_expertise"]
    assert rated.highest == 4.5
    null = load("null")
    truth = SwitchedAnalysis(switched_sessions(null, sample(null, 3000, 1))).truth("verified_success")
    assert (truth.value, truth.error) == pytest.approx((0.0, 0.0), abs=1e-12)
