"""What each named world says that it teaches is true in its own data.

Every statement is two-sided and measured in standard errors that allow for the sessions of one person hanging
together. A difference is called there when it is `CLEAR` errors from zero, and absent within `CLOSE`.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from knowntruth.world.definition.world import World, load
from knowntruth.world.running.frame import Frame
from knowntruth.world.running.run_mechanisms import run
from knowntruth.world.running.sampling import traffic
from knowntruth.world.truths.estimands import population

SESSIONS = 40_000
CLEAR, CLOSE = 4.0, 4.0
TURNED_BACK = {
    "halo": {"rated_expertise": {"halo": 0.0}},
    "first_prompt": {"rating": {"first_prompt": False}},
    "shared_rater": {"rated_expertise": {"mood": 0.0}},
    "evidence": {"cue_checks": {"per_check": 0.0}},
    "truncation": {"share_seen": {"limit": 1e9}},
    "thin_defaults": {"outcome": {"thin": 0.0}},
}
"""For a world that turns one instrument: the same world with it turned back."""


@dataclass(frozen=True)
class Estimate:
    """A number and each person's share in its error; two on the same people can be subtracted."""

    value: float
    shares: np.ndarray

    @property
    def errors(self) -> float:
        """How many standard errors the number is from zero."""
        return self.value / np.sqrt((self.shares**2).sum())

    def __sub__(self, other: "Estimate") -> "Estimate":
        return Estimate(self.value - other.value, self.shares - other.shares)


@cache
def seen(name: str, turned_back: bool = False) -> tuple[World, Frame, dict[str, np.ndarray]]:
    """Return a world, its population, and all values, a row a session."""
    world = load(name).turn(**TURNED_BACK[name]) if turned_back else load(name)
    frame = population(world, SESSIONS, seed=11)
    return world, frame, by_session(run(world, frame), frame)


def by_session(values, frame):
    people = {"ability", "coding_expertise", "occupation", "verifying_habit", "encouraged"}
    return {name: v[frame.owner] if name in people else v for name, v in values.items()}


def difference(outcome, high, low, frame) -> Estimate:
    """Return the difference in means between two groups of sessions."""
    y, shares = outcome.astype(float), np.zeros(len(outcome))
    for group, sign in ((high, 1), (low, -1)):
        shares += sign * group * (y - y[group].mean()) / group.sum()
    return Estimate(y[high].mean() - y[low].mean(), np.bincount(frame.owner, weights=shares))


def plain(name, outcome, treatment="domain_expertise", *, among=None, turned_back=False) -> Estimate:
    """Return the plain difference, expert against novice, by the true level or by the rated one (4-5 against 1-2)."""
    _, frame, values = seen(name, turned_back)
    level, inside = values[treatment], True if among is None else among
    if treatment == "rated_expertise":
        return difference(values[outcome], (level >= 4) & inside, (level > 0) & (level <= 2) & inside, frame)
    return difference(values[outcome], (level == 5) & inside, (level == 1) & inside, frame)


def true_effect(name, outcome, treatment="domain_expertise", **held) -> Estimate:
    """Return the true difference, everyone an expert against everyone a novice, other variables held if wanted."""
    world, frame, _ = seen(name)
    potential = [run(world.do(**held, **{treatment: level}), frame, (outcome,))[outcome] for level in (5, 1)]
    effect = potential[0].astype(float) - potential[1]
    return Estimate(effect.mean(), np.bincount(frame.owner, weights=(effect - effect.mean()) / len(effect)))


