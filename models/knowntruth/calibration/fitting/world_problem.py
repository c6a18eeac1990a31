"""A world's dials as a `Problem`: set them, simulate, and compute the counterparts of the published figures.

The noise is keyed, so the same choice gives the same outcome to the last bit, and nearby choices differ only by the
effect of the dials (common random numbers). Near a cached choice (`cache_run`) only the affected mechanisms are
rerun.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from knowntruth.calibration.moments.simulated_moments import simulated_moments
from knowntruth.calibration.problem.problem import Moment, Outcome, Parameter
from knowntruth.calibration.simulation.dial_paths import turn_dials
from knowntruth.calibration.simulation.incremental_simulation import SAMPLE_VARIABLES, Simulator
from knowntruth.calibration.simulation.moment_columns import COLUMNS
from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.world.definition.world import World

BLOCK_SESSIONS: Final = 32_768
"""Sessions simulated in one block."""


@dataclass
class WorldProblem:
    """The dials of ``world`` called ``parameters`` against ``moments``; no truths are computed.

    ``sessions`` and ``users`` are those of `sampling.sample`; the moments are averaged over the ``seeds`` to reduce
    their noise.
    """

    world: World
    parameters: Sequence[Parameter]
    moments: Sequence[Moment]
    sessions: int
    users: int | None = None
    seeds: tuple[int, ...] = (1,)
    truths: tuple[str, ...] = ()

    def world_at(self, choice: Floats) -> World:
        """Return the world of a choice."""
        return turn_dials(self.world, {p.name: float(x) for p, x in zip(self.parameters, choice, strict=True)})

    def simulate(self, choice: Floats) -> Outcome:
        """Return the moments of a choice; all NaN where the choice gives no valid world."""
        try:
            world = self.world_at(choice)
            found = [simulated_moments(simulator.run(world).moment_columns) for simulator in self._simulators]
        except InputError:  # a dial out of its range, or too few people for that many sessions
            return Outcome(np.full(len(self.moments), np.nan), np.empty(0))
        return Outcome(np.mean([[each[m.name] for m in self.moments] for each in found], axis=0), np.empty(0))

    def cache_run(self, choice: Floats) -> None:
        """Run a choice completely and cache it, so that choices that differ in a few dials are cheap."""
        world = self.world_at(choice)
        for simulator in self._simulators:
            simulator.keep(simulator.run(world))

    @cached_property
    def _simulators(self) -> tuple[Simulator, ...]:
        """One per seed; each caches one world, since slopes are measured around one point."""
        targets = (*COLUMNS, *SAMPLE_VARIABLES)
        return tuple(
            Simulator(self.sessions, seed, BLOCK_SESSIONS, targets, self.users, kept=1) for seed in self.seeds
        )
