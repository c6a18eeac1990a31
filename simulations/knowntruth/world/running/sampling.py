"""Sampling: which sessions of which people the study draws.

People are taken in order of their number until there are enough sessions, so a smaller sample is the beginning of a
larger one, and any range of people can be simulated alone. Of their traffic a random share is drawn; headless
sessions are in the traffic but never in the sample.
"""

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from knowntruth.common.arrays import Ints
from knowntruth.common.errors import InputError
from knowntruth.common.seeds import MAX_SEED
from knowntruth.engine.mechanism import MAX_SESSIONS_PER_USER
from knowntruth.world.definition.registry import variables
from knowntruth.world.definition.world import World
from knowntruth.world.mechanisms.tasks import HEADLESS
from knowntruth.world.running.frame import Frame
from knowntruth.world.running.partial_frame import PartialFrame, first_people, first_sessions

BLOCK: Final = 32_768
"""People per block; each block is sampled in its own thread."""

EXPECTED_SESSIONS_PER_PERSON: Final = 1.1
"""First guess of the number of sampled sessions per person; more people follow if it is too high."""

MAX_PEOPLE_WITHOUT_SESSIONS: Final = 1_000_000
"""After this many people without an interactive session, sampling stops with an error."""


def traffic(world: World, seed: int, first: int, last: int) -> Frame:
    """Return all sessions, headless ones too, of the people numbered ``first`` to ``last`` - 1."""
    return _traffic(world, seed, first, last).frame


def _traffic(world: World, seed: int, first: int, last: int) -> PartialFrame:
    people, empty = np.arange(first, last, dtype=np.int64), np.empty(0, dtype=np.int64)
    partial = PartialFrame(world, Frame(seed, people, empty, empty)).with_values(("activity",))
    counts = partial.values["activity"]
    owner = np.repeat(np.arange(len(people)), counts)
    return partial.with_sessions(owner, 1 + np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts))


def interactive(world: World, traffic: Frame) -> Frame:
    """Return the sessions of the traffic that the study samples and that have a human turn."""
    return _interactive(PartialFrame(world, traffic)).frame


def _interactive(traffic: PartialFrame) -> PartialFrame:
    surface = variables(traffic.world.mechanisms)["surface"]
    drawn = traffic.with_values(("drawn",))
    sampled = drawn.take(drawn.values["drawn"]).with_values(("surface",))
    return sampled.take(sampled.values["surface"] != surface.categories.index(HEADLESS))


def interactive_sessions(world: World, seed: int, first: int, last: int) -> PartialFrame:
    """Return the interactive sessions of people ``first`` to ``last`` - 1, with the values computed so far."""
    return _interactive(_traffic(world, seed, first, last))


def sample(world: World, sessions: int, seed: int, users: int | None = None) -> Frame:
    """Return a frame of exactly ``sessions`` interactive sessions, and of exactly ``users`` people if that is given.

    People and sessions are those of the world without interventions, whatever interventions the world has.

    Raises
    ------
    InputError
        If the numbers are impossible, or the people of this world do not have that many sessions.
    """
    return concatenate([block.frame for block in sample_blocks(world, sessions, seed, users)])


def sample_blocks(world: World, sessions: int, seed: int, users: int | None = None) -> list[PartialFrame]:
    """Return `sample` as blocks of people, with the values computed so far."""
    _check(sessions, seed, users)
    blocks = _people(world, seed, sessions, users)
    if users is None:
        return list(first_sessions(blocks, sessions))
    return _without_surplus(list(first_people(blocks, users)), sessions)


def _people(world: World, seed: int, sessions: int, users: int | None) -> list[PartialFrame]:
    """Return people from number 0 on, enough of them for the requested sessions or users."""
    size = max(1024, min(BLOCK, sessions))
    blocks: list[PartialFrame] = []
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        while (missing := _missing(blocks, sessions, users)) > 0:
            if len(blocks) * size > MAX_PEOPLE_WITHOUT_SESSIONS and not any(
                len(block.frame.owner) for block in blocks
            ):
                raise InputError(
                    f"none of {MAX_PEOPLE_WITHOUT_SESSIONS:,} people of this world has an interactive session; "
                    "turn surface_used.headless down"
                )
            wave = range(
                len(blocks),
                len(blocks) + math.ceil(missing / (size if users else EXPECTED_SESSIONS_PER_PERSON * size)),
            )
            blocks += threads.map(lambda k: interactive_sessions(world, seed, k * size, (k + 1) * size), wave)
    return blocks


def _missing(blocks: list[PartialFrame], sessions: int, users: int | None) -> int:
    """Return how many people, or sessions where no number of people is given, are still missing."""
    if users:
        return users - sum(len(block.frame.users) for block in blocks)
    return sessions - sum(len(block.frame.owner) for block in blocks)


def concatenate(frames: Sequence[Frame]) -> Frame:
    """Return the frames of different people as one frame."""
    starts = np.cumsum([0, *(len(f.users) for f in frames[:-1])])
    return Frame(
        frames[0].seed,
        np.concatenate([f.users for f in frames]),
        np.concatenate([f.owner + start for f, start in zip(frames, starts, strict=True)]),
        np.concatenate([f.number for f in frames]),
    )


def _without_surplus(blocks: list[PartialFrame], sessions: int) -> list[PartialFrame]:
    """Return blocks with ``sessions`` sessions: the last people with several sessions lose their last one."""
    several = [_last_of_several(block.frame.owner) for block in blocks]
    people, there = (
        sum(len(column) for column in columns)
        for columns in zip(*((block.frame.users, block.frame.owner) for block in blocks), strict=True)
    )
    surplus = there - sessions
    if not 0 <= surplus <= sum(len(last) for last in several):
        raise InputError(
            f"{people} people have {there} sessions in this world, which cannot be cut to "
            f"{sessions}; ask for a number closer to that, leave out the number of users, or turn activity.mean_more"
        )
    for k in reversed(range(len(blocks))):
        removed = several[k][max(0, len(several[k]) - surplus) :]
        surplus -= len(removed)
        if len(removed):
            blocks[k] = blocks[k].take(np.delete(np.arange(len(blocks[k].frame.owner)), removed))
    return blocks


def _last_of_several(owner: Ints) -> Ints:
    """Return the positions of the last sessions of people who have more than one."""
    return np.flatnonzero((np.diff(owner, append=-1) != 0) & (np.diff(owner, prepend=-1) == 0))


def _check(sessions: int, seed: int, users: int | None) -> None:
    if sessions < 1:
        raise InputError(f"sessions must be 1 or more, got {sessions}")
    if not 0 <= seed <= MAX_SEED:
        raise InputError(f"seed must be a whole number from 0 to 2**64 - 1, got {seed}")
    if users is not None and not 1 <= users <= sessions:
        raise InputError(f"users must be from 1 to the number of sessions ({sessions}), got {users}")


def session_ids(frame: Frame) -> Ints:
    """Return session ids, the same in every sample: the person's number times 4096 plus the session's number."""
    return frame.users[frame.owner] * MAX_SESSIONS_PER_USER + frame.number
