"""The course of a session: prompt by prompt, until the goal is reached, given up, or left.

`simulate_session` follows one session from prompt to prompt. People differ only in the probabilities from
`behaviour`. The noise is keyed by the prompt, so the third prompt of a session has the same noise whatever happened
at the second.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from knowntruth.common.arrays import Flags, Floats, Ints, Values
from knowntruth.engine.dials import Dials, dial
from knowntruth.engine.mechanism import Parents, mechanism, variable
from knowntruth.engine.noise import Noise, Word, philox, stream_number, to_unit, uniform, word_to_unit
from knowntruth.engine.numba_cache import compiled
from knowntruth.engine.special_functions import exponential, uniform_to_normal

MAX_PROMPTS: Final = 200
"""Maximum length of a session; in the published world fewer than one in 100,000 comes near."""

MISCONCEPTION = stream_number("corrected/misconception")
PROMPT = stream_number("course/prompt")
NOTICE = stream_number("course/notice")
TROUBLE = stream_number("course/trouble")
ACT = stream_number("actions/act")

_CHUNK_SIZE: Final = 2048
"""Prompts whose actions are drawn in one chunk."""

COURSE_COLUMNS: Final = ("prompts", "errors", "caught", "checks", "hidden_defects", "recoveries",
                "open_trouble", "gave_up")  # fmt: skip
"""Whole-number outcomes of a session's course, in the order of the columns that `simulate_session` fills."""


@mechanism(
    "session", parents=("check_chance",), unit="yes/no", meaning="the first request already asks for a targeted check"
)
def first_check(dials: Dials, at: Parents, noise: Noise) -> Values:
    """Separate from later checks, because a rater of the first prompt sees this one only."""
    return noise.happens(at.check_chance)


@compiled
def simulate_session(  # noqa: PLR0912 - one session is one loop
    key: Word,
    users: Ints,
    sessions: Ints,
    error: Floats,
    catch: Floats,
    check: Floats,
    recover: Floats,
    give_up: Floats,
    leave: Floats,
    pace: Floats,
    first_check: Flags,
    course: Ints,
    progress: Floats,
) -> None:
    """Simulate every session; write one row of `COURSE_COLUMNS` and the progress (share of the goal) for each."""
    for i in range(len(users)):
        who, when = users[i], sessions[i]
        prompts = errors = caught = checks = hidden = recoveries = 0
        in_trouble, gave_up, done = False, False, 0.0  # done: share of the goal, as it appears

        while prompts < MAX_PROMPTS:
            now = prompts
            prompts += 1

            # Draws of this prompt: an error of the agent, progress, a check, leaving.
            error_draw, progress_draw, check_draw, leave_draw = philox(key, who, when, now, PROMPT)

            # The person asks, and the agent acts, unless the last mistake is still being sorted out.
            if not in_trouble:
                went_wrong = word_to_unit(error_draw) < error[i]
                noticed = went_wrong and uniform(key, who, when, now, NOTICE) < catch[i]
                if went_wrong:
                    errors += 1
                if noticed:
                    # The person pushes back; this prompt brings no progress.
                    caught += 1
                    in_trouble = True
                else:
                    # An unnoticed error looks like progress, and stays in the work.
                    hidden += went_wrong
                    done += pace[i] * (0.25 + 1.5 * word_to_unit(progress_draw))

            # The person may ask for a targeted check, which reveals a hidden error.
            if first_check[i] if now == 0 else word_to_unit(check_draw) < check[i]:
                checks += 1
                if hidden > 0:
                    hidden -= 1
                    caught += 1
                    in_trouble = True

            # In trouble, the person recovers, gives up, or tries again at the next prompt.
            if in_trouble:
                r0, r1, q0, q1 = philox(key, who, when, now, TROUBLE)
                if to_unit(r0, r1) < recover[i]:
                    in_trouble = False
                    recoveries += 1
                elif to_unit(q0, q1) < give_up[i]:
                    gave_up = True
                    break

            # The session ends when the goal seems reached, or when the person leaves.
            if done >= 1.0 and not in_trouble:
                break
            if word_to_unit(leave_draw) < leave[i]:
                break

        progress[i] = done
        row = course[i]
        row[0], row[1], row[2], row[3], row[4] = prompts, errors, caught, checks, hidden
        row[5], row[6], row[7] = recoveries, in_trouble, gave_up


