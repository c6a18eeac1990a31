"""A world's dials as a `Problem`: turn them, simulate, and see which of the published figures come out.

Noise is keyed, so the same choice gives the same outcome to the last bit, and nearby choices differ by what the dials
do and not by luck. Near a choice that was run in whole (`stand`) only what the dials move is run again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from knowntruth.calibration.moments.simulated_moments import simulated_moments
from knowntruth.calibration.problem.problem import Moment, Outcome, Parameter
from knowntruth.calibration.simulation.dial_paths import turned
from knowntruth.calibration.simulation.incremental_simulation import WHO_IS_SEEN, Simulator
from knowntruth.calibration.simulation.moment_columns import COLUMNS
from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.world.definition.world import World

BLOCK: Final = 32_768
"""Sessions run in one piece."""


@dataclass
class WorldProblem:
    """The dials of ``world`` called ``parameters`` against ``moments``; no truths are computed.

    ``sessions`` and ``users`` are those of `sampling.sample`; the moments are averaged over the ``seeds``, which
    makes them less noisy.
    """

    world: World
    parameters: Sequence[Parameter]
    moments: Sequence[Moment]
    sessions: int
    users: int | None = None
    seeds: tuple[int, ...] = (1,)
    truths: tuple[str, ...] = ()

    def turned(self, choice: Floats) -> World:
        """Return the world of a choice."""
        return turned(self.world, {p.name: float(x) for p, x in zip(self.parameters, choice, strict=True)})

    def simulate(self, choice: Floats) -> Outcome:
        """Return the moments of a choice; NaN throughout where the choice is no world."""
        try:
            world = self.turned(choice)
            found = [simulated_moments(ground.run(world).seen) for ground in self._grounds]
        except InputError:  # a dial out of its own range, or people who do not have that many sessions
            return Outcome(np.full(len(self.moments), np.nan), np.empty(0))
        return Outcome(np.mean([[each[m.name] for m in self.moments] for each in found], axis=0), np.empty(0))

    def stand(self, choice: Floats) -> None:
        """Run a choice in whole and keep it: choices that differ in a few dials are then cheap."""
        world = self.turned(choice)
        for ground in self._grounds:
            ground.keep(ground.run(world))

    @cached_property
    def _grounds(self) -> tuple[Simulator, ...]:
        """One a seed; each keeps one world, as slopes are measured around one."""
        targets = (*COLUMNS, *WHO_IS_SEEN)
        return tuple(Simulator(self.sessions, seed, BLOCK, targets, self.users, kept=1) for seed in self.seeds)
