"""The open problem: all dials that could matter, against the figures that are to be reproduced.

A calibration turns the dials that the figures determine (``fitted`` in ``search_ranges.toml``). Bounds turn those and
the dials that the figures leave open (``free``): hidden ability, the rater's halo and mood, who leaves evidence.
Beside every true effect at every level, a run tells what each further measurement would show.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Final

import numpy as np

from knowntruth.calibration.fitting.parameters import load as pinned
from knowntruth.calibration.fitting.world_problem import BLOCK
from knowntruth.calibration.moments import extra_moments, true_effects
from knowntruth.calibration.moments.simulated_moments import simulated_moments
from knowntruth.calibration.problem.problem import Moment, Outcome, Parameter
from knowntruth.calibration.simulation.dial_paths import turned, value
from knowntruth.calibration.simulation.incremental_simulation import (
    WHO_IS_SEEN,
    CachedRun,
    Simulator,
    ancestors,
    joined,
)
from knowntruth.calibration.simulation.moment_columns import COLUMNS
from knowntruth.common.arrays import Floats
from knowntruth.world.definition.search_ranges import SearchRange, search_ranges
from knowntruth.world.definition.world import World

BLOCKS: Final = 3
"""Pieces in which a run is made; truths come from the first alone: with the same luck contrasts have little noise."""

STRENGTH: Final = Parameter("experiment.encouragement", 0.1, 1.0, 0.5)
"""By how much an encouragement would raise command of the domain, in SD: no dial of the world, and not known."""


def free() -> tuple[SearchRange, ...]:
    """Return the fitted and the free dials; where a dial is both, the range of ``free`` holds."""
    wider = search_ranges("free")
    named = {row.dial for row in wider}
    return (*(row for row in pinned() if row.dial not in named), *wider)


class OpenProblem:
    """The dials of `free` in ``world`` against ``moments``, simulated with ``sessions`` and one ``seed``.

    A range is widened where the world itself stands outside it.
    """

    def __init__(self, world: World, moments: Sequence[Moment], sessions: int, seed: int) -> None:
        self.world = world
        self.moments = tuple(moments)
        self.sessions = sessions
        self.seed = seed
        tree = world.values()
        self.parameters = (*(_parameter(row, value(tree, row.dial)) for row in free()), STRENGTH)
        targets = (*COLUMNS, *WHO_IS_SEEN, *true_effects.NEEDED, *extra_moments.WANTED)
        self._ground = Simulator(sessions, seed, -(-sessions // BLOCKS), targets)

    @cached_property
    def start(self) -> Floats:
        """The choice that is the world itself."""
        return np.array([p.start for p in self.parameters])

    @cached_property
    def truths(self) -> tuple[str, ...]:
        """All effects, then all figures of further measurements."""
        return (*true_effects.NAMES, *(figure.name for figure in self.further(self.start)))

    def turned(self, choice: Floats) -> World:
        """Return the world of a choice."""
        return turned(self.world, dict(zip((p.name for p in self.parameters[:-1]), map(float, choice), strict=False)))

    def simulate(self, choice: Floats) -> Outcome:
        """Return moments, and effects and further figures."""
        standing = self._ground.run(self.turned(choice))
        found = simulated_moments(standing.seen)
        more = [figure.value for figure in self._further(standing, float(choice[-1]))]
        outcome = Outcome(np.array([found[m.name] for m in self.moments]), np.concatenate([_effects(standing), more]))
        self._ground.keep(standing)
        return outcome

    def moments_of(self, world: World) -> Floats:
        """Return the moments of a world, and nothing else."""
        found = simulated_moments(Simulator(self.sessions, self.seed, BLOCK, COLUMNS).run(world).seen)
        return np.array([found[m.name] for m in self.moments])

    def further(self, choice: Floats) -> list[extra_moments.Shown]:
        """Return what every further measurement would show, with the spread of each figure."""
        return self._further(self._ground.run(self.turned(choice)), float(choice[-1]))

    def _further(self, standing: CachedRun, strength: float) -> list[extra_moments.Shown]:
        world, frame, values = standing.world, standing.frames[0], standing.values[0]
        pairs = zip(standing.frames, standing.values, strict=True)
        columns = joined([extra_moments.columns_of(world, *pair) for pair in pairs])
        return extra_moments.shown(columns, values, extra_moments.encouraged(world, frame, values, strength))


def _effects(standing: CachedRun) -> Floats:
    """Return all effects: those of the nearer world where nothing that they depend on has moved."""
    unmoved = standing.moved is not None and not standing.moved & ancestors(
        standing.world.mechanisms, true_effects.NEEDED
    )
    if standing.near is not None and unmoved:
        standing.notes["effects"] = standing.near.notes["effects"]
    else:
        standing.notes["effects"] = true_effects.effects(standing.world, standing.frames[0], standing.values[0])
    return np.asarray(standing.notes["effects"])


def _parameter(row: SearchRange, start: float) -> Parameter:
    return Parameter(row.dial, min(row.lower, start), max(row.upper, start), start)
