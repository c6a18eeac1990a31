"""What is believed of the world before the study: a source whose every dataset comes from another world.

A plan that trusts one world trusts it too much. So the strength of what expertise does, and of hidden ability, are
drawn anew for each dataset, around what they are in the world, as many times larger or smaller as a log-normal prior
says. The share of such studies that reach the target is the assurance (O'Hagan, Stevens and Campbell 2005,
doi:10.1002/pst.175).
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from knowntruth.common.errors import InputError
from knowntruth.design.sources.parameter_grid import ABILITY, EFFECT, vary
from knowntruth.design.sources.source import Asked, Drawn, Truth
from knowntruth.design.sources.world_source import WorldSource
from knowntruth.world.definition.world import World
from knowntruth.world.streaming.recipe import recipe

SPREAD: Final = 0.5
"""Standard deviation of the logarithm of both strengths: two thirds are within a factor of 1.65 of the world's."""

LUCK: Final = 11
"""Names the lot by which strengths are drawn."""

LARGEST: Final = 3.0
"""Times as strong as in the world, beyond which dials would be turned too far for a world."""


CLOSER: Final = 0.8
STEPS: Final = 20
"""A world that cannot be is drawn closer to the middle, step by step."""


@dataclass(frozen=True, slots=True)
class PriorPredictiveSource:
    """Datasets as of ``around``, each from a world of its own.

    ``spread`` is the standard deviation of the logarithms of `vary.EFFECT` and `vary.ABILITY`.
    """

    around: WorldSource
    spread: float = SPREAD

    def __post_init__(self) -> None:
        if not 0 <= self.spread <= 2:
            raise InputError(f"the spread of what is believed must be from 0 to 2, got {self.spread}")

    @property
    def name(self) -> str:
        """The name of the world in the middle."""
        return self.around.name

    def strengths(self, seed: int) -> dict[str, float]:
        """Return how many times as strong as in the middle both are in the world of this seed."""
        drawn = np.exp(self.spread * np.random.default_rng([seed, LUCK]).standard_normal(2))
        return dict(zip((EFFECT, ABILITY), np.minimum(drawn, LARGEST).tolist(), strict=True))

    def draw(self, seed: int) -> Drawn:
        """Return one dataset of the world of this seed."""
        return replace(self.around, recipe=recipe(self.world(seed), 0)).draw(seed)

    def world(self, seed: int) -> World:
        """Return the world of this seed: where its dials do not go so far, the nearest one to the middle that is."""
        middle, strengths = self.around.recipe.world(), self.strengths(seed)
        for _ in range(STEPS):
            try:
                return vary(middle, strengths)[0]
            except InputError:
                strengths = {name: 1 + CLOSER * (times - 1) for name, times in strengths.items()}
        return middle

    def truth(self, asked: Asked, sessions: int, seed: int) -> Truth:
        """Return the truth of the world in the middle, whose side of no effect a study is to find."""
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
