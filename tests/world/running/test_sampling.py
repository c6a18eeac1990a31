import dataclasses

import numpy as np
import pytest

from knowntruth.common.errors import InputError
from knowntruth.study.figures import figure
from knowntruth.world.definition.world import load
from knowntruth.world.running.run_mechanisms import run
from knowntruth.world.running.sampling import interactive, sample, session_ids, traffic

WORLD = load("published")


def test_a_smaller_sample_is_the_beginning_of_a_larger_one():
    small, large = sample(WORLD, 500, seed=5), sample(WORLD, 5000, seed=5)
    assert np.array_equal(session_ids(large)[:500], session_ids(small))


def test_people_can_be_had_in_any_ranges():
    whole = interactive(WORLD, traffic(WORLD, 5, 0, 600))
    everything = run(WORLD, whole)
    part = interactive(WORLD, traffic(WORLD, 5, 200, 300))
    inside = np.isin(session_ids(whole), session_ids(part))
    assert inside.sum() == len(part.owner)
    for name, values in run(WORLD, part).items():
        same = everything[name][inside] if len(everything[name]) == len(whole.owner) else None
        if same is not None and len(values) == len(part.owner):
            assert np.array_equal(values, same), name


def test_the_number_of_people_can_be_fixed():
    frame = sample(WORLD, 3000, seed=5, users=1820)
    assert len(frame.owner) == 3000
    assert len(np.unique(frame.owner)) == len(frame.users) == 1820


@pytest.mark.parametrize(
    ("sessions", "seed", "users", "message"),
    [(0, 1, None, "1 or more"), (10, -1, None, "seed"), (10, 1, 11, "users"), (10_000, 1, 200, "cannot be cut")],
)
def test_impossible_numbers_are_refused(sessions, seed, users, message):
    with pytest.raises(InputError, match=message):
        sample(WORLD, sessions, seed=seed, users=users)


def test_one_session_is_enough():
    frame = sample(WORLD, 1, seed=5)
    assert len(frame.users) == len(frame.owner) == 1


def test_people_come_back_as_often_as_published():
    """The share seen more than once, against the published share within five standard errors."""
    frame = sample(WORLD, 40_000, seed=9)
    often = np.bincount(frame.owner)
    published = figure("n_users_more_than_1_session").value / figure("n_users_exact").value
    error = np.sqrt(published * (1 - published) / len(often))
    assert abs((often > 1).mean() - published) < 5 * error


def test_headless_sessions_are_left_out():
    frame = sample(WORLD, 2000, seed=5)
    assert run(WORLD, frame, ("surface",))["surface"].max() < 3
    everyone = run(WORLD, traffic(WORLD, 5, 0, 2000), ("surface",))["surface"]
    assert (everyone == 3).any()


def test_taking_no_session_leaves_nobody():
    frame = sample(WORLD, 50, seed=5).take(np.zeros(50, dtype=bool))
    assert dataclasses.astuple(frame)[1].size == 0


def test_a_world_in_which_nobody_has_a_session_is_said_so():
    """Every session headless: the search for people must end."""
    headless = WORLD.turn(surface_used={"headless": 10.0, "headless_by_coding": 3.0, "desktop": -10.0, "web": -10.0})
    barren = headless.turn(
        coding_expected={"by_ability": 0.0}, coding_level={"spread": 0.01, "cuts": [-9.0, -8.0, -7.0, -6.0]}
    )
    with pytest.raises(InputError, match="has an interactive session"):
        sample(barren, 10, seed=5)


def test_an_unlucky_first_guess_is_made_up_for():
    """Twice as many sessions as the guess expects of so many people."""
    seldom = WORLD.turn(activity={"mean_more": 0.0})
    frame = sample(seldom, 3000, seed=5)
    assert len(frame.owner) == len(frame.users) == 3000
