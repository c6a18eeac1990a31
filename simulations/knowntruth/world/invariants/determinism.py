"""Determinism: noise is keyed by person and session, so no value depends on order, blocks or the sample size.

The invariant of order also rules out interference between people, and mechanisms that use their rows as a whole.
"""

from collections.abc import Mapping

import numpy as np

from knowntruth.common.arrays import Values
from knowntruth.world.invariants.invariant import Invariant, exact
from knowntruth.world.invariants.trial import Trial, changed_variables
from knowntruth.world.running.frame import Frame
from knowntruth.world.running.run_mechanisms import run
from knowntruth.world.running.sampling import sample, session_ids

N_PIECES = 7
"""Number of blocks that the sessions are cut into; odd, so that the blocks are uneven."""


def determinism(trial: Trial) -> list[Invariant]:
    """Return the invariants of repetition, order, pieces and prefixes."""
    return [repetition(trial), order(trial), pieces(trial), prefix(trial)]


def repetition(trial: Trial) -> Invariant:
    """Return whether the same seed gives the same bytes, and leaves numpy's global random state alone."""
    before = repr(np.random.get_state())  # noqa: NPY002 - to check that nothing drew from it
    again = trial.run(trial.world)
    after = repr(np.random.get_state())  # noqa: NPY002
    breaches = [f"{name} differs" for name in changed_variables(trial.values, again)]
    if before != after:
        breaches.append("numpy's global random state is drawn from")
    return exact("same seed, same bytes", "Does the same seed give the same values twice?", breaches, _n(trial))


def order(trial: Trial) -> Invariant:
    """Return whether values are the same when people and sessions come in another order."""
    frame = trial.frame
    rng = np.random.default_rng(trial.seed)
    people, sessions = rng.permutation(len(frame.users)), rng.permutation(len(frame.owner))
    shuffled = Frame(
        frame.seed, frame.users[people], np.argsort(people)[frame.owner[sessions]], frame.number[sessions]
    )
    expected = {
        name: values[people if trial.levels[name] == "user" else sessions] for name, values in trial.values.items()
    }
    breaches = [f"{name} depends on the order" for name in changed_variables(expected, run(trial.world, shuffled))]
    question = "Are values the same when people and sessions come in another order?"
    return exact("order", question, breaches, _n(trial))


def pieces(trial: Trial) -> Invariant:
    """Return whether people have the same values when simulated in blocks and all at once."""
    size = max(1, len(trial.frame.owner) // N_PIECES)
    parts = [run(trial.world, part) for part in trial.frame.blocks(size)]
    together = {name: np.concatenate([part[name] for part in parts]) for name in trial.values}
    breaches = [f"{name} depends on other people" for name in changed_variables(trial.values, together)]
    question = "Are values the same when people are simulated in blocks and all at once?"
    return exact("pieces", question, breaches, _n(trial))


def prefix(trial: Trial) -> Invariant:
    """Return whether a smaller sample is the beginning of a larger one."""
    fewer = sample(trial.world, max(1, _n(trial) // 2), trial.seed)
    largest = session_ids(sample(trial.world, max(trial.sessions, 2 * _n(trial)), trial.seed))
    drawn = [session_ids(frame) for frame in (fewer, trial.frame)]
    same = all(np.array_equal(ids, largest[: len(ids)]) for ids in drawn)
    breaches = [] if same else ["other sessions are drawn"]
    if same:
        changed = changed_variables(_first(trial, fewer), run(trial.world, fewer))
        breaches = [f"{name} depends on the sample size" for name in changed]
    question = "Is a smaller sample the beginning of a larger one?"
    return exact("beginning", question, breaches, _n(trial))


def _first(trial: Trial, fewer: Frame) -> Mapping[str, Values]:
    lengths = {"user": len(fewer.users)}
    return {name: v[: lengths.get(trial.levels[name], len(fewer.owner))] for name, v in trial.values.items()}


def _n(trial: Trial) -> int:
    return len(trial.frame.owner)
