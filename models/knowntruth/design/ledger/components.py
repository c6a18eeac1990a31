"""The components of a bias: the differences between a published contrast and the true effect, each with a switch.

Some components are mechanisms of the world; they are switched off by a world in which they have no effect. The others
are choices of the analysis and are switched off there. Every switch leaves people, tasks and noise unchanged.

================= ======================================== ====================================================
component         what it is                               switched off
================= ======================================== ====================================================
confounding       expertise comes with ability, occupation expertise is randomized, levels as common as before
halo              the rating is pulled by the outcome      no pull of outcome or mood
misclassification the rating errs, and reads the session's the rater knows the true command of the domain, and
                  course                                   only halo can move the rating off it
selection         sessions without a rating or a seen goal all sessions that have a goal, each with a rating
                  are left out
controls          cells of labels read from what was done  cells of month, intended mode, and true user group
suppression       small cells are not released             every cell is released
evidence          the judge errs, and sees or imagines     verified success is true success with hard evidence
                  evidence
================= ======================================== ====================================================
"""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np

from knowntruth.common.arrays import Floats, Values
from knowntruth.common.errors import InputError
from knowntruth.engine.mechanism import Mechanism, Parents
from knowntruth.engine.noise import Noise
from knowntruth.engine.special_functions import normal_quantile
from knowntruth.instruments.expertise_rater import RatedExpertise
from knowntruth.world.definition.dial_table import dials_of_threat
from knowntruth.world.definition.world import World
from knowntruth.world.mechanisms.users import LevelDials, level_outputs, level_values

WORLD_COMPONENTS: Final = ("confounding", "halo", "misclassification", "selection")
"""Components that are mechanisms of the world."""

ANALYSIS_COMPONENTS: Final = ("controls", "suppression", "evidence")
"""Components that are choices of the analysis; the last one changes the outcome alone, not the sessions."""

COMPONENTS: Final = (*WORLD_COMPONENTS, *ANALYSIS_COMPONENTS)

RATING: Final = "rated_expertise"
LEVEL: Final = "domain_level"

LEVEL_BOUNDARIES: Final = (1.5, 2.5, 3.5, 4.5)
"""Boundaries between levels, on the scale of levels."""

SEES_TRUTH: Final = {
    "mean": 3.0, "weight": 0.0, "by_true": 1.0, "spread": 0.0, "lowest": LEVEL_BOUNDARIES[0],
    "highest": LEVEL_BOUNDARIES[3], "middle": 0.5,
}  # fmt: skip
"""Dials of a rater that sees the true command of the domain and nothing else."""

GIVES_ALL: Final = {"unclear": 0.0}
"""Dials of a rater that rates every session."""

CUE_SUFFIX: Final = "_shows"
"""Suffix of dials by which one cue in the text decides the level alone."""

_EDGE: Final = 1e-9
"""Keeps the cuts of an empty level finite."""


def switch_off(world: World, components: Iterable[str], shares: Floats) -> World:
    """Return a world with some of `WORLDLY` switched off.

    Parameters
    ----------
    shares
        Share of sessions at each level of domain expertise, shape (5,), kept where confounding is off.

    Raises
    ------
    InputError
        If the world's rater lacks the dials that the switches set.
    """
    off = set(components)
    if missing := [name for name in _needed() if not hasattr(world.dials.get(RATING), name)]:
        raise InputError(f"the ledger turns the dials of {RATING}; this world's lacks {', '.join(missing)}")
    if "confounding" in off:
        world = randomize_expertise(world, shares)
    if "halo" in off:
        world = world.turn(**{RATING: dict.fromkeys(_halo(world), 0.0)})
    if "selection" in off:
        world = world.turn(**{RATING: GIVES_ALL})
    return remove_misclassification(world) if "misclassification" in off else world


def randomize_expertise(world: World, shares: Floats) -> World:
    """Return a world in which expertise is randomized, with levels as common as ``shares``."""
    inside = np.clip(np.cumsum(shares)[:4], _EDGE, 1 - _EDGE)
    cuts = [float(normal_quantile(p)) for p in inside]
    rule = Mechanism(LEVEL, "session", (), level_outputs("domain", "domain expertise"), _randomize, LevelDials)
    return world.with_mechanism(rule, spread=1.0, cuts=cuts)


def remove_misclassification(world: World) -> World:
    """Return a world whose rater knows each session's true domain expertise exactly.

    Halo and mood shift the rating as far as before, relative to the distance between the outer cuts. A perfect rater
    is returned unchanged.
    """
    if _dial(world.dials[RATING], "perfect"):
        return world
    mechanism = next(m for m in world.mechanisms if m.name == RATING)
    rated, true = world.dials[RATING], world.dials[LEVEL]
    cuts = np.asarray(_dial(true, "cuts"), dtype=np.float64)
    scale = (LEVEL_BOUNDARIES[3] - LEVEL_BOUNDARIES[0]) / (_dial(rated, "highest") - _dial(rated, "lowest"))

    def rule(dials: Any, at: Parents, noise: Noise) -> Any:
        parents = {name: getattr(at, name) for name in mechanism.parents}
        parents["domain_expertise"] = level_position(at.domain_score, cuts)
        return mechanism.rule(dials, Parents(RATING, parents), noise)

    shows = {name: 0.0 for name in rated.model_dump() if name.endswith(CUE_SUFFIX)}
    known = {name: value for name, value in rated.model_dump().items() if name not in shows}
    parents = tuple(dict.fromkeys((*mechanism.parents, "domain_expertise", "domain_score")))
    own = Mechanism(RATING, mechanism.level, parents, mechanism.outputs, rule, mechanism.dials)
    halo = {name: _dial(rated, name) * scale for name in _halo(world)}
    dials = {**known, **SEES_TRUTH, **halo}
    return world.with_mechanism(own, **dials, **shows)


def level_position(score: Floats, cuts: Floats) -> Floats:
    """Return the positions of continuous scores on the scale of levels, with each cut halfway between two levels.

    Examples
    --------
    >>> level_position(np.array([-2.0, -1.0, 0.0, 2.0]), np.array([-1.0, -0.5, 0.5, 1.0])).tolist()
    [0.0, 1.5, 3.0, 6.0]
    """
    slope = (LEVEL_BOUNDARIES[3] - LEVEL_BOUNDARIES[0]) / max(cuts[3] - cuts[0], _EDGE)
    below, above = np.minimum(score - cuts[0], 0.0), np.maximum(score - cuts[3], 0.0)
    inside: Floats = np.interp(score, cuts, LEVEL_BOUNDARIES)
    return inside + slope * (below + above)


def _randomize(dials: LevelDials, at: Parents, noise: Noise) -> dict[str, Values]:
    return level_values("domain", np.zeros(len(noise.users)), dials, noise)


def _needed() -> tuple[str, ...]:
    """Return the dials of the rater that the switches turn."""
    return ("perfect", *SEES_TRUTH, *dials_of_threat(RatedExpertise, "halo"), *GIVES_ALL)


def _halo(world: World) -> tuple[str, ...]:
    """Return the dials of halo: those of the rater at hand, and those that every rater needs."""
    kinds = (RatedExpertise, type(world.dials[RATING]))
    return tuple(dict.fromkeys(name for kind in kinds for name in dials_of_threat(kind, "halo")))


def _dial(dials: Any, name: str) -> Any:
    return getattr(dials, name)
