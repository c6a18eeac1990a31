"""Worlds with bias from none to severe, drawn by lot: each threat is there or not, and as strong as the lot says.

A third of the worlds have no effect of expertise at all; in half of them expertise falls from the sky, in the others
it comes with hidden ability, at most twice as strongly as in the world ``confounded``; half of them are read by
perfect instruments, the others by those of the calibrated world, with a halo of up to that of ``halo``. Whether an
estimate in such a world *is* biased is measured (`bias`), not assumed from what was drawn.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from knowntruth.design.sources.parameter_grid import vary
from knowntruth.world.definition.world import BASE, World, load

SEED: Final = 20260616

NO_EFFECT: Final = 1 / 3
EFFECTS: Final = (0.3, 1.5)
"""How many times as strong as in the calibrated world the effects of expertise are, where there are any."""

UNCONFOUNDED: Final = 1 / 2
STRONGEST: Final = 2.0
"""Confounding at most: so many times that of the world ``confounded``."""

PERFECT: Final = 1 / 2
MAX_HALO: Final = 1.5
"""Pull of the outcome on the rating at most: that of the world ``halo``."""

KEPT: Final = "domain_expected.mean"
"""Of how expertise comes about, the one dial that ``randomized`` turns and these worlds keep."""


@dataclass(frozen=True, slots=True)
class Threats:
    """What was drawn for one world; ``halo`` is None where instruments are perfect."""

    effect: float
    confounding: float
    halo: float | None

    def described(self) -> dict[str, float]:
        """Return the three as numbers, NaN for no halo since instruments are perfect."""
        return {name: float("nan") if value is None else value for name, value in asdict(self).items()}


def random_threats(number: int, seed: int = SEED) -> Threats:
    """Return the threats of world ``number``, which hang on nothing but number and seed.

    Examples
    --------
    >>> random_threats(3) == random_threats(3), random_threats(3) == random_threats(4)
    (True, False)
    """
    rng = np.random.default_rng([seed, number])
    there, strong = rng.random(3), rng.random(3)
    effect = 0.0 if there[0] < NO_EFFECT else float(EFFECTS[0] + strong[0] * (EFFECTS[1] - EFFECTS[0]))
    confounding = 0.0 if there[1] < UNCONFOUNDED else float(STRONGEST * strong[1])
    halo = None if there[2] < PERFECT else float(MAX_HALO * strong[2])
    return Threats(effect, confounding, halo)


def made(threats: Threats) -> World:
    """Return the world with these threats, the world `published` otherwise."""
    source = by_lot() if threats.confounding == 0 else confounding(threats.confounding)
    world = vary(load(BASE), {"effect": threats.effect, **source})[0]
    if threats.halo is None:
        return world.with_perfect_instruments()
    return world.turn(rated_expertise={"halo": threats.halo})


def by_lot() -> dict[str, Any]:
    """Return the dials that let expertise fall from the sky, as in ``randomized``."""
    return {
        dial: there
        for dial, there, _ in load("randomized").differences(load(BASE))
        if dial.startswith("domain_expected.") and dial != KEPT
    }


def confounding(strength: float) -> dict[str, float]:
    """Return its dials: at 0 those of ``published``, at 1 of ``confounded``; beyond that, ability moves more yet."""
    share, beyond = min(strength, 1.0), max(strength, 1.0)
    return {
        dial: (1 - share) * now + share * there * (beyond if dial.endswith(".by_ability") else 1.0)
        for dial, there, now in load("confounded").differences(load(BASE))
    }