def stratified(name, outcome, *by, treatment="domain_expertise") -> Estimate:
    """Return the plain difference within cells of other variables, averaged over the cells that have both groups."""
    _, frame, values = seen(name)
    _, cell = np.unique(np.column_stack([values[b] for b in by]), axis=0, return_inverse=True)
    high, low = values[treatment] == 5, values[treatment] == 1
    cells = [c for c in range(cell.max() + 1) if min((high & (cell == c)).sum(), (low & (cell == c)).sum()) > 1]
    sizes = np.bincount(cell)[cells]
    parts = [difference(values[outcome], high & (cell == c), low & (cell == c), frame) for c in cells]
    weights = sizes / sizes.sum()
    return Estimate(
        sum(w * p.value for w, p in zip(weights, parts, strict=True)),
        sum(w * p.shares for w, p in zip(weights, parts, strict=True)),
    )


def test_confounding_grows_with_ability_and_a_weak_one_is_less_than_the_effect():
    bias = {
        name: plain(name, "true_success") - true_effect(name, "true_success")
        for name in ("confounded_weak", "confounded")
    }
    assert bias["confounded_weak"].errors > CLEAR
    assert bias["confounded_weak"].value < 0.5 * true_effect("confounded_weak", "true_success").value
    assert bias["confounded"].value > 2 * bias["confounded_weak"].value


def test_in_null_the_instruments_make_a_slope():
    assert true_effect("null", "true_success").value == 0.0
    assert plain("null", "verified_success", "rated_expertise").errors > CLEAR
    assert abs(plain("null", "true_success").errors) < CLOSE


def test_randomized_needs_no_controls():
    assert abs((plain("randomized", "true_success") - true_effect("randomized", "true_success")).errors) < CLOSE


@pytest.mark.parametrize("name", ["halo", "shared_rater", "evidence"])
def test_a_tainted_rating_is_steeper_and_the_truth_the_same(name):
    outcome = "verified_success" if name == "evidence" else "judged_success"
    steeper = plain(name, outcome, "rated_expertise") - plain(name, outcome, "rated_expertise", turned_back=True)
    assert steeper.errors > CLEAR
    tainted, clean = seen(name)[2], seen(name, turned_back=True)[2]
    for true in ("true_success", "true_verified_success", "actions_per_prompt"):
        assert np.array_equal(tainted[true], clean[true])


def test_from_the_first_prompt_alone_halo_adds_nothing():
    whole = plain("first_prompt", "judged_success", "rated_expertise", turned_back=True)
    assert (whole - plain("first_prompt", "judged_success", "rated_expertise")).errors > CLEAR
    world, frame, values = seen("first_prompt")
    unimpressed = run(world.turn(rated_expertise={"halo": 0.0}), frame, ("rated_expertise",))["rated_expertise"]
    assert np.array_equal(unimpressed, values["rated_expertise"])


def test_in_shared_rater_the_slope_comes_from_the_mood_alone():
    assert true_effect("shared_rater", "true_success").value == 0.0
    assert abs(plain("shared_rater", "judged_success", "rated_expertise", turned_back=True).errors) < CLOSE


def test_in_evidence_what_is_verified_rises_more_than_what_is_true():
    assert true_effect("evidence", "true_success").value == 0.0
    verified, true = (
        plain("evidence", outcome, "rated_expertise")
        - plain("evidence", outcome, "rated_expertise", turned_back=True)
        for outcome in ("verified_success", "true_success")
    )
    assert (verified - true).errors > CLEAR


def test_in_selection_experts_are_missing_from_the_sample():
    world = load("selection")
    everyone = traffic(world, 11, 0, 12_000)
    values = run(world, everyone, ("surface", "domain_expertise"))
    sampled, level = values["surface"] < 3, values["domain_expertise"]
    assert difference(sampled, level == 5, level == 1, everyone).errors < -CLEAR
    assert difference(level, sampled, ~sampled, everyone).errors < -CLEAR


def test_in_mediation_nothing_is_left_when_the_task_is_held():
    assert true_effect("mediation", "true_success").errors > CLEAR
    for difficulty in (-1.0, 0.5):
        held = true_effect("mediation", "true_success", difficulty=difficulty)
        assert (held.value, held.shares.any()) == (0.0, False)
    assert abs((plain("mediation", "true_success") - true_effect("mediation", "true_success")).errors) < CLOSE


