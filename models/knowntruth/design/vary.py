"""What can be varied: the size of a study, the strength of hidden ability, and any dial of a world."""

from collections.abc import Mapping
from typing import Any, Final

from knowntruth.datasets.errors import InputError
from knowntruth.datasets.readers import nearest
from knowntruth.world.world import World

STUDY: Final = ("sessions", "users", "audited")
"""Parameters of the study, not of the world."""

ABILITY: Final = "ability"
"""How many times as strong as in the world ability is, in everything that it moves: 0 takes the confounder away."""

BY_ABILITY: Final = "by_ability"
"""How dials are called that say how ability moves something."""


def varied(world: World, point: Mapping[str, Any]) -> tuple[World, dict[str, Any]]:
    """Return a world with what was asked for turned, and the parameters of the study.

    Parameters
    ----------
    point
        Values by name: those of `STUDY`, ``ability``, or a dial as ``mechanism.dial`` (``mechanism.dial.category``
        for one number of a table).

    Raises
    ------
    InputError
        If there is no such parameter, or a value is impossible.
    """
    study = {name: point[name] for name in STUDY if name in point}
    for name, value in study.items():
        if not isinstance(value, int) or isinstance(value, bool):
            raise InputError(f"{name} must be a whole number, got {value!r}")
    for name, value in point.items():
        if name not in STUDY:
            world = _strengthened(world, value) if name == ABILITY else world.turn(**_tree(world, name, value))
    return world, study


def _strengthened(world: World, times: float) -> World:
    dials = {section: values[BY_ABILITY] for section, values in world.values().items() if BY_ABILITY in values}
    return world.turn(**{section: {BY_ABILITY: _times(times, value)} for section, value in dials.items()})


def _times(times: float, value: Any) -> Any:
    return {key: times * each for key, each in value.items()} if isinstance(value, dict) else times * value


def _tree(world: World, path: str, value: Any) -> dict[str, Any]:
    section, *rest = path.split(".")
    if not rest:
        known = sorted(f"{name}.{dial}" for name, dials in world.values().items() for dial in dials)
        raise InputError(
            f"cannot vary {path!r}; give {', '.join(STUDY)}, {ABILITY}, or a dial{nearest(path, known) or ''}"
        )
    tree: Any = value
    for key in reversed(rest):
        tree = {key: tree}
    return {section: tree}
