"""The free problem: all dials that could matter, against the figures that a world must reproduce.

A calibration varies the dials that the figures identify (``fitted`` in ``search_ranges.toml``). Bounds also vary the
dials that they do not identify (``free``): hidden ability, the rater's halo and mood, who leaves evidence. A run
returns every true effect at every level, and the result of each further measurement.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Final

import numpy as np

from knowntruth.calibration.fitting.parameters import load as fitted_ranges
from knowntruth.calibration.fitting.world_problem import BLOCK_SESSIONS
from knowntruth.calibration.moments import extra_moments, true_effects
from knowntruth.calibration.moments.simulated_moments import simulated_moments
from knowntruth.calibration.problem.problem import Moment, Outcome, Parameter
from knowntruth.calibration.simulation.dial_paths import read_dial, turn_dials
from knowntruth.calibration.simulation.incremental_simulation import (
    SAMPLE_VARIABLES,
    CachedRun,
    Simulator,
    ancestors,
    concatenate_blocks,
)
from knowntruth.calibration.simulation.moment_columns import COLUMNS
from knowntruth.common.arrays import Floats
from knowntruth.world.definition.search_ranges import SearchRange, search_ranges
from knowntruth.world.definition.world import World

N_BLOCKS: Final = 3
"""Blocks of a run; truths come from the first alone, since common random numbers leave contrasts little noise."""

ENCOURAGEMENT: Final = Parameter("experiment.encouragement", 0.1, 1.0, 0.5)
"""Effect of an encouragement on domain expertise, in SD: unknown, and not a dial of the world."""


def bounded_ranges() -> tuple[SearchRange, ...]:
    """Return the fitted and the free dials; where a dial is both, the range of ``free`` holds."""
    wider = search_ranges("free")
    named = {row.dial for row in wider}
    return (*(row for row in fitted_ranges() if row.dial not in named), *wider)


class FreeProblem:
    """The dials of `free` in ``world`` against ``moments``, simulated with ``sessions`` and one ``seed``.

    A range is widened where the world's own value lies outside it.
    """

    def __init__(self, world: World, moments: Sequence[Moment], sessions: int, seed: int) -> None:
        self.world = world
        self.moments = tuple(moments)
        self.sessions = sessions
        self.seed = seed
        tree = world.values()
        self.parameters = (*(_parameter(row, read_dial(tree, row.dial)) for row in bounded_ranges()), ENCOURAGEMENT)
        targets = (*COLUMNS, *SAMPLE_VARIABLES, *true_effects.NEEDED, *extra_moments.VARIABLES)
        self._simulator = Simulator(sessions, seed, -(-sessions // N_BLOCKS), targets)

    @cached_property
    def start(self) -> Floats:
        """The choice that is the world itself."""
        return np.array([p.start for p in self.parameters])

    @cached_property
    def truths(self) -> tuple[str, ...]:
        """All effects, then all figures of further measurements."""
        return (*true_effects.NAMES, *(figure.name for figure in self.further(self.start)))

    def world_at(self, choice: Floats) -> World:
        """Return the world of a choice."""
        return turn_dials(
            self.world, dict(zip((p.name for p in self.parameters[:-1]), map(float, choice), strict=False))
        )

    def simulate(self, choice: Floats) -> Outcome:
        """Return the moments, and the effects with the figures of further measurements."""
        completed = self._simulator.run(self.world_at(choice))
        found = simulated_moments(completed.moment_columns)
        more = [figure.value for figure in self._further(completed, float(choice[-1]))]
        outcome = Outcome(
            np.array([found[m.name] for m in self.moments]), np.concatenate([_effects(completed), more])
        )
        self._simulator.keep(completed)
        return outcome

    def moments_of(self, world: World) -> Floats:
        """Return the moments of a world."""
        found = simulated_moments(
            Simulator(self.sessions, self.seed, BLOCK_SESSIONS, COLUMNS).run(world).moment_columns
        )
        return np.array([found[m.name] for m in self.moments])

    def further(self, choice: Floats) -> list[extra_moments.ExtraMoment]:
        """Return the figures of every further measurement, each with its spread."""
        return self._further(self._simulator.run(self.world_at(choice)), float(choice[-1]))

    def _further(self, completed: CachedRun, strength: float) -> list[extra_moments.ExtraMoment]:
        world, frame, values = completed.world, completed.frames[0], completed.values[0]
        pairs = zip(completed.frames, completed.values, strict=True)
        columns = concatenate_blocks([extra_moments.measurement_columns(world, *pair) for pair in pairs])
        return extra_moments.compute_extra_moments(
            columns, values, extra_moments.run_encouraged(world, frame, values, strength)
        )


def _effects(completed: CachedRun) -> Floats:
    """Return all effects; they are copied from the cached run where nothing that they depend on has changed."""
    unmoved = completed.moved is not None and not completed.moved & ancestors(
        completed.world.mechanisms, true_effects.NEEDED
    )
    if completed.near is not None and unmoved:
        completed.notes["effects"] = completed.near.notes["effects"]
    else:
        completed.notes["effects"] = true_effects.effects(completed.world, completed.frames[0], completed.values[0])
    return np.asarray(completed.notes["effects"])


def _parameter(row: SearchRange, start: float) -> Parameter:
    return Parameter(row.dial, min(row.lower, start), max(row.upper, start), start)
