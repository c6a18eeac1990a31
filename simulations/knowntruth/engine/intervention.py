"""Interventions: what ``do`` does to one variable.

There are four kinds. Each is the value of a keyword argument of ``World.do``::

    world.do(domain_expertise=5)                                 set it for everyone
    world.do(difficulty=Shift(0.5))                              add to what it would have been
    world.do(patience=Policy(lambda natural, at: abs(natural)))  a function of its value and its parents
    world.do(domain_expertise=Along(5, into=("difficulty",), elsewhere=1))
                                                                 one value along some arrows, another along the rest

The last kind defines path-specific effects (Pearl 2001, "Direct and indirect effects", UAI): for example, a
person with the choice of tasks of an expert who is a novice in every other way.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from knowntruth.common.arrays import Values
from knowntruth.common.errors import InputError
from knowntruth.common.names import nearest
from knowntruth.engine.mechanism import Mechanism, Parents, Variable

Rule = Callable[[Values, Parents], Values]


@dataclass(frozen=True, slots=True)
class Shift:
    """An amount to add."""

    by: float


@dataclass(frozen=True, slots=True)
class Policy:
    """A function of the natural values and of the variable's declared parents, one row per unit."""

    rule: Rule


@dataclass(frozen=True, slots=True)
class Along:
    """A value that only the named children see; the others see ``elsewhere``, or the natural value if None."""

    value: Any
    into: tuple[str, ...]
    elsewhere: Any = None


@dataclass(frozen=True, slots=True)
class Intervention:
    """An intervention on one variable: the value that the children in ``into`` see, and the value for all others.

    ``into`` is None where all children see the same value; ``amount`` is the value set, if one is.
    """

    variable: str
    seen: Rule
    into: frozenset[str] | None = None
    elsewhere: Rule | None = None
    amount: float | None = None

    @property
    def cuts(self) -> bool:
        """Whether the variable no longer depends on its parents."""
        return self.amount is not None and self.into is None


def interventions(wanted: Mapping[str, Any], mechanisms: Sequence[Mechanism]) -> tuple[Intervention, ...]:
    """Return the interventions of ``do(**wanted)`` in a world with these mechanisms.

    Raises
    ------
    InputError
        If a variable is unknown, or a value impossible for it.
    """
    known = {output.name: output for m in mechanisms for output in m.outputs}
    for name, value in wanted.items():
        if isinstance(value, Along):
            _check_children(name, value.into, mechanisms)
    return tuple(_intervention(name, value, known) for name, value in sorted(wanted.items()))


def _intervention(name: str, value: Any, known: Mapping[str, Variable]) -> Intervention:
    if name not in known:
        hint = nearest(name, known) or f"; there are {', '.join(sorted(known))}"
        raise InputError(f"do({name}=…): no such variable{hint}")
    variable = known[name]
    match value:
        case Shift():
            return Intervention(name, lambda natural, _: natural + value.by)
        case Policy():
            return Intervention(name, value.rule)
        case Along():
            rest = None if value.elsewhere is None else _constant(variable, value.elsewhere)
            amount = _as_number(variable, value.value)
            return Intervention(name, _constant(variable, value.value), frozenset(value.into), rest, amount)
        case _:
            return Intervention(name, _constant(variable, value), amount=_as_number(variable, value))


def _check_children(name: str, into: tuple[str, ...], mechanisms: Sequence[Mechanism]) -> None:
    children = sorted(output.name for m in mechanisms if name in m.parents for output in m.outputs)
    if unknown := [child for child in into if child not in children]:
        raise InputError(
            f"Along(into={into!r}): {name} has no arrow into {', '.join(unknown)}; "
            f"it has into {', '.join(children) or 'nothing'}"
        )


def _constant(variable: Variable, value: Any) -> Rule:
    number = _as_number(variable, value)
    return lambda natural, _: np.full(natural.shape, number).astype(natural.dtype)


def _as_number(variable: Variable, value: Any) -> float:
    if variable.categories:
        if value not in variable.categories:
            raise InputError(f"do({variable.name}={value!r}): allowed are {', '.join(variable.categories)}")
        return float(variable.categories.index(value))
    low, high = _range(variable.unit)
    if not isinstance(value, int | float | np.number) or not low <= value <= high:
        allowed = f"a number from {low:g} to {high:g} ({variable.unit}), Shift, Policy or Along"
        raise InputError(f"do({variable.name}={value!r}): allowed is {allowed}")
    return float(value)


def _range(unit: str) -> tuple[float, float]:
    known = {
        "level 1-5": (1, 5),
        "generation 1-3": (1, 3),
        "wave 1-2": (1, 2),
        "strength 0-5": (0, 5),
        "yes/no": (0, 1),
        "probability": (0, 1),
        "share 0-1": (0, 1),
    }
    return known.get(unit, (-1e12, 1e12))
