"""A mechanism: how a variable is generated from its declared parents, its own dials and its own noise.

The causal graph of a world consists of the parents that its mechanisms declare. Graph and code always agree, because
a mechanism receives its declared parents only: reading any other variable is an error.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np

from knowntruth.common.arrays import Values
from knowntruth.datasets.schema.observed import observed_columns
from knowntruth.engine.dials import Dials, NoDials
from knowntruth.engine.noise import Noise

Level = Literal["user", "session", "label"]
Rule = Callable[[Any, "Parents", Noise], Values | Mapping[str, Values]]

MAX_SESSIONS_PER_USER: Final = 4096
"""Session numbers within a user fit 12 bits of the session's id; the heaviest of 10^8 users stays below it."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that a mechanism generates.

    ``observed`` marks a column of the observed table. ``measures`` names the true variable that a label stands for.
    Categorical variables are stored as codes into ``categories``.
    """

    name: str
    unit: str
    meaning: str
    categories: tuple[str, ...] = ()
    observed: bool = False
    measures: str | None = None


class Parents:
    """The declared parents of a mechanism, as attributes; any other name is refused."""

    def __init__(self, mechanism: str, values: Mapping[str, Values]) -> None:
        self._mechanism = mechanism
        self._values = values

    def __getattr__(self, name: str) -> Values:
        try:
            return self._values[name]
        except KeyError:
            declared = ", ".join(self._values) or "none"
            raise AttributeError(
                f"mechanism {self._mechanism!r} reads {name!r}, which is not among its declared parents: {declared}"
            ) from None


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One step of the world: ``rule(dials, parents, noise)`` gives the values of ``outputs``.

    ``level`` states the unit: one value per user, per session, or per session label (from an instrument). A rule with
    one output returns an array with one value per row; with several outputs, a mapping from name to array.
    """

    name: str
    level: Level
    parents: tuple[str, ...]
    outputs: tuple[Variable, ...]
    rule: Rule
    dials: type[Dials] = field(default=NoDials)

    def __post_init__(self) -> None:
        names = [output.name for output in self.outputs]
        if not names or set(names) & set(self.parents):
            raise ValueError(f"mechanism {self.name!r} needs outputs that are not its own parents, got {names}")

    def __call__(self, dials: Dials, parents: Mapping[str, Values], noise: Noise) -> dict[str, Values]:
        """Return the values of every output, one value per row each."""
        given = self.rule(dials, Parents(self.name, parents), noise)
        values = dict(given) if isinstance(given, Mapping) else {self.outputs[0].name: given}
        wrong = [name for name, column in values.items() if np.shape(column) != noise.users.shape]
        if wrong or set(values) != {output.name for output in self.outputs}:
            raise ValueError(
                f"mechanism {self.name!r} must return one value per row for each of its outputs; check {wrong}"
            )
        return values


def variable(
    name: str, unit: str = "", meaning: str = "", categories: tuple[str, ...] = (), measures: str | None = None
) -> Variable:
    """Return a variable; an observed column takes its unit, meaning and categories from the schema.

    Examples
    --------
    >>> variable("prompts").observed
    True
    """
    column = observed_columns().get(name)
    if column is None:
        return Variable(name, unit, meaning, categories, measures=measures)
    return Variable(name, column.unit, column.meaning, categories or column.categories, True, measures)


def mechanism(
    level: Level,
    *,
    parents: tuple[str, ...] = (),
    outputs: tuple[Variable, ...] | None = None,
    dials: type[Dials] = NoDials,
    unit: str = "",
    meaning: str = "",
    categories: tuple[str, ...] = (),
    measures: str | None = None,
) -> Callable[[Rule], Mechanism]:
    """Declare the decorated function as the mechanism of the variable of the same name.

    With several ``outputs`` the function only names the mechanism.

    Examples
    --------
    >>> @mechanism("session", parents=("domain_expertise",), unit="words", meaning="length of the first prompt")
    ... def first_words(dials, at, noise):
    ...     '''Experts write more.'''
    ...     return 20.0 * at.domain_expertise
    >>> first_words.parents, first_words.outputs[0].name
    (('domain_expertise',), 'first_words')
    """

    def declare(rule: Rule) -> Mechanism:
        name = rule.__name__
        own = (variable(name, unit, meaning, categories, measures),)
        return Mechanism(name, level, parents, outputs or own, rule, dials)

    return declare
