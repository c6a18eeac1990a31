"""CachedRun: worlds that were run in whole and are kept for a while, because worlds near them are then cheap.

Turning a dial moves its own mechanism and what follows from it. Noise is keyed, so everything else keeps its value to
the last bit, and running only what moves gives the same numbers as running all. Which kept world is nearest changes
how long a run takes and nothing else.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from threading import Lock
from typing import Any, Final

import networkx as nx
import numpy as np

from knowntruth.calibration.simulation.moment_columns import COLUMNS, MomentColumns, moment_columns
from knowntruth.common.arrays import Values
from knowntruth.engine.mechanism import Mechanism
from knowntruth.world.definition.world import World
from knowntruth.world.running.run_mechanisms import Frame, levels_of, parents_of, run
from knowntruth.world.running.sampling import sample

N_CACHED: Final = 3
"""Worlds that are kept; at 40,000 sessions one takes some 40 megabytes."""

WHO_IS_SEEN: Final = ("activity", "drawn", "surface")
"""What decides which sessions are in the sample: if it moves, the sample is drawn anew."""


@dataclass(frozen=True)
class CachedRun:
    """A world that was run, block by block.

    ``moved`` names the mechanisms that were run again because the world differs from ``near``; None if all were.
    ``notes`` is for what others work out from the run.
    """

    world: World
    frames: tuple[Frame, ...]
    values: tuple[Mapping[str, Values], ...]
    moved: frozenset[str] | None = None
    near: "CachedRun | None" = None
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def seen(self) -> MomentColumns:
        """What a study sees of it."""
        users = np.concatenate([frame.users[frame.owner] for frame in self.frames])
        return moment_columns(users, joined([{name: block[name] for name in COLUMNS} for block in self.values]))


class Simulator:
    """Runs worlds of one size and seed, each from the nearest that is kept; several threads may ask at once.

    ``blocks`` are sessions run in one piece; ``targets`` the variables wanted, with `COLUMNS` if the study's view is
    asked for; ``users`` as in `sampling.sample`; ``kept`` the number of worlds kept.
    """

    def __init__(
        self,
        sessions: int,
        seed: int,
        blocks: int,
        targets: Sequence[str],
        users: int | None = None,
        kept: int = N_CACHED,
    ) -> None:
        self.sessions = sessions
        self.seed = seed
        self.blocks = blocks
        self.targets = tuple(targets)
        self.users = users
        self.kept = kept
        self._kept: OrderedDict[int, CachedRun] = OrderedDict()
        self._lock = Lock()

    def run(self, world: World) -> CachedRun:
        """Return a world, run."""
        near, moved = self._nearest(world)
        if near is not None and moved is not None:
            pairs = zip(near.frames, near.values, strict=True)
            values = tuple(rerun(world, frame, given, moved) for frame, given in pairs)
            return CachedRun(world, near.frames, values, moved, near)
        frames = tuple(sample(world, self.sessions, self.seed, self.users).blocks(self.blocks))
        return CachedRun(world, frames, tuple(run(world, frame, self.targets) for frame in frames))

    def keep(self, standing: CachedRun) -> None:
        """Keep a world for others to be run from, in the place of the one that was least lately of use."""
        with self._lock:
            self._kept[id(standing)] = replace(standing, moved=None, near=None)
            while len(self._kept) > self.kept:
                self._kept.popitem(last=False)

    def _nearest(self, world: World) -> tuple[CachedRun | None, frozenset[str] | None]:
        """Return the kept world from which fewest mechanisms have to be run again, and those."""
        with self._lock:
            kept = list(self._kept.items())
        reach = [(key, standing, moved_between(world, standing.world)) for key, standing in kept]
        able = [(len(moved), key, standing, moved) for key, standing, moved in reach if moved is not None]
        if not able:
            return None, None
        _, key, standing, moved = min(able, key=lambda each: each[0])
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
        return standing, moved


def moved_between(world: World, other: World) -> frozenset[str] | None:
    """Return the mechanisms that differ between two worlds, and all that follow; None if the sample may move."""
    turned = [name for name, dials in world.dials.items() if dials != other.dials[name]]
    moved = frozenset(turned).union(*(descendants(world.mechanisms, name) for name in turned))
    makers = {output.name: m.name for m in world.mechanisms for output in m.outputs}
    return None if moved & {makers[name] for name in WHO_IS_SEEN} else moved


@cache
def descendants(mechanisms: tuple[Mechanism, ...], name: str) -> frozenset[str]:
    """Return the names of the mechanisms that follow from one."""
    return frozenset(nx.descendants(_order(mechanisms), name))


@cache
def ancestors(mechanisms: tuple[Mechanism, ...], variables: tuple[str, ...]) -> frozenset[str]:
    """Return the names of the mechanisms that make some variables, and of all that those depend on."""
    makers = {output.name: m.name for m in mechanisms for output in m.outputs}
    made = {makers[name] for name in variables}
    return frozenset(made.union(*(nx.ancestors(_order(mechanisms), name) for name in made)))


@cache
def _order(mechanisms: tuple[Mechanism, ...]) -> "nx.DiGraph[str]":
    makers = {output.name: m.name for m in mechanisms for output in m.outputs}
    order: nx.DiGraph[str] = nx.DiGraph()
    order.add_nodes_from(m.name for m in mechanisms)
    order.add_edges_from((makers[p], m.name) for m in mechanisms for p in m.parents)
    return order


@cache
def _in_order(mechanisms: tuple[Mechanism, ...]) -> tuple[Mechanism, ...]:
    by_name = {m.name: m for m in mechanisms}
    return tuple(by_name[name] for name in nx.topological_sort(_order(mechanisms)))


def rerun(world: World, frame: Frame, given: Mapping[str, Values], moved: frozenset[str]) -> dict[str, Values]:
    """Return the values of a frame in which only the ``moved`` mechanisms, of those that were run, are run again."""
    levels, values = levels_of(world), dict(given)
    for mechanism in _in_order(world.mechanisms):
        if mechanism.name in moved and mechanism.outputs[0].name in given:
            parents = parents_of(mechanism, values, levels, frame)
            values |= mechanism(world.dials[mechanism.name], parents, frame.noise(mechanism))
    return values


def joined(blocks: Sequence[Mapping[str, Values]]) -> dict[str, Values]:
    """Return the columns of several blocks as one."""
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
