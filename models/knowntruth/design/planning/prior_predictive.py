"""The prior predictive distribution: a source whose every dataset comes from another world.

A plan for one world ignores the uncertainty about it. The effects of expertise and of hidden ability are therefore
drawn for each dataset from a log-normal prior around their values in the world. The share of such studies that reach
the target is the assurance (O'Hagan, Stevens and Campbell 2005,
doi:10.1002/pst.175).
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from knowntruth.common.errors import InputError
from knowntruth.design.sources.parameter_grid import ABILITY, EFFECT, vary
from knowntruth.design.sources.source import ReplicateData, Truth, TruthQuery
from knowntruth.design.sources.world_source import WorldSource
from knowntruth.world.definition.world import World
from knowntruth.world.streaming.recipe import recipe

SPREAD: Final = 0.5
"""Standard deviation of the logarithm of both strengths: two thirds are within a factor of 1.65 of the world's."""

STRENGTH_STREAM: Final = 11
"""Key of the random stream of strengths; changing it changes every number."""

MAX_STRENGTH: Final = 3.0
"""Upper limit of the multiples, beyond which dials leave their ranges."""


SHRINK_FACTOR: Final = 0.8
MAX_SHRINKS: Final = 20
"""A world with invalid dials is shrunk towards the middle, step by step."""


@dataclass(frozen=True, slots=True)
class PriorPredictiveSource:
    """Datasets as of ``around``, each from a world of its own.

    ``spread`` is the standard deviation of the logarithms of `vary.EFFECT` and `vary.ABILITY`.
    """

    around: WorldSource
    spread: float = SPREAD

    def __post_init__(self) -> None:
        if not 0 <= self.spread <= 2:
            raise InputError(f"the spread of the prior must be from 0 to 2, got {self.spread}")

    @property
    def name(self) -> str:
        """The name of the world in the middle."""
        return self.around.name

    def strengths(self, seed: int) -> dict[str, float]:
        """Return both multiples in the world of this seed."""
        multiples = np.exp(self.spread * np.random.default_rng([seed, STRENGTH_STREAM]).standard_normal(2))
        return dict(zip((EFFECT, ABILITY), np.minimum(multiples, MAX_STRENGTH).tolist(), strict=True))

    def draw(self, seed: int) -> ReplicateData:
        """Return one dataset of the world of this seed."""
        return replace(self.around, recipe=recipe(self.world(seed), 0)).draw(seed)

    def world(self, seed: int) -> World:
        """Return the world of this seed: shrunk towards the middle where its dials are invalid."""
        middle, strengths = self.around.recipe.world(), self.strengths(seed)
        for _ in range(MAX_SHRINKS):
            try:
                return vary(middle, strengths)[0]
            except InputError:
                strengths = {name: 1 + SHRINK_FACTOR * (times - 1) for name, times in strengths.items()}
        return middle

    def truth(self, asked: TruthQuery, sessions: int, seed: int) -> Truth:
        """Return the truth of the world in the middle, which defines the side that a study should find."""
        return self.around.truth(asked, sessions, seed)

    def truth_key(self) -> str:
        """Return that of the world in the middle."""
        return self.around.truth_key()

    def described(self) -> dict[str, Any]:
        """Return the middle and the spread."""
        return {**self.around.described(), "spread": self.spread}

    def warm(self) -> dict[str, str]:
        """Compile every loop of the world."""
        return self.around.warm()
