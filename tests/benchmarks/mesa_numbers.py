"""A world's dials as plain numbers and lists, which plain Python reads fastest."""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from knowntruth.datasets.schema.categories import MODES, OCCUPATIONS
from knowntruth.world.definition.world import World

Numbers = SimpleNamespace


def numbers(world: World) -> Numbers:
    """Return ``numbers(world).mechanism.dial`` for every dial."""
    return SimpleNamespace(**{name: _section(name, values) for name, values in world.values().items()})


def _section(section: str, values: Mapping[str, Any]) -> Numbers:
    """Return the dials of one mechanism: a table by category as a list in the order of the categories.

    A number that can be a probability is there twice, the second time as its log odds (``base_odds`` for ``base``).
    """
    plain: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            order = OCCUPATIONS if "occupation" in (section, name.removeprefix("by_")) else MODES
            plain[name] = [value.get(category, 0.0) for category in order]
            continue
        plain[name] = value
        if isinstance(value, float) and 0.0 <= value <= 1.0:
            plain[f"{name}_odds"] = logit(value)
    return SimpleNamespace(**plain)


def logit(p: float) -> float:
    """Return the log odds of a probability, which is kept a hair inside (0, 1)."""
    inside = min(max(p, 1e-9), 1 - 1e-9)
    return math.log(inside / (1 - inside))


def logistic(x: float) -> float:
    """Return the probability of log odds ``x``."""
    return 1.0 / (1.0 + math.exp(-x))


def level_of(score: float, cuts: Sequence[float]) -> int:
    """Return the level 1-5 of a score."""
    return bisect_right(cuts, score) + 1
