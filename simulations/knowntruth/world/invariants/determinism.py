"""Determinism: luck is a function of who and when, so nothing hangs on order, on pieces, or on the number asked for.

The order law also forbids that people influence one another, or that a mechanism looks at its rows as a whole.
"""

from collections.abc import Mapping

import numpy as np

from knowntruth.common.arrays import Values
from knowntruth.world.invariants.invariant import Invariant, exact
from knowntruth.world.invariants.trial import Trial, changed_variables
from knowntruth.world.running.run_mechanisms import Frame, run
from knowntruth.world.running.sampling import sample, session_ids

N_PIECES = 7
"""Into how many pieces the sessions are cut; uneven on purpose."""


def determinism(trial: Trial) -> list[Invariant]:
    """Return the laws of repetition, order, pieces, and beginnings."""
    return [repetition(trial), order(trial), pieces(trial), prefix(trial)]


def repetition(trial: Trial) -> Invariant:
    """Return whether the same seed gives the same bytes, and leaves numpy's global luck alone."""
    before = repr(np.random.get_state())  # noqa: NPY002 - to see that nobody drew from it
    again = trial.run(trial.world)
    after = repr(np.random.get_state())  # noqa: NPY002
    breaches = [f"{name} comes out differently" for name in changed_variables(trial.values, again)]
    if before != after:
        breaches.append("numpy's global random state is drawn from")
    return exact("same seed, same bytes", "Does the same seed give the same values twice?", breaches, _n(trial))


def order(trial: Trial) -> Invariant:
    """Return whether everyone fares the same when people and sessions come in another order."""
    frame = trial.frame
    rng = np.random.default_rng(trial.seed)
    people, sessions = rng.permutation(len(frame.users)), rng.permutation(len(frame.owner))
    shuffled = Frame(
        frame.seed, frame.users[people], np.argsort(people)[frame.owner[sessions]], frame.number[sessions]
    )
    expected = {
        name: values[people if trial.levels[name] == "user" else sessions] for name, values in trial.values.items()
    }
    breaches = [f"{name} hangs on the order" for name in changed_variables(expected, run(trial.world, shuffled))]
    question = "Does everyone fare the same when people and sessions come in another order?"
    return exact("order", question, breaches, _n(trial))


def pieces(trial: Trial) -> Invariant:
    """Return whether people simulated a few at a time are the same people as all at once."""
    size = max(1, len(trial.frame.owner) // N_PIECES)
    parts = [run(trial.world, part) for part in trial.frame.blocks(size)]
    together = {name: np.concatenate([part[name] for part in parts]) for name in trial.values}
    breaches = [f"{name} hangs on who else is there" for name in changed_variables(trial.values, together)]
    question = "Are people simulated a few at a time the same as all at once?"
    return exact("pieces", question, breaches, _n(trial))


def prefix(trial: Trial) -> Invariant:
    """Return whether a smaller sample is the beginning of a larger one."""
    fewer = sample(trial.world, max(1, _n(trial) // 2), trial.seed)
    most = session_ids(sample(trial.world, max(trial.sessions, 2 * _n(trial)), trial.seed))
    drawn = [session_ids(frame) for frame in (fewer, trial.frame)]
    same = all(np.array_equal(ids, most[: len(ids)]) for ids in drawn)
    breaches = [] if same else ["other sessions are drawn"]
    if same:
        changed = changed_variables(_first(trial, fewer), run(trial.world, fewer))
        breaches = [f"{name} hangs on the size" for name in changed]
    question = "Is a smaller sample the beginning of a larger one?"
    return exact("beginning", question, breaches, _n(trial))


def _first(trial: Trial, fewer: Frame) -> Mapping[str, Values]:
    lengths = {"user": len(fewer.users)}
    return {name: v[: lengths.get(trial.levels[name], len(fewer.owner))] for name, v in trial.values.items()}


def _n(trial: Trial) -> int:
    return len(trial.frame.owner)