def test_where_coding_matters_the_domain_gets_the_credit():
    assert true_effect("coding_matters", "true_success").value == 0.0
    assert true_effect("coding_matters", "true_success", "coding_expertise").errors > CLEAR
    assert plain("coding_matters", "true_success").errors > CLEAR
    assert abs(stratified("coding_matters", "true_success", "coding_expertise").errors) < CLOSE


def test_drift_is_composition_alone():
    world, frame, values = seen("drift")
    last, first = values["month"] == 6, values["month"] <= 1
    assert difference(np.log(values["true_value"]), last, first, frame).errors > CLEAR
    months = [run(world.do(month=month, intended_mode="build"), frame) for month in ("2025-10", "2026-04")]
    for outcome in ("true_value", "difficulty", "actions_per_prompt", "true_success", "verified_success"):
        assert np.array_equal(months[0][outcome], months[1][outcome])


def test_in_collider_those_in_trouble_differ_from_the_principal_stratum():
    world, frame, values = seen("collider")
    potential = {level: run(world.do(domain_expertise=level), frame) for level in range(1, 6)}
    always = np.all([p["trouble_met"] for p in potential.values()], axis=0)
    effect = potential[5]["true_success"].astype(float) - potential[1]["true_success"]
    deviations = always * (effect - effect[always].mean()) / always.sum()
    stratum = Estimate(effect[always].mean(), np.bincount(frame.owner, weights=deviations))
    troubled = plain("collider", "true_success", among=values["trouble_met"])
    assert (troubled - stratum).errors > CLEAR
    assert abs((plain("collider", "true_success") - true_effect("collider", "true_success")).errors) < CLOSE


def test_bad_controls_undo_a_randomised_comparison():
    true = true_effect("bad_controls", "true_success")
    assert abs((plain("bad_controls", "true_success") - true).errors) < CLOSE
    assert (stratified("bad_controls", "true_success", "mode", "value_band") - true).errors < -CLEAR


def test_thin_transcripts_are_called_successes():
    def gap(turned_back):
        _, frame, values = seen("thin_defaults", turned_back)
        one = values["prompts"] == 1
        return difference(values["judged_success"].astype(float) - values["true_success"], one, ~one, frame)

    assert gap(False).errors > CLEAR
    assert (gap(False) - gap(True)).errors > CLEAR


def test_truncation_hides_more_of_experts_and_flattens_the_rating():
    def gap(variable, turned_back=False):
        _, frame, values = seen("truncation", turned_back)
        rated, level = values["rated_expertise"] > 0, values["domain_expertise"]
        return difference(values[variable], (level == 5) & rated, (level == 1) & rated, frame)

    assert gap("share_seen").errors < -CLEAR
    assert (gap("rated_expertise") - gap("rated_expertise", turned_back=True)).errors < -CLEAR


def test_encouragement_moves_expertise_by_lot_and_nothing_past_it():
    world, frame, values = seen("encouragement")
    lot = values["encouraged"]
    assert difference(values["domain_expertise"], lot, ~lot, frame).errors > CLEAR
    assert abs(difference(values["ability"], lot, ~lot, frame).errors) < CLOSE
    held = [run(world.do(encouraged=given, domain_expertise=3), frame, ("true_success",)) for given in (0, 1)]
    assert np.array_equal(held[0]["true_success"], held[1]["true_success"])


def test_release_parts_the_waves_for_two_months_only():
    _, frame, values = seen("release")
    late = (values["release_wave"] == 2)[frame.owner]

    def gap(*months):
        now = np.isin(values["month"], months)
        return difference(values["model_generation"] == 3, late & now, ~late & now, frame)

    assert gap(3, 4).errors < -CLEAR
    assert abs(gap(0, 1).value) < 0.01
    assert abs(gap(6).value) < 0.05
