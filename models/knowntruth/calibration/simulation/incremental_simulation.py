"""Incremental simulation: cache complete runs, and rerun only the mechanisms that a changed dial affects.

A changed dial affects its own mechanism and its descendants. The noise is keyed, so every other variable keeps its
value to the last bit, and an incremental run gives the same numbers as a complete one. The choice of the cached world
to start from changes only the time of a run.
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
from knowntruth.world.running.frame import Frame
from knowntruth.world.running.run_mechanisms import levels_of, parents_of, run
from knowntruth.world.running.sampling import sample

N_CACHED: Final = 3
"""Worlds in the cache; at 40,000 sessions one takes about 40 megabytes."""

SAMPLE_VARIABLES: Final = ("activity", "drawn", "surface")
"""Variables that decide which sessions are in the sample: if one changes, the sample is drawn again."""


@dataclass(frozen=True)
class CachedRun:
    """A completed run of a world, block by block.

    ``moved`` names the mechanisms that were rerun because the world differs from ``near``; None if all were.
    ``notes`` stores derived results.
    """

    world: World
    frames: tuple[Frame, ...]
    values: tuple[Mapping[str, Values], ...]
    moved: frozenset[str] | None = None
    near: "CachedRun | None" = None
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def moment_columns(self) -> MomentColumns:
        """The columns that a study observes."""
        users = np.concatenate([frame.users[frame.owner] for frame in self.frames])
        return moment_columns(
            users, concatenate_blocks([{name: block[name] for name in COLUMNS} for block in self.values])
        )


class Simulator:
    """Runs worlds of one size and seed, each starting from the nearest cached world; thread-safe.

    ``blocks`` is the number of sessions per block; ``targets`` are the variables to compute, including `COLUMNS` if
    the moments are needed; ``users`` as in `sampling.sample`; ``kept`` the size of the cache.
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
        """Return the run of a world."""
        near, moved = self._nearest(world)
        if near is not None and moved is not None:
            pairs = zip(near.frames, near.values, strict=True)
            values = tuple(rerun(world, frame, given, moved) for frame, given in pairs)
            return CachedRun(world, near.frames, values, moved, near)
        frames = tuple(sample(world, self.sessions, self.seed, self.users).blocks(self.blocks))
        return CachedRun(world, frames, tuple(run(world, frame, self.targets) for frame in frames))

    def keep(self, completed: CachedRun) -> None:
        """Add a run to the cache; the least recently used one is dropped."""
        with self._lock:
            self._kept[id(completed)] = replace(completed, moved=None, near=None)
            while len(self._kept) > self.kept:
                self._kept.popitem(last=False)

    def _nearest(self, world: World) -> tuple[CachedRun | None, frozenset[str] | None]:
        """Return the cached run from which the fewest mechanisms must be rerun, and those mechanisms."""
        with self._lock:
            kept = list(self._kept.items())
        reach = [(key, cached, changed_mechanisms(world, cached.world)) for key, cached in kept]
        able = [(len(moved), key, cached, moved) for key, cached, moved in reach if moved is not None]
        if not able:
            return None, None
        _, key, cached, moved = min(able, key=lambda each: each[0])
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
        return cached, moved


def changed_mechanisms(world: World, other: World) -> frozenset[str] | None:
    """Return the mechanisms that differ between two worlds and their descendants; None if the sample may change."""
    turned = [name for name, dials in world.dials.items() if dials != other.dials[name]]
    moved = frozenset(turned).union(*(descendants(world.mechanisms, name) for name in turned))
    makers = {output.name: m.name for m in world.mechanisms for output in m.outputs}
    return None if moved & {makers[name] for name in SAMPLE_VARIABLES} else moved


@cache
def descendants(mechanisms: tuple[Mechanism, ...], name: str) -> frozenset[str]:
    """Return the names of the descendants of a mechanism."""
    return frozenset(nx.descendants(_order(mechanisms), name))


@cache
def ancestors(mechanisms: tuple[Mechanism, ...], variables: tuple[str, ...]) -> frozenset[str]:
    """Return the names of the mechanisms that produce some variables, and of their ancestors."""
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
    """Return the values of a frame with only the ``moved`` mechanisms rerun."""
    levels, values = levels_of(world), dict(given)
    for mechanism in _in_order(world.mechanisms):
        if mechanism.name in moved and mechanism.outputs[0].name in given:
            parents = parents_of(mechanism, values, levels, frame)
            values |= mechanism(world.dials[mechanism.name], parents, frame.noise(mechanism))
    return values


def concatenate_blocks(blocks: Sequence[Mapping[str, Values]]) -> dict[str, Values]:
    """Return the columns of several blocks as one."""
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
