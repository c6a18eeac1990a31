"""Effects: every estimand at every level, from a run of a world that is there already.

The same numbers as `knowntruth.world.truths.estimands` gives for the same sessions, without their errors, and only
what an intervention moves is run again.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from knowntruth.common.arrays import Floats, Values
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.datasets.schema.estimands import CONTRASTS, ESTIMANDS, Estimand
from knowntruth.world.definition.world import World
from knowntruth.world.running.frame import Frame
from knowntruth.world.running.run_mechanisms import run
from knowntruth.world.truths.estimands import TRUE_OUTCOMES

TREATMENTS: Final = tuple(dict.fromkeys(e.treatment for e in ESTIMANDS))

NAMES: Final = tuple(f"{e.name} {contrast}" for e in ESTIMANDS for contrast in CONTRASTS)
"""Each estimand with each contrast, as in ``activity_ratio 5 vs 1``."""

NEEDED: Final = (*TRUE_OUTCOMES.values(), "goal")
"""The variables on which they depend."""


def effects(world: World, frame: Frame, values: Mapping[str, Values]) -> Floats:
    """Return all effects among the sessions with a goal, in the order of `NAMES`.

    ``values`` are those of this world on this frame, with everything behind `NEEDED`.
    """
    found = {treatment: _means(world, frame, values, treatment) for treatment in TREATMENTS}
    return np.array([_contrast(e, found[e.treatment], level) for e in ESTIMANDS for level in LEVELS[1:]])


def _means(world: World, frame: Frame, values: Mapping[str, Values], treatment: str) -> dict[int, dict[str, float]]:
    """Return the mean of each outcome at each level; of actions per prompt, the mean of the logarithm."""
    goal, found = values["goal"], {}
    for level in LEVELS:
        there = run(world.do(**{treatment: level}), frame, TRUE_OUTCOMES.values(), dict(values))
        outcomes = {name: there[variable][goal] for name, variable in TRUE_OUTCOMES.items()}
        outcomes["actions_per_prompt"] = np.log(outcomes["actions_per_prompt"])
        found[level] = {name: float(column.mean()) for name, column in outcomes.items()}
    return found


def _contrast(e: Estimand, means: Mapping[int, Mapping[str, float]], level: int) -> float:
    difference = means[level][e.outcome] - means[1][e.outcome]
    return float(np.exp(difference)) if e.scale == "ratio" else difference
