"""Partial frames: people and sessions with the values already computed for them, so nothing is computed twice.

Sampling needs some variables (activity, the study's draw, the surface) to know who is in the sample. The simulation
then starts from these values.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from knowntruth.common.arrays import Values
from knowntruth.world.definition.world import World
from knowntruth.world.running.frame import Frame
from knowntruth.world.running.run_mechanisms import levels_of, run


@dataclass(frozen=True, slots=True)
class PartialFrame:
    """A frame, with some values of its people and sessions in a world without interventions."""

    world: World
    frame: Frame
    values: Mapping[str, Values] = field(default_factory=dict)

    def with_values(self, targets: Iterable[str]) -> "PartialFrame":
        """Return the same frame with the ``targets`` and all their causes computed too."""
        world = self.world.factual()
        return replace(self, values={**self.values, **run(world, self.frame, targets, self.values)})

    def with_sessions(self, owner: Values, number: Values) -> "PartialFrame":
        """Return the same people with these sessions; only user-level values are kept."""
        frame = replace(self.frame, owner=owner, number=number)
        return PartialFrame(self.world, frame, {name: self.values[name] for name in self._user_level()})

    def take(self, keep: Values) -> "PartialFrame":
        """Return the chosen sessions (ascending positions or a mask) and the people who have any."""
        people, frame = self.frame.take_with_people(keep)
        user_level = self._user_level()
        values = {name: v[people if name in user_level else keep] for name, v in self.values.items()}
        return PartialFrame(self.world, frame, values)

    def _user_level(self) -> list[str]:
        levels = levels_of(self.world)
        return [name for name in self.values if levels[name] == "user"]


def first_sessions(blocks: Iterable[PartialFrame], sessions: int) -> Iterator[PartialFrame]:
    """Yield blocks up to a number of sessions, the last one cut; no block is computed in vain."""
    for block in blocks:
        if len(block.frame.owner) >= sessions:
            yield block.take(np.arange(sessions))
            return
        sessions -= len(block.frame.owner)
        yield block


def first_people(blocks: Iterable[PartialFrame], people: int) -> Iterator[PartialFrame]:
    """Yield blocks up to a number of people, the last one cut; no block is computed in vain."""
    for block in blocks:
        if len(block.frame.users) >= people:
            yield block.take(block.frame.owner < people)
            return
        people -= len(block.frame.users)
        yield block
