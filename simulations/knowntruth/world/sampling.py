"""Sampling: which sessions of which people the study draws.

People are taken in order of their number until there are enough sessions, so a smaller sample is the beginning of a
larger one, and any range of people can be had alone. Headless sessions are in the traffic but never in the sample.
"""

import numpy as np

from knowntruth.datasets.errors import InputError
from knowntruth.world.catalogue import variables
from knowntruth.world.engine import Frame, run
from knowntruth.world.mechanism import Values
from knowntruth.world.noise import Ints
from knowntruth.world.tasks import HEADLESS
from knowntruth.world.world import World

MAXIMUM_SEED = 2**64 - 1


def traffic(world: World, seed: int, first: int, last: int) -> Frame:
    """Return all sessions, headless ones too, of the people numbered ``first`` to ``last`` - 1."""
    people = np.arange(first, last, dtype=np.int64)
    nobody = np.empty(0, dtype=np.int64)
    often = run(world.factual(), Frame(seed, people, nobody, nobody), ("activity",))["activity"]
    owner = np.repeat(np.arange(len(people)), often)
    number = 1 + np.arange(len(owner)) - np.repeat(np.cumsum(often) - often, often)
    return Frame(seed, people, owner, number)


def interactive(world: World, frame: Frame) -> Frame:
    """Return the sessions that have a human turn."""
    surface = variables(world.mechanisms)["surface"]
    where = run(world.factual(), frame, ("surface",))["surface"]
    return frame.take(where != surface.categories.index(HEADLESS))


def sample(world: World, sessions: int, seed: int, users: int | None = None) -> Frame:
    """Return a frame of exactly ``sessions`` interactive sessions, and of exactly ``users`` people if that is given.

    People and sessions are those of the world without interventions, whatever ``do`` says.

    Raises
    ------
    InputError
        If the numbers are impossible, or this world's people do not have that many sessions.
    """
    _check(sessions, seed, users)
    enough = users or sessions
    block = max(1024, int(1.1 * (users or sessions)))
    frame = interactive(world, traffic(world, seed, 0, block))
    while (len(frame.users) < enough and len(frame.owner) < sessions) or (users and len(frame.users) < users):
        block *= 2
        frame = interactive(world, traffic(world, seed, 0, block))
    if users is None:
        return frame.take(np.arange(sessions))
    frame = frame.take(frame.owner < users)
    return frame.take(_spare(frame, sessions))


def _spare(frame: Frame, sessions: int) -> Values:
    """Return which sessions stay: the last people with several give one up each until the number is right."""
    surplus = len(frame.owner) - sessions
    last_of_several = np.flatnonzero((np.diff(frame.owner, append=-1) != 0) & (np.diff(frame.owner, prepend=-1) == 0))
    if not 0 <= surplus <= len(last_of_several):
        raise InputError(
            f"{len(frame.users)} people have {len(frame.owner)} sessions in this world, which cannot be cut to "
            f"{sessions}; ask for a number closer to that, leave out the number of users, or turn activity.mean_more"
        )
    keep = np.ones(len(frame.owner), dtype=bool)
    keep[last_of_several[len(last_of_several) - surplus :]] = False
    return keep


def _check(sessions: int, seed: int, users: int | None) -> None:
    if sessions < 1:
        raise InputError(f"sessions must be 1 or more, got {sessions}")
    if not 0 <= seed <= MAXIMUM_SEED:
        raise InputError(f"seed must be a whole number from 0 to 2**64 - 1, got {seed}")
    if users is not None and not 1 <= users <= sessions:
        raise InputError(f"users must be from 1 to the number of sessions ({sessions}), got {users}")


def session_ids(frame: Frame) -> Ints:
    """Return an id for each session that is the same in every sample: person times 4096 plus the session's number."""
    return frame.users[frame.owner] * 4096 + frame.number
