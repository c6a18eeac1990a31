"""Random worlds with no bias to severe bias: the presence and the strength of each threat are random.

A third of the worlds have no effect of expertise. In half of them expertise is randomized; in the others it depends
on hidden ability, at most twice as strongly as in the world ``confounded``. Half of them have perfect instruments;
the others have those of the calibrated world, with a halo of up to that of ``halo``. Whether an estimate in such a
world *is* biased is measured (`bias`), not assumed from these settings.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from knowntruth.design.sources.parameter_grid import vary
from knowntruth.world.definition.world import BASE, World, load

SEED: Final = 20260616

P_NO_EFFECT: Final = 1 / 3
EFFECT_RANGE: Final = (0.3, 1.5)
"""Range of the effects of expertise, where there are any, as multiples of those in the calibrated world."""

P_UNCONFOUNDED: Final = 1 / 2
MAX_CONFOUNDING: Final = 2.0
"""Maximum confounding as a multiple of that of the world ``confounded``."""

P_PERFECT: Final = 1 / 2
MAX_HALO: Final = 1.5
"""Maximum influence of the outcome on the rating: that of the world ``halo``."""

FIXED_DIAL: Final = "domain_expected.mean"
"""The one dial of expertise that ``randomized`` changes and these worlds keep."""


@dataclass(frozen=True, slots=True)
class Threats:
    """The threats of one world; ``halo`` is None where instruments are perfect."""

    effect: float
    confounding: float
    halo: float | None

    def described(self) -> dict[str, float]:
        """Return the three as numbers, with NaN for the halo of perfect instruments."""
        return {name: float("nan") if value is None else value for name, value in asdict(self).items()}


def random_threats(number: int, seed: int = SEED) -> Threats:
    """Return the threats of world ``number``, which depend only on number and seed.

    Examples
    --------
    >>> random_threats(3) == random_threats(3), random_threats(3) == random_threats(4)
    (True, False)
    """
    rng = np.random.default_rng([seed, number])
    there, strong = rng.random(3), rng.random(3)
    effect = (
        0.0 if there[0] < P_NO_EFFECT else float(EFFECT_RANGE[0] + strong[0] * (EFFECT_RANGE[1] - EFFECT_RANGE[0]))
    )
    confounding_dials = 0.0 if there[1] < P_UNCONFOUNDED else float(MAX_CONFOUNDING * strong[1])
    halo = None if there[2] < P_PERFECT else float(MAX_HALO * strong[2])
    return Threats(effect, confounding_dials, halo)


def build_world(threats: Threats) -> World:
    """Return the world with these threats, the world `published` otherwise."""
    source = randomized_dials() if threats.confounding == 0 else confounding_dials(threats.confounding)
    world = vary(load(BASE), {"effect": threats.effect, **source})[0]
    if threats.halo is None:
        return world.with_perfect_instruments()
    return world.turn(rated_expertise={"halo": threats.halo})


def randomized_dials() -> dict[str, Any]:
    """Return the dials that randomize expertise, as in ``randomized``."""
    return {
        dial: there
        for dial, there, _ in load("randomized").differences(load(BASE))
        if dial.startswith("domain_expected.") and dial != FIXED_DIAL
    }


def confounding_dials(strength: float) -> dict[str, float]:
    """Return dials between ``published`` (0) and ``confounded`` (1); above 1, ability acts more strongly."""
    share, beyond = min(strength, 1.0), max(strength, 1.0)
    return {
        dial: (1 - share) * now + share * there * (beyond if dial.endswith(".by_ability") else 1.0)
        for dial, there, now in load("confounded").differences(load(BASE))
    }
