"""Worlds with bias from none to severe, drawn by lot: each threat is there or not, and as strong as the lot says.

A third of the worlds have no effect of expertise at all; in half of them expertise falls from the sky, in the others
it comes with hidden ability, at most twice as strongly as in the world ``confounded``; half of them are read by
perfect instruments, the others by those of the calibrated world, with a halo of up to that of ``halo``. Whether an
estimate in such a world *is* biased is measured (`bias`), not assumed from what was drawn.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from knowntruth.design.vary import varied
from knowntruth.world.world import World, load

SEED: Final = 20260616

NO_EFFECT: Final = 1 / 3
EFFECTS: Final = (0.3, 1.5)
"""How many times as strong as in the calibrated world the effects of expertise are, where there are any."""

UNCONFOUNDED: Final = 1 / 2
STRONGEST: Final = 2.0
"""Confounding at most: so many times that of the world ``confounded``."""

PERFECT: Final = 1 / 2
MOST_HALO: Final = 1.5
"""Pull of the outcome on the rating at most: that of the world ``halo``."""

BY_LOT: Final[dict[str, Any]] = {
    "domain_expected": {
        "by_breadth": 0.0, "home_gain": 0.0,
        "by_mode": {"plan": 0.0, "understand": 0.0, "analyze": 0.0, "communicate": 0.0},
    },
}  # fmt: skip
"""Dials of ``published`` that let expertise fall from the sky."""

CONFOUNDING: Final = {
    "domain_breadth": {"by_ability": 0.9, "spread": 0.3},
    "domain_expected": {"by_breadth": 0.8, "home_gain": 0.2},
    "domain_level": {"spread": 0.4},
    "difficulty": {"by_ability": -0.25},
    "specificity": {"by_ability": 0.7, "spread": 0.5},
    "verifying_habit": {"by_ability": 0.8, "spread": 0.4},
}
"""How ``confounded`` differs from ``published``."""


@dataclass(frozen=True, slots=True)
class Threats:
    """What was drawn for one world; ``halo`` is None where instruments are perfect."""

    effect: float
    confounding: float
    halo: float | None

    def described(self) -> dict[str, float]:
        """Return the three as numbers, NaN for no halo since instruments are perfect."""
        return {name: float("nan") if value is None else value for name, value in asdict(self).items()}


def drawn(number: int, seed: int = SEED) -> Threats:
    """Return the threats of world ``number``, which hang on nothing but number and seed.

    Examples
    --------
    >>> drawn(3) == drawn(3), drawn(3) == drawn(4)
    (True, False)
    """
    rng = np.random.default_rng([seed, number])
    there, strong = rng.random(3), rng.random(3)
    effect = 0.0 if there[0] < NO_EFFECT else float(EFFECTS[0] + strong[0] * (EFFECTS[1] - EFFECTS[0]))
    confounding = 0.0 if there[1] < UNCONFOUNDED else float(STRONGEST * strong[1])
    halo = None if there[2] < PERFECT else float(MOST_HALO * strong[2])
    return Threats(effect, confounding, halo)


def made(threats: Threats) -> World:
    """Return the world with these threats, the world `published` otherwise."""
    world = varied(load("published"), {"effect": threats.effect})[0]
    world = world.turn(**BY_LOT) if threats.confounding == 0 else world.turn(**_between(world, threats.confounding))
    if threats.halo is None:
        return world.with_perfect_instruments()
    return world.turn(rated_expertise={"halo": threats.halo})


def _between(world: World, strength: float) -> dict[str, dict[str, float]]:
    """Return the dials of `CONFOUNDING` at a strength: 0 as in the world, 1 as listed, ability beyond that twice."""
    now = world.values()
    share = min(strength, 1.0)
    beyond = max(strength, 1.0)
    return {
        section: {
            name: (1 - share) * float(now[section][name]) + share * value * (beyond if name == "by_ability" else 1.0)
            for name, value in dials.items()
        }
        for section, dials in CONFOUNDING.items()
    }
