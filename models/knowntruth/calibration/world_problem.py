"""A world's dials as a `Problem`: turn them, simulate, and see which of the published figures come out.

Noise is keyed, so the same choice gives the same outcome to the last bit, and nearby choices differ by what the dials
do and not by luck. Turning a dial moves its own mechanism and what follows from it, so near a world that was run in
whole (`stand`) only that much is run again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import networkx as nx
import numpy as np

from knowntruth.calibration.dial_paths import turned
from knowntruth.calibration.problem import Moment, Outcome, Parameter, Reals
from knowntruth.calibration.seen import COLUMNS, Seen, Values, seen
from knowntruth.calibration.twins import twins
from knowntruth.datasets.categories import LEVELS
from knowntruth.datasets.errors import InputError
from knowntruth.datasets.estimands import ESTIMANDS, Estimand
from knowntruth.world.engine import Frame, run
from knowntruth.world.graph import graph
from knowntruth.world.sampling import sampled
from knowntruth.world.truth import TRUE_OUTCOMES
from knowntruth.world.world import World

WHO_IS_SEEN: Final = ("activity", "drawn", "surface")
"""What decides which sessions are in the sample: if it moves, the sample is drawn anew."""

TRUTHS: Final = tuple(e.name for e in ESTIMANDS)
"""The true effects, expert against novice, that a choice implies."""


@dataclass(frozen=True)
class Standing:
    """A world that was run in whole, block by block."""

    world: World
    frames: tuple[Frame, ...]
    values: tuple[dict[str, Values], ...]


@dataclass
class WorldProblem:
    """The dials of ``world`` called ``parameters`` against ``moments``.

    ``sessions`` and ``users`` are those of `sampling.sample`; the moments are averaged over the ``seeds``, which
    makes them less noisy. ``truths`` are names out of `TRUTHS`; none are computed if none are asked for.
    """

    world: World
    parameters: Sequence[Parameter]
    moments: Sequence[Moment]
    sessions: int
    users: int | None = None
    seeds: tuple[int, ...] = (1,)
    truths: Sequence[str] = ()
    _stands: dict[int, Standing] = field(default_factory=dict, repr=False)

    def turned(self, choice: Reals) -> World:
        """Return the world of a choice."""
        return turned(self.world, {p.name: float(x) for p, x in zip(self.parameters, choice, strict=True)})

    def simulate(self, choice: Reals) -> Outcome:
        """Return moments and truths of a choice; NaN throughout where the choice is no world."""
        try:
            world = self.turned(choice)
            parts = [self._outcome(world, seed) for seed in self.seeds]
        except InputError:  # a dial out of its own range, or people who do not have that many sessions
            return Outcome(np.full(len(self.moments), np.nan), np.full(len(self.truths), np.nan))
        return Outcome(*(np.mean([part[k] for part in parts], axis=0) for k in (0, 1)))

    def stand(self, choice: Reals) -> None:
        """Run a choice in whole and keep it: choices that differ in a few dials are then cheap."""
        world = self.turned(choice)
        self._stands = {seed: self._standing(world, seed) for seed in self.seeds}

    def _outcome(self, world: World, seed: int) -> tuple[Reals, Reals]:
        frames, values = self._values(world, seed)
        found = twins(_seen(frames, values))
        effects = _effects(world, frames, values, self.truths)
        return np.array([found[m.name] for m in self.moments]), np.array([effects[t] for t in self.truths])

    def _standing(self, world: World, seed: int) -> Standing:
        blocks = sampled(world, self.sessions, seed, self.users)
        values = tuple(run(world, block.frame, self._targets(), block.values) for block in blocks)
        return Standing(world, tuple(block.frame for block in blocks), values)

    def _targets(self) -> tuple[str, ...]:
        return (*COLUMNS, *WHO_IS_SEEN, *(TRUE_OUTCOMES.values() if self.truths else ()))

    def _values(self, world: World, seed: int) -> tuple[tuple[Frame, ...], tuple[dict[str, Values], ...]]:
        """Return everything in a world, taking from the standing one what the turned dials cannot move."""
        stand = self._stands.get(seed)
        moved = None if stand is None else _moved(world, stand.world)
        if stand is None or moved is None:
            whole = self._standing(world, seed)
            return whole.frames, whole.values
        pairs = zip(stand.frames, stand.values, strict=True)
        given = ((frame, {name: v for name, v in values.items() if name not in moved}) for frame, values in pairs)
        return stand.frames, tuple(run(world, frame, self._targets(), known) for frame, known in given)


def _moved(world: World, stand: World) -> frozenset[str] | None:
    """Return the variables that may differ between two worlds; None if the sample itself may."""
    order = graph(world)
    turned_here = {o.name for m in world.mechanisms if world.dials[m.name] != stand.dials[m.name] for o in m.outputs}
    moved = turned_here.union(*(nx.descendants(order, name) for name in turned_here))
    return None if moved & set(WHO_IS_SEEN) else frozenset(moved)


def _seen(frames: Sequence[Frame], values: Sequence[Mapping[str, Values]]) -> Seen:
    columns = {name: np.concatenate([block[name] for block in values]) for name in COLUMNS}
    return seen(np.concatenate([frame.users[frame.owner] for frame in frames]), columns)


def _effects(
    world: World, frames: Sequence[Frame], values: Sequence[Mapping[str, Values]], names: Sequence[str]
) -> dict[str, float]:
    """Return the named true effects, expert against novice, among the sessions with a goal."""
    wanted = [e for e in ESTIMANDS if e.name in names]
    ends = {
        t: tuple(world.do(**{t: level}) for level in (LEVELS[-1], LEVELS[0])) for t in {e.treatment for e in wanted}
    }
    found: dict[str, list[Values]] = {e.name: [] for e in wanted}
    for frame, block in zip(frames, values, strict=True):
        for treatment, worlds in ends.items():
            high, low = (run(each, frame, TRUE_OUTCOMES.values(), dict(block)) for each in worlds)
            for e in wanted:
                if e.treatment == treatment:
                    found[e.name].append(_difference(e, high, low)[block["goal"]])
    return {e.name: _summary(e, np.concatenate(found[e.name])) for e in wanted}


def _difference(e: Estimand, high: Mapping[str, Values], low: Mapping[str, Values]) -> Values:
    above, below = (values[TRUE_OUTCOMES[e.outcome]].astype(float) for values in (high, low))
    return np.log(above / below) if e.scale == "ratio" else above - below


def _summary(e: Estimand, differences: Values) -> float:
    return float(np.exp(differences.mean()) if e.scale == "ratio" else differences.mean())
