"""The table of dials: every fact about every dial of a world, read from its declaration and its search ranges.

    for row in dial_table():
        print(row.path, row.unit, row.role, row.threat)

Who needs a fact about a dial reads it here: a calibration its free dials, the decomposition of an extreme world the
threats, the panel what its dials turn, the ledger which dials of the rater are its halo.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from knowntruth.engine.dials import Dials, Threat, declared, field_facts
from knowntruth.engine.mechanism import Mechanism
from knowntruth.world.definition.registry import MECHANISMS
from knowntruth.world.definition.search_ranges import SearchRange, search_ranges

Role = Literal["fitted", "free", "fixed"]
"""A calibration fits it; only bounds search it; or it keeps the value of its world."""


@dataclass(frozen=True, slots=True)
class DialFacts:
    """One row.

    ``path`` is mechanism.dial; ``allowed`` the range of possible values as text; ``panel`` the dials of the panel
    that turn this one, by name: the path of each number that moves, and its change per unit of the panel's dial;
    ``searched`` the ranges in which its numbers are searched.
    """

    path: str
    meaning: str
    unit: str
    allowed: str
    source: str
    threat: Threat
    role: Role
    panel: Mapping[str, Mapping[str, float]]
    searched: tuple[SearchRange, ...]


@cache
def dial_table(mechanisms: tuple[Mechanism, ...] = MECHANISMS) -> tuple[DialFacts, ...]:
    """Return one row per dial, in the order of the mechanisms and of their declarations.

    Examples
    --------
    >>> halo = next(row for row in dial_table() if row.path == "rated_expertise.halo")
    >>> halo.unit, halo.threat, halo.role, dict(halo.panel)
    ('SD', 'halo', 'fitted', {'halo': {'rated_expertise.halo': 1.0}})
    """
    return tuple(_facts(each.name, each.dials, name) for each in mechanisms for name in each.dials.model_fields)


def threats() -> Mapping[str, Threat]:
    """Return the threat of every dial by its path.

    Examples
    --------
    >>> threats()["specificity.by_ability"]
    'ability'
    """
    return {row.path: row.threat for row in dial_table()}


def dials_of_threat(dials: type[Dials], threat: Threat) -> tuple[str, ...]:
    """Return the names of the dials of one mechanism that carry a threat.

    Examples
    --------
    >>> from knowntruth.instruments.expertise_rater import RatedExpertise
    >>> dials_of_threat(RatedExpertise, "halo")
    ('halo', 'mood')
    """
    return tuple(name for name in dials.model_fields if _threat(dials, name) == threat)


@cache
def turned_by_panel(panel_dial: str) -> Mapping[str, float]:
    """Return the path of every number that a dial of the panel turns, with its change per unit of that dial.

    Examples
    --------
    >>> dict(turned_by_panel("selection"))
    {'surface_used.headless': 1.0, 'surface_used.headless_by_coding': 0.2}
    """
    return {path: by for row in dial_table() for path, by in row.panel.get(panel_dial, {}).items()}


def _facts(mechanism: str, dials: type[Dials], name: str) -> DialFacts:
    path, info = f"{mechanism}.{name}", dials.model_fields[name]
    panel = {each: _numbers(path, by) for each, by in (declared(info).get("panel") or {}).items()}
    fitted, free = (
        [row for row in search_ranges(search) if row.mechanism_and_dial == path] for search in ("fitted", "free")
    )
    role: Role = "fitted" if fitted else "free" if free else "fixed"
    return DialFacts(path, *field_facts(info), _threat(dials, name), role, panel, (*fitted, *free))


def _threat(dials: type[Dials], name: str) -> Threat:
    threat: Threat = declared(dials.model_fields[name]).get("threat") or dials.threat
    return threat


def _numbers(path: str, by: float | list[float]) -> dict[str, float]:
    """Return the change of each number of a dial by its path; entries of a list are counted from 1."""
    return {f"{path}.{k}": each for k, each in enumerate(by, 1)} if isinstance(by, list) else {path: by}
