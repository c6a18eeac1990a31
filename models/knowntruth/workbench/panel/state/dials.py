"""The dials of the panel, one row each: a threat to the study, its unit, and the world's dials that it changes.

A threat is seldom one number of a world: hidden ability affects knowledge, requests and habits. So a row *turns*
several dials of the world together, and *reads* its own position from the world. Which dials it turns, and how
far, is declared with them: ``dial(..., panel={"halo": 1.0})``.
An unmoved dial therefore changes nothing, and a moved one changes the preset by the distance moved. Results stay
within each dial's own range.

A new dial is one row of `DIALS`, and its name in ``panel`` of the dials that it turns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from knowntruth.common.errors import InputError
from knowntruth.common.names import look_up
from knowntruth.engine.dials import Dials
from knowntruth.world.definition.dial_table import turned_by_panel
from knowntruth.world.definition.world import World


@dataclass(frozen=True, slots=True)
class Dial:
    """One row.

    The position is the sum of the world's numbers in ``reads``, each times its factor; a path is mechanism.dial, or
    mechanism.dial.entry where the dial is a list, counted from 1.
    """

    name: str
    label: str
    unit: str
    meaning: str
    low: float
    high: float
    step: float
    reads: Mapping[str, float]

    @property
    def turns(self) -> Mapping[str, float]:
        """The world's numbers that this dial turns, each with its change per unit of this dial."""
        return turned_by_panel(self.name)

    def position(self, world: World) -> float:
        """Return the position of this dial in a world, in its unit."""
        return sum(factor * _value(world, path) for path, factor in self.reads.items())

    def acts(self, world: World) -> bool:
        """Return whether the dial has an effect: a perfect instrument has no errors to change."""
        return not all(getattr(world.dials[path.split(".")[0]], "perfect", False) for path in self.turns)

    def turned(self, world: World, position: float) -> World:
        """Return the world with this dial at ``position``; the same world if it is there already.

        Raises
        ------
        InputError
            If the position is outside of ``low`` to ``high`` and not the world's own.
        """
        moved = position - self.position(world)
        if abs(moved) < self.step / 1000:
            return world
        if not self.low <= position <= self.high:
            raise InputError(f"{self.label} goes from {self.low:g} to {self.high:g} {self.unit}, got {position:g}")
        sections: dict[str, dict[str, Any]] = {}
        for path, factor in self.turns.items():
            _turn(sections, world, path, factor * moved)
        return world.turn(**sections)


DIALS: Final = (
    Dial(
        "hidden_ability", "Hidden ability", "SD of knowledge per SD of ability",
        "How strongly ability, which is not recorded, affects knowledge of the domain, and with it skill at"
        " coding, requests, habits of checking and the tasks people take on.",
        0.0, 1.5, 0.05,
        reads={"domain_breadth.by_ability": 1.0},
    ),
    Dial(
        "halo", "Halo", "SD of the rater's score",
        "How far the rating of expertise is pulled up when the session looks finished, and down when it does not.",
        -1.0, 2.5, 0.05,
        reads={"rated_expertise.halo": 1.0},
    ),
    Dial(
        "rating_error", "Rating error", "SD of the rater's score",
        "How much of a rating is the rater's own error, which is random and so flattens any slope.",
        0.0, 3.0, 0.05,
        reads={"rated_expertise.spread": 1.0},
    ),
    Dial(
        "evidence", "Evidence", "log odds of a check per SD of habit",
        "How strongly a habit of checking, rather than good work, leaves the evidence that verified success needs,"
        " and impresses the rater on the way.",
        0.1, 1.4, 0.05,
        reads={"check_chance.by_verifying": 1.0},
    ),
    Dial(
        "selection", "Selection", "log odds of a headless session",
        "How much work runs headless, outside the study; people who code better run more of theirs headless.",
        -6.0, 0.0, 0.1,
        reads={"surface_used.headless": 1.0},
    ),
    Dial(
        "task_choice", "Task choice", "SD of difficulty per level",
        "How much harder tasks people take on with each level of domain expertise; negative: easier ones.",
        -0.8, 0.8, 0.02,
        reads={"difficulty.by_domain.1": -0.25, "difficulty.by_domain.5": 0.25},
    ),
)  # fmt: skip
"""The threats, in the order shown; the sample size is a separate dial."""


@dataclass(frozen=True, slots=True)
class Size:
    """The dial that is not part of a world: the number of sessions."""

    name: str
    label: str
    unit: str
    meaning: str
    choices: tuple[int, ...]


SAMPLE_SIZE: Final = Size(
    "sample_size", "Sample size", "sessions",
    "How many sessions the study has: errors shrink with it, biases do not.",
    (2_000, 5_000, 10_000, 20_000, 50_000, 100_000),
)  # fmt: skip


def dial(name: str) -> Dial:
    """Return the dial of that name.

    Raises
    ------
    InputError
        With the allowed names, if there is none.

    Examples
    --------
    >>> dial("halo").unit
    "SD of the rater's score"
    """
    return look_up("no dial", name, {each.name: each for each in DIALS})


def _value(world: World, path: str) -> float:
    mechanism, name, *place = path.split(".")
    value = getattr(world.dials[mechanism], name)
    return float(value[int(place[0]) - 1] if place else value)


def _turn(sections: dict[str, dict[str, Any]], world: World, path: str, by: float) -> None:
    """Write into ``sections`` what one of the world's dials becomes, rounded to six decimals."""
    mechanism, name, *place = path.split(".")
    section = sections.setdefault(mechanism, {})
    value = _inside(type(world.dials[mechanism]), name, round(_value(world, path) + by, 6))
    if place:
        section.setdefault(name, list(getattr(world.dials[mechanism], name)))[int(place[0]) - 1] = value
    else:
        section[name] = value


def _inside(kind: type[Dials], name: str, value: float) -> float:
    """Return ``value``, limited to the dial's declared range."""
    for mark in kind.model_fields[name].metadata:
        value = max(value, getattr(mark, "ge", value))
        value = min(value, getattr(mark, "le", value))
    return float(value)
