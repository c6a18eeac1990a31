"""Paths to dials: ``section.dial``, or ``section.dial.entry`` where a dial is a table or a list.

List entries are counted from 1, as levels are: ``catch_chance.by_domain.1`` belongs to novices. A missing entry of a
table counts as 0, as it does in the world.
"""

from collections.abc import Mapping
from typing import Any

from knowntruth.common.errors import InputError
from knowntruth.world.definition.world import World


def read_dial(tree: Mapping[str, Mapping[str, Any]], path: str) -> float:
    """Return the number at ``path`` in the dials of a world (`World.values`).

    Raises
    ------
    InputError
        If there is no such dial or entry.
    """
    section, dial, entry = _parts(path)
    here = tree.get(section, {}).get(dial)
    if isinstance(here, Mapping) and entry:
        return float(here.get(entry, 0.0))
    if isinstance(here, list) and entry.isdigit() and 1 <= int(entry) <= len(here):
        return float(here[int(entry) - 1])
    if isinstance(here, int | float) and not isinstance(here, bool) and not entry:
        return float(here)
    raise InputError(
        f"no number at {path!r} among the dials; give section.dial, or section.dial.entry for a table (an entry's "
        "name) or a list (counted from 1)"
    )


def turn_dials(world: World, settings: Mapping[str, float]) -> World:
    """Return ``world`` with the numbers at the given paths changed.

    Raises
    ------
    InputError
        If a path does not exist or a value is invalid.
    """
    tree, changes = world.values(), dict[str, dict[str, Any]]()
    for path, number in settings.items():
        read_dial(tree, path)
        section, dial, entry = _parts(path)
        changed = changes.setdefault(section, {})
        changed[dial] = _with_entry(changed.get(dial, tree[section][dial]), entry, float(number))
    return world.turn(**changes)


def _with_entry(here: Any, entry: str, number: float) -> Any:
    if isinstance(here, Mapping):
        return {**here, entry: number}
    if isinstance(here, list):
        return [number if k == int(entry) else old for k, old in enumerate(here, 1)]
    return number


def _parts(path: str) -> tuple[str, str, str]:
    section, _, rest = path.partition(".")
    dial, _, entry = rest.partition(".")
    return section, dial, entry
