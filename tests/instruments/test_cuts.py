"""What the cut of turns and transcripts hides, from the rater and from the judge, and what the first prompt shows."""

import numpy as np
import pytest

from knowntruth.world.definition.world import load
from knowntruth.world.running.run_mechanisms import run
from knowntruth.world.running.sampling import sample

WORLD = load("published")
FRAME = sample(WORLD, 8000, seed=4)
START = {"end_seen": {"from_start": 1.0}}


def seen(world, *names):
    values = run(world, FRAME, names)
    return [values[name] for name in names]


def rated_by(world, cue):
    """How far the rating follows what the user was seen to do."""
    rated, done = seen(world, "rated_expertise", cue)
    there = rated > 0
    return np.corrcoef(rated[there], done[there])[0, 1]


def judged_right(world):
    outcome, true, goal = seen(world, "outcome", "true_success", "goal")
    return ((outcome == 0) == true)[goal].mean()


LIMITS = (1e9, 25_000.0, 4000.0, 500.0)


CUT = [WORLD.turn(share_seen={"limit": limit}, **START) for limit in LIMITS]


def test_the_shorter_the_transcript_the_worse_the_judge():
    judged = [judged_right(world) for world in CUT]
    assert judged == sorted(judged, reverse=True)
    assert judged[0] - judged[-1] > 4 * np.sqrt(0.25 / 8000)


@pytest.mark.parametrize("cue", ["caught", "checks"])
def test_the_shorter_the_transcript_the_less_a_rating_follows_what_was_done(cue):
    """Whether that makes the rating worse depends on what the cues are worth; here catches say more of the task."""
    followed = [rated_by(world, cue) for world in CUT]
    assert followed == sorted(followed, reverse=True)
    assert followed[0] - followed[-1] > 4 * np.sqrt(2 / 8000)


def test_evidence_in_what_was_cut_is_not_seen():
    signals = [seen(WORLD.turn(share_seen={"limit": limit}), "success_signal")[0] >= 4 for limit in LIMITS]
    shares = [s.mean() for s in signals]
    assert shares == sorted(shares, reverse=True)


def test_a_turn_is_cut_at_five_thousand_characters():
    answers, kept, requests, length, prompts = seen(
        WORLD, "answer_characters", "answer_seen", "request_characters", "transcript_characters", "prompts"
    )
    assert (answers * kept <= 5000.0 * (1 + 1e-12)).all()
    assert (kept[answers <= 5000.0] == 1.0).all()
    assert (answers > 5000.0).any()
    assert np.allclose(length, prompts * (requests + np.minimum(answers, 5000.0)))
    uncut = WORLD.turn(answer_seen={"turn_limit": 1e9})
    assert (seen(uncut, "transcript_characters")[0] >= length).all()


def test_a_transcript_is_cut_at_twenty_five_thousand_characters():
    share, length = seen(WORLD, "share_seen", "transcript_characters")
    assert np.allclose(share * length, np.minimum(length, 25_000.0))
    assert 0.05 < (share < 1).mean() < 0.3


def test_without_its_end_a_session_looks_unfinished_and_untroubled():
    end, shown, progress, trouble, quitting = seen(
        WORLD.turn(**START), "end_seen", "progress_shown", "progress", "trouble_shown", "quitting_shown"
    )
    assert (~end).any()
    assert (shown[~end] < 1.0).all()
    assert (shown[~end] <= progress[~end]).all()
    assert not (trouble | quitting)[~end].any()
    assert (shown[end] == progress[end]).all()


def test_the_middle_is_lost_as_published_and_the_end_where_a_world_says_so():
    middle, start = (seen(world, "end_seen")[0] for world in (WORLD, WORLD.turn(**START)))
    assert middle.mean() > start.mean()
    assert (middle | ~start).all()


FIRST = WORLD.do(rating="first_prompt_only")


def test_do_shows_the_same_sessions_to_a_rater_of_the_first_prompt():
    before, after = run(WORLD, FRAME), run(FIRST, FRAME)
    for name in ("domain_expertise", "prompts", "progress", "outcome", "success_signal", "price_usd"):
        assert np.array_equal(before[name], after[name])
    assert not np.array_equal(before["rated_expertise"], after["rated_expertise"])


@pytest.mark.parametrize("later", ["progress", "caught", "corrected", "hidden_defects", "open_trouble", "checks"])
def test_nothing_that_comes_later_reaches_a_rating_of_the_first_prompt(later):
    """Set what happens after the first prompt to anything: the whole transcript is rated otherwise, it is not."""
    value = 1 if later == "open_trouble" else 7
    values = seen(FIRST, "rated_expertise")[0], seen(FIRST.do(**{later: value}), "rated_expertise")[0]
    assert np.array_equal(*values)
    whole = seen(WORLD, "rated_expertise")[0], seen(WORLD.do(**{later: value}), "rated_expertise")[0]
    assert not np.array_equal(*whole)


def test_a_first_check_is_one_of_the_checks():
    first, checks = seen(WORLD, "first_check", "checks")
    assert (checks >= first).all()
    assert first.any()


def test_less_context_leaves_more_expertise_unclear():
    assert (seen(FIRST, "rated_expertise")[0] == 0).mean() > 3 * (seen(WORLD, "rated_expertise")[0] == 0).mean()


def test_occupations_grow_unclear_as_less_is_seen():
    published = figure_unclear(WORLD)
    error = np.sqrt(0.3 * 0.7 / 8000)
    assert abs(published - 0.30) < 0.005 + 4 * error  # about 30%: occupation_unclear_share
    assert figure_unclear(WORLD.turn(share_seen={"limit": 1000.0})) > published + 4 * error
    assert figure_unclear(WORLD.turn(unclear_chance={"perfect": True})) == 0.0


def figure_unclear(world):
    return (seen(world, "user_occupation")[0] == 23).mean()
