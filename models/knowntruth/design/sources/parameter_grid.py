"""What can be varied: the size of a study, the strength of hidden ability, and any dial of a world."""

from collections.abc import Mapping
from fnmatch import fnmatch
from typing import Any, Final

from knowntruth.common.errors import InputError
from knowntruth.common.names import nearest
from knowntruth.world.definition.world import World

STUDY_PARAMETERS: Final = ("sessions", "users", "audited")
"""Parameters of the study, not of the world."""

ABILITY: Final = "ability"
"""Strength of ability in everything that it affects, as a multiple of the world's: 0 removes the confounder."""

EFFECT: Final = "effect"
"""Strength of domain expertise in what it affects, as a multiple of the world's: 0 removes its effect."""

STRENGTHS: Final = {ABILITY: ("*.by_ability",), EFFECT: ("*.by_domain", "planning_share.by_level")}
"""Patterns of the dials that say how ability, and domain expertise, move something."""


def vary(world: World, point: Mapping[str, Any]) -> tuple[World, dict[str, Any]]:
    """Return a world with the given parameters set, and the parameters of the study.

    Parameters
    ----------
    point
        Values by name: those of `STUDY`, ``ability``, ``effect``, or a dial as ``mechanism.dial``
        (``mechanism.dial.category`` for one number of a table).

    Raises
    ------
    InputError
        If there is no such parameter, or a value is impossible.
    """
    study = {name: point[name] for name in STUDY_PARAMETERS if name in point}
    for name, value in study.items():
        if not isinstance(value, int) or isinstance(value, bool):
            raise InputError(f"{name} must be a whole number, got {value!r}")
    for name, value in point.items():
        if name not in STUDY_PARAMETERS:
            dials = _strengthened(world, name, value) if name in STRENGTHS else _tree(world, name, value)
            world = world.turn(**dials)
    return world, study


def _strengthened(world: World, name: str, times: float) -> dict[str, Any]:
    return {
        section: {
            dial: _times(times, value) for dial, value in values.items() if _belongs_to(f"{section}.{dial}", name)
        }
        for section, values in world.values().items()
    }


def _belongs_to(dial: str, strength: str) -> bool:
    return any(fnmatch(dial, pattern) for pattern in STRENGTHS[strength])


def _times(times: float, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: times * each for key, each in value.items()}
    return [times * each for each in value] if isinstance(value, list | tuple) else times * value


def _tree(world: World, path: str, value: Any) -> dict[str, Any]:
    section, *rest = path.split(".")
    if not rest:
        known = sorted(f"{name}.{dial}" for name, dials in world.values().items() for dial in dials)
        names, hint = ", ".join((*STUDY_PARAMETERS, *STRENGTHS)), nearest(path, known) or ""
        raise InputError(f"cannot vary {path!r}; give {names}, or a dial{hint}")
    tree: Any = value
    for key in reversed(rest):
        tree = {key: tree}
    return {section: tree}
