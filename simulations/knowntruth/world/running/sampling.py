"""Sampling: which sessions of which people the study draws.

People are taken in order of their number until there are enough sessions, so a smaller sample is the beginning of a
larger one, and any range of people can be had alone. Of their traffic a random share is drawn; headless sessions are
in the traffic but never in the sample.
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
from knowntruth.world.definition.registry import variables
from knowntruth.world.definition.world import World
from knowntruth.world.mechanisms.tasks import HEADLESS
from knowntruth.world.running.partial_frame import PartialFrame, first_people, first_sessions
from knowntruth.world.running.run_mechanisms import Frame

BLOCK: Final = 32_768
"""People sampled in one piece, a thread each."""

EXPECTED_SESSIONS_PER_PERSON: Final = 1.1
"""A first guess of the sessions drawn of one person in the traffic; more people are asked for later."""

MAX_PEOPLE_WITHOUT_SESSIONS: Final = 1_000_000
"""People without a single interactive session after which a world is taken to have none."""


def traffic(world: World, seed: int, first: int, last: int) -> Frame:
    """Return all sessions, headless ones too, of the people numbered ``first`` to ``last`` - 1."""
    return _traffic(world, seed, first, last).frame


def _traffic(world: World, seed: int, first: int, last: int) -> PartialFrame:
    people, nobody = np.arange(first, last, dtype=np.int64), np.empty(0, dtype=np.int64)
    known = PartialFrame(world, Frame(seed, people, nobody, nobody)).with_values(("activity",))
    often = known.values["activity"]
    owner = np.repeat(np.arange(len(people)), often)
    return known.come(owner, 1 + np.arange(len(owner)) - np.repeat(np.cumsum(often) - often, often))


def interactive(world: World, traffic: Frame) -> Frame:
    """Return the sessions of some traffic that the study draws and that have a human turn."""
    return _interactive(PartialFrame(world, traffic)).frame


def _interactive(traffic: PartialFrame) -> PartialFrame:
    surface = variables(traffic.world.mechanisms)["surface"]
    drawn = traffic.with_values(("drawn",))
    known = drawn.take(drawn.values["drawn"]).with_values(("surface",))
    return known.take(known.values["surface"] != surface.categories.index(HEADLESS))


def interactive_sessions(world: World, seed: int, first: int, last: int) -> PartialFrame:
    """Return the interactive sessions of the people numbered ``first`` to ``last`` - 1, and what is known of them."""
    return _interactive(_traffic(world, seed, first, last))


def sample(world: World, sessions: int, seed: int, users: int | None = None) -> Frame:
    """Return a frame of exactly ``sessions`` interactive sessions, and of exactly ``users`` people if that is given.

    People and sessions are those of the world without interventions, whatever ``do`` says.

    Raises
    ------
    InputError
        If the numbers are impossible, or this world's people do not have that many sessions.
    """
    return concatenate([block.frame for block in sample_blocks(world, sessions, seed, users)])


def sample_blocks(world: World, sessions: int, seed: int, users: int | None = None) -> list[PartialFrame]:
    """Return `sample` as blocks of people, with what is known of them."""
    _check(sessions, seed, users)
    blocks = _people(world, seed, sessions, users)
    if users is None:
        return list(first_sessions(blocks, sessions))
    return _without_surplus(list(first_people(blocks, users)), sessions)


def _people(world: World, seed: int, sessions: int, users: int | None) -> list[PartialFrame]:
    """Return people from number 0 on, at least so many that they have the sessions, or are the users, asked for."""
    block = max(1024, min(BLOCK, sessions))
    blocks: list[PartialFrame] = []
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        while (missing := _missing(blocks, sessions, users)) > 0:
            if len(blocks) * block > MAX_PEOPLE_WITHOUT_SESSIONS and not any(
                len(known.frame.owner) for known in blocks
            ):
                raise InputError(
                    f"among {MAX_PEOPLE_WITHOUT_SESSIONS:,} people of this world nobody has an interactive session; "
                    "turn surface_used.headless down"
                )
            wave = range(
                len(blocks),
                len(blocks) + math.ceil(missing / (block if users else EXPECTED_SESSIONS_PER_PERSON * block)),
            )
            blocks += threads.map(lambda k: interactive_sessions(world, seed, k * block, (k + 1) * block), wave)
    return blocks


def _missing(blocks: list[PartialFrame], sessions: int, users: int | None) -> int:
    """Return how many people, or sessions where no number of people is given, are still to be found."""
    if users:
        return users - sum(len(known.frame.users) for known in blocks)
    return sessions - sum(len(known.frame.owner) for known in blocks)


def concatenate(frames: Sequence[Frame]) -> Frame:
    """Return the frames of different people as one."""
    starts = np.cumsum([0, *(len(f.users) for f in frames[:-1])])
    return Frame(
        frames[0].seed,
        np.concatenate([f.users for f in frames]),
        np.concatenate([f.owner + start for f, start in zip(frames, starts, strict=True)]),
        np.concatenate([f.number for f in frames]),
    )


def _without_surplus(blocks: list[PartialFrame], sessions: int) -> list[PartialFrame]:
    """Return blocks with ``sessions`` sessions: the last people with several give up their last one."""
    several = [_last_of_several(known.frame.owner) for known in blocks]
    people, there = (
        sum(len(column) for column in columns)
        for columns in zip(*((known.frame.users, known.frame.owner) for known in blocks), strict=True)
    )
    surplus = there - sessions
    if not 0 <= surplus <= sum(len(last) for last in several):
        raise InputError(
            f"{people} people have {there} sessions in this world, which cannot be cut to "
            f"{sessions}; ask for a number closer to that, leave out the number of users, or turn activity.mean_more"
        )
    for k in reversed(range(len(blocks))):
        given_up = several[k][max(0, len(several[k]) - surplus) :]
        surplus -= len(given_up)
        if len(given_up):
            blocks[k] = blocks[k].take(np.delete(np.arange(len(blocks[k].frame.owner)), given_up))
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
    """Return an id for each session that is the same in every sample: person times 4096 plus the session's number."""
    return frame.users[frame.owner] * 4096 + frame.number