@mechanism(
    "session",
    parents=(
        "error_chance",
        "catch_chance",
        "check_chance",
        "recovery_chance",
        "quit_chance",
        "leave_chance",
        "progress_pace",
        "first_check",
    ),
    outputs=(
        variable("prompts"),
        variable("errors", "errors", "times the agent went wrong"),
        variable("caught", "errors", "errors that the user caught, at once or by a check"),
        variable("checks", "checks", "targeted checks that the user asked for"),
        variable("hidden_defects", "errors", "errors still in the work that nobody noticed"),
        variable("recoveries", "times", "times the session got out of trouble"),
        variable("open_trouble", "yes/no", "the session ended in trouble"),
        variable("gave_up", "yes/no", "the user gave up"),
        variable("progress", "share of the goal", "progress as it appears to the user; 1 or more is all of it"),
    ),
)
def course(dials: Dials, at: Parents, noise: Noise) -> Mapping[str, Values]:
    """Simulate all sessions, see `simulate_session`."""
    columns_of = np.zeros((len(noise.users), len(COURSE_COLUMNS)), dtype=np.int64)
    progress = np.zeros(len(noise.users))
    simulate_session(
        noise.key,
        noise.users,
        noise.sessions,
        at.error_chance,
        at.catch_chance,
        at.check_chance,
        at.recovery_chance,
        at.quit_chance,
        at.leave_chance,
        at.progress_pace,
        at.first_check,
        columns_of,
        progress,
    )
    columns = {name: columns_of[:, k].astype(np.int32) for k, name in enumerate(COURSE_COLUMNS)}
    flags = {name: columns[name].astype(bool) for name in ("open_trouble", "gave_up")}
    return columns | flags | {"progress": progress}


@compiled
def _count(key: Word, users: Ints, sessions: Ints, prompts: Ints, chance: Floats, out: Ints) -> None:
    """Count the prompts at which the event occurs; one Philox block serves four prompts."""
    for i in range(len(users)):
        for four in range((prompts[i] + 3) // 4):
            left = prompts[i] - 4 * four
            c0, c1, c2, c3 = philox(key, users[i], sessions[i], four, MISCONCEPTION)
            out[i] += (
                (word_to_unit(c0) < chance[i])
                + (left > 1 and word_to_unit(c1) < chance[i])
                + (left > 2 and word_to_unit(c2) < chance[i])
                + (left > 3 and word_to_unit(c3) < chance[i])
            )


@mechanism(
    "session", parents=("misconception_chance", "prompts"), unit="times", meaning="times the agent set the user right"
)
def corrected(dials: Dials, at: Parents, noise: Noise) -> Values:
    """Any request may rest on a misconception, which the agent then corrects."""
    out = np.zeros(len(noise.users), dtype=np.int64)
    _count(noise.key, noise.users, noise.sessions, at.prompts, at.misconception_chance, out)
    return out.astype(np.int32)


@mechanism("session", parents=("caught",), unit="yes/no", meaning="the session met trouble")
def trouble_met(dials: Dials, at: Parents, noise: Noise) -> Values:
    """Trouble begins with an error that is noticed."""
    return at.caught > 0


class Actions(Dials):
    """How uneven the prompts of one session are."""

    spread: float = dial("standard deviation of log actions from prompt to prompt", "log actions", 0, 3)


@compiled
def _act(key: Word, users: Ints, sessions: Ints, prompts: Ints, pace: Floats, spread: float, out: Ints) -> None:
    """Sum the actions of each session, one chunk of prompts at a time."""
    room = _CHUNK_SIZE + MAX_PROMPTS
    who, when, which = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    expected, wanted, rounding = np.empty(room), np.empty(room), np.empty(room)
    first = 0
    while first < len(users):
        last, many = first, 0
        while last < len(users) and many < _CHUNK_SIZE:
            for prompt in range(prompts[last]):
                who[many], when[many], which[many], expected[many] = users[last], sessions[last], prompt, pace[last]
                many += 1
            last += 1
        for k in range(many):
            c0, c1, c2, c3 = philox(key, who[k], when[k], which[k], ACT)
            wanted[k], rounding[k] = to_unit(c0, c1), to_unit(c2, c3)
        uniform_to_normal(wanted[:many])
        for k in range(many):
            wanted[k] = min(exponential(expected[k] + spread * wanted[k]), 1e6)
            wanted[k] = max(1.0, np.floor(wanted[k] + rounding[k]))  # stochastic rounding keeps the mean
        many = 0
        for i in range(first, last):
            total = 0.0
            for _ in range(prompts[i]):
                total += wanted[many]
                many += 1
            out[i] = int(total)
        first = last


@mechanism(
    "session",
    parents=("action_pace", "prompts"),
    dials=Actions,
    unit="actions",
    meaning="model and tool steps in the whole session",
)
def actions(dials: Actions, at: Parents, noise: Noise) -> Values:
    """Log-normal from prompt to prompt, whole numbers, at least one step per prompt."""
    out = np.zeros(len(noise.users), dtype=np.int64)
    _act(noise.key, noise.users, noise.sessions, at.prompts, at.action_pace, dials.spread, out)
    return out


@mechanism("session", parents=("actions", "prompts"))
def actions_per_prompt(dials: Dials, at: Parents, noise: Noise) -> Values:
    """The study's measure of activity."""
    return at.actions / at.prompts


@mechanism("session", parents=("actions_per_prompt", "word_pace"))
def words_per_prompt(dials: Dials, at: Parents, noise: Noise) -> Values:
    """Actions per prompt times the words per action of the session."""
    return at.actions_per_prompt * np.exp(at.word_pace)
