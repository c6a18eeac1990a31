"""The ledger: from the published contrast to the true effect, component by component.

    ledger(load("published"), sessions=40_000, seed=1).table

The contrast is the study's preferred one, a slope per level of rated expertise within cells (Table A1, column 5), of
verified success and of log actions per prompt. The true effect is what that slope would be if expertise were
randomized and every session were measured without error: the true effects of the levels, weighted as least squares
weights them. The remaining difference between the slope with everything switched off and the truth is chance. It has
its own row, so that the column adds up to the last digit.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats, Ints, Values
from knowntruth.common.progress import Progress, no_progress
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.design.ledger.components import COMPONENTS, WORLD_COMPONENTS
from knowntruth.design.ledger.shapley import Shares, shapley
from knowntruth.design.ledger.slope import CentredRating, Influence, centre_rating, cross_cells, slope
from knowntruth.design.ledger.switched_sessions import (
    CAUSAL_CELLS,
    PUBLISHED_CELLS,
    Off,
    SwitchedSessions,
    switched_sessions,
)
from knowntruth.study.estimation.cells import min_users_per_cell
from knowntruth.world.definition.world import World
from knowntruth.world.running.sampling import sample

if TYPE_CHECKING:
    import pandas as pd

QUANTITIES: Final[Mapping[str, tuple[str, str]]] = {
    "verified_success": ("slope of verified success on the rating", "probability per level"),
    "actions_per_prompt": ("slope of log actions per prompt on the rating", "log per level"),
}
"""The decomposed contrasts by outcome: description and unit."""

PUBLISHED: Final = "published contrast"
CHANCE: Final = "chance"
TRUE: Final = "true effect"

SIMULATION_SHARE: Final = 0.5
"""Share of the run time that simulation takes, for the progress display."""


@dataclass(frozen=True)
class Ledger:
    """``table`` has one row per quantity and component; ``covariance`` holds for each quantity that of its rows.

    Columns of the table: quantity, component, value, mcse, alone, alone_mcse, last, last_mcse, unit. The first row of
    a quantity is the published contrast, the last the true effect; the rows between them add up to the difference.
    """

    table: "pd.DataFrame"
    covariance: dict[str, Floats]
    sessions: int
    users: int


def ledger(
    world: World, sessions: int, *, seed: int, users: int | None = None, progress: Progress | None = None
) -> Ledger:
    """Decompose the study's contrasts on a simulated sample of a world.

    Raises
    ------
    InputError
        If the sessions are too few for a slope, or the rater lacks the dials that are switched.

    Examples
    --------
    >>> found = ledger(kt.load_world("published"), 500, seed=1)
    >>> rows = found.table[found.table["quantity"] == found.table["quantity"].iloc[0]]
    >>> rows["component"].iloc[0], rows["component"].iloc[-1]
    ('published contrast', 'true effect')
    >>> bool(abs(rows["value"].iloc[0] - rows["value"].iloc[1:].sum()) < 1e-9)
    True
    """
    import pandas as pd

    report = progress or no_progress
    report("simulating", 0.0)
    frame = sample(world, sessions, seed, users)
    analysis = SwitchedAnalysis(switched_sessions(world, frame))
    found = shapley(COMPONENTS, with_progress(analysis.contrasts, report))
    rows, covariance = [], {}
    for outcome, shares in found.items():
        named = _lines(shares, analysis.truth(outcome))
        influences = np.array([share.influence for _, share, _, _ in named])
        covariance[outcome] = influences @ influences.T
        rows += [_row(outcome, *line) for line in named]
    columns = ["quantity", "component", "value", "mcse", "alone", "alone_mcse", "last", "last_mcse", "unit"]
    return Ledger(pd.DataFrame(rows, columns=columns), covariance, sessions, len(frame.users))


class SwitchedAnalysis:
    """The study's analysis of switched sessions with any components off; the latest sessions are cached."""

    def __init__(self, switched: SwitchedSessions) -> None:
        self.switched = switched
        self._cells = {c: {off: self._crossed(c, off) for off in (True, False)} for c in (True, False)}
        self._latest: tuple[Off, CentredRating] | None = None

    def contrasts(self, off: Off) -> dict[str, Influence]:
        """Return the slope of every outcome with the components in ``off`` switched off."""
        same = off - {"evidence"}
        if self._latest is None or self._latest[0] != same:
            self._latest = (same, self._sessions(same))
        columns, sessions = self.switched.columns["confounding" not in off], self._latest[1]
        owner, people = self.switched.owner, self.switched.people
        return {each: slope(sessions, _outcome(columns, each, off), owner, people) for each in QUANTITIES}

    def truth(self, outcome: str) -> Influence:
        """Return the true effects of the levels as the slope that least squares gives."""
        goal = self.switched.columns[True]["goal"]
        level = self.switched.ratings[frozenset(WORLD_COMPONENTS)][
            goal
        ]  # with all of these off, the rating is the level
        shares = np.array([(level == k).mean() for k in LEVELS])
        centred = np.array(LEVELS) - shares @ np.array(LEVELS)
        weights = shares * centred / (shares @ centred**2)
        each = self.switched.effects[outcome][goal] @ weights
        value = float(each.mean())
        owner = self.switched.owner[goal]
        return Influence(value, np.bincount(owner, (each - value) / len(each), minlength=self.switched.people))

    def _sessions(self, off: Off) -> CentredRating:
        columns = self.switched.columns["confounding" not in off]
        rating = self.switched.ratings[off & frozenset(WORLD_COMPONENTS)]
        keep: Values = columns["goal" if "selection" in off else "clear_goal"] & (rating > 0)
        needed = 1 if "suppression" in off else min_users_per_cell(int(keep.sum()))
        cell = self._cells["confounding" not in off]["controls" in off]
        return centre_rating(rating, keep, cell, self.switched.owner, needed)

    def _crossed(self, confounded: bool, causal: bool) -> Ints:
        columns = self.switched.columns[confounded]
        names = (*CAUSAL_CELLS, "true_group") if causal else (*PUBLISHED_CELLS, "labelled_group")
        return cross_cells([columns[name] for name in names])


