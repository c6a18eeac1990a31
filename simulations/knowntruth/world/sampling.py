"""Sampling: which sessions of which people the study draws.

People are taken in order of their number until there are enough sessions, so a smaller sample is the beginning of a
larger one, and any range of people can be had alone. Headless sessions are in the traffic but never in the sample.
"""

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from knowntruth.datasets.errors import InputError
from knowntruth.world.catalogue import variables
from knowntruth.world.engine import Frame, run
from knowntruth.world.noise import Ints
from knowntruth.world.tasks import HEADLESS
from knowntruth.world.world import World

MAXIMUM_SEED: Final = 2**64 - 1

BLOCK: Final = 32_768
"""People sampled in one piece, a thread each."""

SESSIONS_EACH: Final = 1.7
"""A first guess of the sessions of one person (figures.csv: derived_sessions_per_user); more are asked for later."""

BARREN: Final = 1_000_000
"""People without a single interactive session after which a world is taken to have none."""


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
    frame = _people(world, seed, sessions, users)
    if users is None:
        return frame.take(np.arange(sessions))
    return _without_surplus(frame.take(frame.owner < users), sessions)


def _people(world: World, seed: int, sessions: int, users: int | None) -> Frame:
    """Return people from number 0 on, at least so many that they have the sessions, or are the users, asked for."""
    block = max(1024, min(BLOCK, sessions))
    frames: list[Frame] = []
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        while (missing := _missing(frames, sessions, users)) > 0:
            if len(frames) * block > BARREN and not any(len(f.owner) for f in frames):
                raise InputError(f"among {BARREN:,} people of this world nobody has an interactive session; "
                                 "turn surface_used.headless down")  # fmt: skip
            wave = range(len(frames), len(frames) + math.ceil(missing / (block if users else SESSIONS_EACH * block)))
            frames += threads.map(
                lambda k: interactive(world, traffic(world, seed, k * block, (k + 1) * block)), wave
            )
    return joined(frames)


def _missing(frames: list[Frame], sessions: int, users: int | None) -> int:
    """Return how many people, or sessions where no number of people is given, are still to be found."""
    return users - sum(len(f.users) for f in frames) if users else sessions - sum(len(f.owner) for f in frames)


def joined(frames: Sequence[Frame]) -> Frame:
    """Return the frames of different people as one."""
    starts = np.cumsum([0, *(len(f.users) for f in frames[:-1])])
    return Frame(
        frames[0].seed,
        np.concatenate([f.users for f in frames]),
        np.concatenate([f.owner + start for f, start in zip(frames, starts, strict=True)]),
        np.concatenate([f.number for f in frames]),
    )


def _without_surplus(frame: Frame, sessions: int) -> Frame:
    """Return the frame with ``sessions`` sessions: the last people with several give up their last one."""
    surplus = len(frame.owner) - sessions
    last_of_several = np.flatnonzero((np.diff(frame.owner, append=-1) != 0) & (np.diff(frame.owner, prepend=-1) == 0))
    if not 0 <= surplus <= len(last_of_several):
        raise InputError(
            f"{len(frame.users)} people have {len(frame.owner)} sessions in this world, which cannot be cut to "
            f"{sessions}; ask for a number closer to that, leave out the number of users, or turn activity.mean_more"
        )
    keep = np.ones(len(frame.owner), dtype=bool)
    keep[last_of_several[len(last_of_several) - surplus :]] = False
    return frame.take(keep)


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
