"""Interventions: what ``do`` does to one variable."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

import numpy as np

from knowntruth.datasets.errors import InputError
from knowntruth.world.mechanism import Values, Variable


@dataclass(frozen=True, slots=True)
class Intervention:
    """One variable set to a value, or shifted by an amount, for everyone."""

    variable: str
    kind: Literal["set", "shift"]
    amount: float

    def apply(self, natural: Values) -> Values:
        """Return the values after the intervention, given those that would have come about by themselves."""
        if self.kind == "shift":
            return natural + self.amount
        return np.full(natural.shape, self.amount).astype(natural.dtype)


@dataclass(frozen=True, slots=True)
class Shift:
    """An amount to add to a variable: ``world.do(difficulty=Shift(1.0))``."""

    by: float


def interventions(wanted: Mapping[str, Any], known: Mapping[str, Variable]) -> tuple[Intervention, ...]:
    """Return the interventions that ``do(**wanted)`` asks for.

    Raises
    ------
    InputError
        If a variable is unknown, or a value impossible for it.
    """
    return tuple(_intervention(name, value, known) for name, value in sorted(wanted.items()))


def _intervention(name: str, value: Any, known: Mapping[str, Variable]) -> Intervention:
    if name not in known:
        near = get_close_matches(name, known, n=3) or sorted(known)
        raise InputError(f"do({name}=…): no such variable; did you mean {', '.join(near)}?")
    if isinstance(value, Shift):
        return Intervention(name, "shift", float(value.by))
    return Intervention(name, "set", _as_number(known[name], value))


def _as_number(variable: Variable, value: Any) -> float:
    if variable.categories:
        if value not in variable.categories:
            raise InputError(f"do({variable.name}={value!r}): allowed are {', '.join(variable.categories)}")
        return float(variable.categories.index(value))
    low, high = _range(variable.unit)
    if not isinstance(value, int | float) or not low <= value <= high:
        raise InputError(
            f"do({variable.name}={value!r}): allowed is a number from {low:g} to {high:g} ({variable.unit})"
        )
    return float(value)


def _range(unit: str) -> tuple[float, float]:
    known = {
        "level 1-5": (1, 5),
        "generation 1-3": (1, 3),
        "strength 0-5": (0, 5),
        "yes/no": (0, 1),
        "probability": (0, 1),
    }
    return known.get(unit, (0, 1) if unit.startswith("share 0-1") else (-1e12, 1e12))