def with_progress(
    contrasts: Callable[[Off], dict[str, Influence]], report: Progress
) -> Callable[[Off], dict[str, Influence]]:
    """Return the function with a call of ``report`` at each evaluation."""
    done = itertools.count(1)

    def evaluate(off: Off) -> dict[str, Influence]:
        share = next(done) / 2 ** len(COMPONENTS)
        report("switching off", SIMULATION_SHARE + (1 - SIMULATION_SHARE) * share)
        return contrasts(off)

    return evaluate


def _outcome(columns: Mapping[str, Values], outcome: str, off: Off) -> Floats:
    if outcome == "actions_per_prompt":
        return np.log(columns[outcome].astype(np.float64))
    return columns["true_verified_success" if "evidence" in off else outcome].astype(np.float64)


_Line = tuple[str, Influence, Influence | None, Influence | None]


def _lines(found: Shares, truth: Influence) -> list[_Line]:
    """Return the rows of one quantity: name, share, alone, last."""
    chance = Influence(found.all_off.value - truth.value, found.all_off.influence - truth.influence)
    between: list[_Line] = [(n, found.share[n], found.alone[n], found.last[n]) for n in COMPONENTS]
    return [
        (PUBLISHED, found.none_off, None, None),
        *between,
        (CHANCE, chance, None, None),
        (TRUE, truth, None, None),
    ]


def _row(
    outcome: str, name: str, share: Influence, alone: Influence | None, last: Influence | None
) -> tuple[object, ...]:
    more = [(each.value, each.error) if each else (float("nan"), float("nan")) for each in (alone, last)]
    return (outcome, name, share.value, share.error, *more[0], *more[1], QUANTITIES[outcome][1])
