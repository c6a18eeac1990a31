"""Subgroups: the same question asked within each group of people or tasks, beside the truth within that group.

A study knows a session's group by a label, the truth by the variable behind it. Sessions that the label puts into the
wrong group are part of what a strategy gets wrong there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from knowntruth.common.names import look_up
from knowntruth.datasets.schema.categories import MODES, MONTHS, OCCUPATIONS

if TYPE_CHECKING:
    from knowntruth.strategies.base.question import Question

EVERYONE: Final = "everyone"
"""What the column ``subgroup`` says of the whole."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """An observed ``column`` that makes subgroups, the ``variable`` of the world behind it, and the groups."""

    column: str
    variable: str
    groups: tuple[str, ...]


_ROWS: Final = (
    Grouping("mode", "intended_mode", MODES),
    Grouping("user_occupation", "occupation", OCCUPATIONS),
    Grouping("month", "month", MONTHS),
)

GROUPINGS: Final[Mapping[str, Grouping]] = MappingProxyType({row.column: row for row in _ROWS})
"""By which columns subgroups can be made; another is one more row."""


def grouping(column: str | None) -> Grouping | None:
    """Return the grouping by a column, None for none.

    Raises
    ------
    InputError
        If the world has no truth by that column.

    Examples
    --------
    >>> grouping("mode").variable
    'intended_mode'
    """
    return None if column is None else look_up("cannot group by", column, GROUPINGS)


def names(by: Grouping | None) -> tuple[str, ...]:
    """Return the whole and every group."""
    return (EVERYONE, *(by.groups if by else ()))


def parted(observed: Any, by: Grouping | None) -> Iterator[tuple[str, Any]]:
    """Yield the name and the rows of the whole and of every group, also of those that nobody is in."""
    yield EVERYONE, observed
    for group in by.groups if by else ():
        yield group, observed[observed[by.column].eq(group)]  # type: ignore[union-attr] # there are groups


def within(question: "Question", group: str, by: Grouping | None) -> "Question":
    """Return the question as it is asked in a group: what all of them share need not be held."""
    if by is None or group == EVERYONE:
        return question
    return replace(question, controls=tuple(name for name in question.controls if name != by.column))
