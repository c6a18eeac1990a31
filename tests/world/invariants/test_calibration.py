"""Exported chances against draws: wrong in the large, wrong in bins only, impossible; and right."""

import numpy as np
import pytest

from knowntruth.world.invariants.calibration import BINS, EXPORTED, calibration, deviations
from knowntruth.world.invariants.invariant import tolerance


def draws(chance, seed):
    return (np.random.default_rng(seed).uniform(size=len(chance)) < chance).astype(float)


CHANCE = np.random.default_rng(0).beta(0.5, 2.0, size=20_000)
ONCE = np.ones(len(CHANCE))


def test_deviations_of_honest_draws_are_standard_normal():
    """Over 200 seeds, the mean square of 10 independent bins is chi-squared over its degrees of freedom."""
    inner = np.array([[z for _, z in deviations(draws(CHANCE, seed), CHANCE, ONCE)[1]] for seed in range(200)])
    assert inner.shape == (200, BINS)
    assert abs((inner**2).mean() - 1) < 5 * np.sqrt(2 / inner.size)


def test_a_chance_that_is_too_high_everywhere_shows_in_the_large():
    whole, _ = deviations(draws(CHANCE, 1), np.minimum(1.15 * CHANCE, 1 - 1e-9), ONCE)
    assert whole > tolerance(1)


def test_a_chance_shrunk_to_its_mean_shows_in_bins_alone():
    shrunk = 0.5 * (CHANCE + CHANCE.mean())
    whole, inner = deviations(draws(CHANCE, 1), shrunk, ONCE)
    assert whole < tolerance(1) < max(z for _, z in inner)


def test_what_cannot_happen_must_not():
    impossible = np.where(np.arange(len(CHANCE)) == 7, 0.0, CHANCE)
    happened = draws(CHANCE, 1)
    happened[7] = 1.0
    assert deviations(happened, impossible, ONCE) == (np.inf, [])
    happened[7] = 0.0
    assert deviations(happened, impossible, ONCE)[0] < tolerance(1)


def test_too_few_surprises_are_not_judged():
    assert deviations(np.zeros(100), np.full(100, 0.01), np.ones(100)) == (None, [])


def wrong_propensity(made, dials, at, noise):
    return made | {"domain_propensity_5": np.minimum(made["domain_propensity_5"] * 1.3, 0.999)}


def wrong_selection(made, dials, at, noise):
    return made | {"interactive_chance": 1 - 0.5 * (1 - made["interactive_chance"])}


def hidden_reason(made, dials, at, noise):
    """Whether there is a goal follows the seed of another stream as much as the chance that is exported."""
    return made & (noise.uniform("moody") < 0.9)


@pytest.mark.parametrize(
    ("mechanism", "change", "chance"),
    [
        ("domain_level", wrong_propensity, "domain_propensity_5"),
        ("surface_used", wrong_selection, "interactive_chance"),
        ("goal", hidden_reason, "goal_chance"),
    ],
)
def test_a_wrong_export_is_named(broken, mechanism, change, chance):
    large, bins = calibration(broken(**{mechanism: change}))
    assert not large.holds
    assert chance in large.note
    assert not bins.holds


def test_published_is_calibrated_in_every_exported_chance(published):
    large, bins = calibration(published)
    assert large.holds
    assert bins.holds
    assert large.n >= published.sessions
    assert {e.chance for e in EXPORTED} <= set(published.levels)
