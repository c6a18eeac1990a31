"""Subgroups: the same question asked within each group of people or tasks, compared with the truth within that group.

A study assigns a session to a group by a label; the truth uses the variable behind it. Misclassified sessions are
part of a strategy's error in that group.
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
"""The value in the column ``subgroup`` for all sessions."""


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
"""Columns that define subgroups; a new one is one row."""


def find_grouping(column: str | None) -> Grouping | None:
    """Return the grouping by a column, None for none.

    Raises
    ------
    InputError
        If the world has no truth by that column.

    Examples
    --------
    >>> find_grouping("mode").variable
    'intended_mode'
    """
    return None if column is None else look_up("cannot group by", column, GROUPINGS)


def subgroup_names(by: Grouping | None) -> tuple[str, ...]:
    """Return the name for everyone and those of all groups."""
    return (EVERYONE, *(by.groups if by else ()))


def split_groups(observed: Any, by: Grouping | None) -> Iterator[tuple[str, Any]]:
    """Yield name and rows of everyone and of every group, empty ones included."""
    yield EVERYONE, observed
    for group in by.groups if by else ():
        yield group, observed[observed[by.column].eq(group)]  # type: ignore[union-attr] # there are groups


def question_within(question: "Question", group: str, by: Grouping | None) -> "Question":
    """Return the question within a group: the grouping column is constant there and is no control."""
    if by is None or group == EVERYONE:
        return question
    return replace(question, controls=tuple(name for name in question.controls if name != by.column))
