"""Interventions: what ``do`` does to one variable.

Four kinds, each the value of a keyword of ``World.do``::

    world.do(domain_expertise=5)                                 set it for everyone
    world.do(difficulty=Shift(0.5))                              add to what it would have been
    world.do(patience=Policy(lambda natural, at: abs(natural)))  a function of its value and its parents
    world.do(domain_expertise=Along(5, into=("difficulty",), elsewhere=1))
                                                                 one value along some arrows, another along the rest

The last is what path-specific effects are made of: the same person with an expert's choice of task and a novice's
everything else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np

from knowntruth.common.arrays import Values
from knowntruth.common.errors import InputError
from knowntruth.engine.mechanism import Mechanism, Parents, Variable

Rule = Callable[[Values, Parents], Values]


@dataclass(frozen=True, slots=True)
class Shift:
    """An amount to add."""

    by: float


@dataclass(frozen=True, slots=True)
class Policy:
    """A function of the natural values and of the variable's declared parents, a row each."""

    rule: Rule


@dataclass(frozen=True, slots=True)
class Along:
    """A value that only the named children see; the others see ``elsewhere``, or the natural value if None."""

    value: Any
    into: tuple[str, ...]
    elsewhere: Any = None


@dataclass(frozen=True, slots=True)
class Intervention:
    """What is done to one variable: what the children in ``into`` see, and what all others see.

    ``into`` is None where everyone sees the same; ``amount`` is the value set, if one is.
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
    """Return the interventions that ``do(**wanted)`` asks for in a world of these mechanisms.

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
        near = get_close_matches(name, known, n=3) or sorted(known)
        raise InputError(f"do({name}=…): no such variable; did you mean {', '.join(near)}?")
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
    if strangers := [child for child in into if child not in children]:
        raise InputError(
            f"Along(into={into!r}): {name} has no arrow into {', '.join(strangers)}; "
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
