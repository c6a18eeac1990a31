"""The ledger: from the published contrast to the true effect, component by component.

    ledger(load("published"), sessions=40_000, seed=1).table

The contrast is the study's preferred one, a slope per level of rated expertise within cells (Table A1, column 5), of
verified success and of log actions per prompt. The true effect is what that slope would be if expertise had fallen
from the sky and every session had been read without error: the true effects of the levels, weighed as least squares
weighs them. Whatever is left between the slope with everything switched off and the truth is chance, and has a row
of its own, so that the column adds up to the last digit.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats, Ints, Values
from knowntruth.common.progress import Progress, no_progress
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.design.ledger.components import COMPONENTS, WORLDLY
from knowntruth.design.ledger.shapley import Shares, shapley
from knowntruth.design.ledger.slope import Influence, Within, cells, slope, within
from knowntruth.design.ledger.switched_sessions import (
    CAUSAL_CELLS,
    PUBLISHED_CELLS,
    Off,
    SwitchedSessions,
    switched_sessions,
)
from knowntruth.study.estimation.cells import users_needed
from knowntruth.world.definition.world import World
from knowntruth.world.running.sampling import sample

if TYPE_CHECKING:
    import pandas as pd

QUANTITIES: Final[Mapping[str, tuple[str, str]]] = {
    "verified_success": ("slope of verified success on the rating", "probability per level"),
    "actions_per_prompt": ("slope of log actions per prompt on the rating", "log per level"),
}
"""What is taken apart, by outcome: in words, and its unit."""

PUBLISHED: Final = "published contrast"
CHANCE: Final = "chance"
TRUE: Final = "true effect"

SIMULATING: Final = 0.5
"""Share of the time that simulating takes."""


@dataclass(frozen=True)
class Ledger:
    """``table`` has a row a quantity and component; ``covariance`` by quantity that of its rows, in their order.

    Columns of the table: quantity, component, value, mcse, alone, alone_mcse, last, last_mcse, unit. The first row of
    a quantity is the published contrast, the last the true effect; those between them add up to the difference.
    """

    table: "pd.DataFrame"
    covariance: dict[str, Floats]
    sessions: int
    users: int


def ledger(
    world: World, sessions: int, *, seed: int, users: int | None = None, progress: Progress | None = None
) -> Ledger:
    """Take the study's contrasts apart on so many sessions of a world.

    Raises
    ------
    InputError
        If the sessions are too few for a slope, or the rater is not one whose dials can be turned.

    Examples
    --------
    >>> from knowntruth.world.definition.world import load
    >>> found = ledger(load("published"), 500, seed=1)
    >>> rows = found.table[found.table["quantity"] == found.table["quantity"].iloc[0]]
    >>> rows["component"].iloc[0], rows["component"].iloc[-1]
    ('published contrast', 'true effect')
    >>> bool(abs(rows["value"].iloc[0] - rows["value"].iloc[1:].sum()) < 1e-9)
    True
    """
    import pandas as pd

    tell = progress or no_progress
    tell("simulating", 0.0)
    frame = sample(world, sessions, seed, users)
    analysis = Analysis(switched_sessions(world, frame))
    found = shapley(COMPONENTS, counted(analysis.contrasts, tell))
    rows, covariance = [], {}
    for outcome, shares in found.items():
        named = _lines(shares, analysis.truth(outcome))
        pulls = np.array([pulled.pulls for _, pulled, _, _ in named])
        covariance[outcome] = pulls @ pulls.T
        rows += [_row(outcome, *line) for line in named]
    columns = ["quantity", "component", "value", "mcse", "alone", "alone_mcse", "last", "last_mcse", "unit"]
    return Ledger(pd.DataFrame(rows, columns=columns), covariance, sessions, len(frame.users))


class Analysis:
    """The study's analysis of watched sessions with any components off; it keeps the latest sessions for the next."""

    def __init__(self, watched: SwitchedSessions) -> None:
        self.watched = watched
        self._cells = {c: {off: self._crossed(c, off) for off in (True, False)} for c in (True, False)}
        self._latest: tuple[Off, Within] | None = None

    def contrasts(self, off: Off) -> dict[str, Influence]:
        """Return the slope of every outcome with the components in ``off`` switched off."""
        same = off - {"evidence"}
        if self._latest is None or self._latest[0] != same:
            self._latest = (same, self._sessions(same))
        columns, sessions = self.watched.columns["confounding" not in off], self._latest[1]
        owner, people = self.watched.owner, self.watched.people
        return {each: slope(sessions, _outcome(columns, each, off), owner, people) for each in QUANTITIES}

    def truth(self, outcome: str) -> Influence:
        """Return the true effects of the levels as the slope that least squares makes of them."""
        goal = self.watched.columns[True]["goal"]
        level = self.watched.ratings[frozenset(WORLDLY)][goal]  # with all of these off, the rating is the level
        shares = np.array([(level == k).mean() for k in LEVELS])
        centred = np.array(LEVELS) - shares @ np.array(LEVELS)
        weights = shares * centred / (shares @ centred**2)
        each = self.watched.effects[outcome][goal] @ weights
        value = float(each.mean())
        owner = self.watched.owner[goal]
        return Influence(value, np.bincount(owner, (each - value) / len(each), minlength=self.watched.people))

    def _sessions(self, off: Off) -> Within:
        columns = self.watched.columns["confounding" not in off]
        rating = self.watched.ratings[off & frozenset(WORLDLY)]
        keep: Values = columns["goal" if "selection" in off else "clear_goal"] & (rating > 0)
        needed = 1 if "suppression" in off else users_needed(int(keep.sum()))
        cell = self._cells["confounding" not in off]["controls" in off]
        return within(rating, keep, cell, self.watched.owner, needed)

    def _crossed(self, confounded: bool, causal: bool) -> Ints:
        columns = self.watched.columns[confounded]
        names = (*CAUSAL_CELLS, "true_group") if causal else (*PUBLISHED_CELLS, "labelled_group")
        return cells([columns[name] for name in names])


def counted(
    contrasts: Callable[[Off], dict[str, Influence]], tell: Progress
) -> Callable[[Off], dict[str, Influence]]:
    """Return the function with a word to ``tell`` at each call."""
    done = itertools.count(1)

    def told(off: Off) -> dict[str, Influence]:
        share = next(done) / 2 ** len(COMPONENTS)
        tell("switching off", SIMULATING + (1 - SIMULATING) * share)
        return contrasts(off)

    return told


def _outcome(columns: Mapping[str, Values], outcome: str, off: Off) -> Floats:
    if outcome == "actions_per_prompt":
        return np.log(columns[outcome].astype(np.float64))
    return columns["true_verified_success" if "evidence" in off else outcome].astype(np.float64)


_Line = tuple[str, Influence, Influence | None, Influence | None]


def _lines(found: Shares, truth: Influence) -> list[_Line]:
    """Return the rows of one quantity: name, share, alone, last."""
    chance = Influence(found.everything.value - truth.value, found.everything.pulls - truth.pulls)
    between: list[_Line] = [(n, found.share[n], found.alone[n], found.last[n]) for n in COMPONENTS]
    return [(PUBLISHED, found.nothing, None, None), *between, (CHANCE, chance, None, None), (TRUE, truth, None, None)]


def _row(
    outcome: str, name: str, share: Influence, alone: Influence | None, last: Influence | None
) -> tuple[object, ...]:
    more = [(each.value, each.error) if each else (float("nan"), float("nan")) for each in (alone, last)]
    return (outcome, name, share.value, share.error, *more[0], *more[1], QUANTITIES[outcome][1])
