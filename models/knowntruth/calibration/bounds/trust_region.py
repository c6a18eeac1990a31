"""Trust-region search: from one world to the feasible world where a truth is locally largest, or smallest.

A search first moves its world into the feasible set and then steps from feasible world to feasible world. Each step
solves the linearized problem (`feasible_set`) within the trust region, restores feasibility, and is accepted if the
truth increased. The radius (``reach``) grows where the linear approximation holds and shrinks where it does not
(sequential linear programming; Fletcher and Sainz de la Maza 1989, doi:10.1007/BF01582292). The search ends where no
step within the radius improves the truth, with slopes measured there. It is local: `multistart` runs it from many
starts.

Why our own search: slopes are the expensive part. They are measured dial by dial on a simulation of limited size
(``rough``), where `incremental_simulation` reruns only the affected mechanisms, and updated after every run. All
runs go through the `evaluation_cache`, so an interrupted search resumes where it stopped.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from knowntruth.calibration.bounds.feasible_set import Constraint
from knowntruth.calibration.problem.jacobian import STEP, Answers, broyden_update, jacobian
from knowntruth.common.arrays import Floats

FIRST_REACH: Final = 0.3
MAX_REACH: Final = 3.0
MIN_REACH: Final = 0.01
"""Length of a step: the root of the sum of squared moves, each a share of its parameter's range."""

CONVERGED_REACH: Final = 0.15
"""A search has converged if no step of this length predicts an improvement."""

STALE_REACH: Final = 0.05
"""Below this radius, slopes that were not measured at the point are measured again."""

MAX_CORRECTIONS: Final = 3
"""Maximum number of correction steps to restore feasibility with the current slopes, one run each."""

MIN_GAIN_RATIO: Final = 0.25
"""Share of the predicted gain that a step must achieve for its radius to be kept."""

CONVERGENCE_TOLERANCE: Final = 2e-3
"""A predicted gain below this share of ``scale`` ends the search."""


@dataclass(frozen=True, slots=True)
class Objective:
    """What a search maximizes: ``sign`` times the outcome at ``position`` after the figures.

    ``scale`` is a change of that answer that would matter, in its own units.
    """

    position: int
    sign: float
    scale: float


@dataclass(slots=True)
class Search:
    """The state of one search.

    ``answers`` gives residuals of the figures first, then truths; ``rough`` gives the same for measuring slopes, and
    may be of a smaller and faster simulation.
    """

    answers: Answers
    rough: Answers
    rule: Constraint
    figures: int
    aim: Objective
    point: Floats
    slopes: Floats
    most_measured: int = 4
    step: float = STEP
    reach: float = FIRST_REACH
    measured: int = 0
    tables: list[tuple[Floats, Floats]] = field(default_factory=list)
    steps: int = 0
    here: Floats = field(init=False)
    ended: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self.here = self.answers(self.point)

    @property
    def gain(self) -> Floats:
        """The gradient of the objective."""
        return self.aim.sign * self.slopes[self.figures + self.aim.position]

    @property
    def value(self) -> float:
        """The objective at the point."""
        return float(self.aim.sign * self.here[self.figures + self.aim.position])

    @property
    def excess(self) -> float:
        """The excess of the point over the rule."""
        return self.rule.excess(self.here[: self.figures])

    @property
    def admissible(self) -> bool:
        """Whether the point satisfies the rule."""
        return self.excess <= self.rule.tolerance


def ascend(search: Search, most_steps: int = 40) -> Search:
    """Run a search to its end; ``ended`` then says why it ended.

    ``converged``: with slopes measured there, no step within `CONVERGED_REACH` improves. ``stalled``: the linear
    approximation predicts an improvement, but no step, however short, achieves it. ``cut short``: no more steps or
    measurements were allowed. ``inadmissible``: no feasible world was found.
    """
    fresh = False
    while search.steps < most_steps:
        search.steps += 1
        outcome = _step(search)
        if outcome == "taken":
            fresh = False
        elif outcome == "no promise" or search.reach < (MIN_REACH if fresh else STALE_REACH):
            if fresh or search.measured >= search.most_measured:
                return _end(search, ("converged" if outcome == "no promise" else "stalled") if fresh else "cut short")
            measure(search)
            fresh = True
    return _end(search, "cut short")


def measure(search: Search, threads: int = 1) -> None:
    """Measure a search's slopes where it stands."""
    search.slopes = jacobian(search.rough, search.point, search.step, threads)
    search.measured += 1
    search.tables.append((search.point, search.slopes))
    search.reach = max(search.reach, CONVERGED_REACH)


def _end(search: Search, how: str) -> Search:
    search.ended = how if search.admissible else "inadmissible"
    return search


def _step(search: Search) -> str:
    """Try one step; return whether it was ``taken``, ``refused``, or predicted too small a gain: ``no promise``."""
    seeking = search.admissible
    gain = search.gain if seeking else np.zeros_like(search.gain)
    move = _move(search, search.point, search.here, gain)
    predicted = float(gain @ move) if seeking else search.excess - _predicted(search, move)
    if predicted <= (CONVERGENCE_TOLERANCE * search.aim.scale if seeking else search.rule.tolerance / 10):
        if search.reach >= CONVERGED_REACH:
            return "no promise"
        search.reach /= 3  # so short a step could not have predicted more
        return "refused"
    point, here = _try_move(search, move, seeking)
    improvement = _improvement(search, here, seeking)
    taken = improvement > (0.1 * CONVERGENCE_TOLERANCE * search.aim.scale if seeking else 0.0)
    if taken:
        search.point, search.here = point, here
    good = taken and improvement >= MIN_GAIN_RATIO * predicted
    search.reach = min(2 * search.reach, MAX_REACH) if good else search.reach / (1.5 if taken else 3)
    return "taken" if taken else "refused"


def _move(search: Search, point: Floats, here: Floats, gain: Floats) -> Floats:
    residuals, slopes = here[: search.figures], search.slopes[: search.figures]
    return search.rule.move(residuals, slopes, gain, -point, 1.0 - point, search.reach)


def _predicted(search: Search, move: Floats) -> float:
    return search.rule.excess(search.here[: search.figures] + search.slopes[: search.figures] @ move)


def _try_move(search: Search, move: Floats, seeking: bool) -> tuple[Floats, Floats]:
    """Return the world after a move, with feasibility restored as far as the current slopes allow."""
    point, here = _after(search, search.point, search.here, move)
    for _ in range(MAX_CORRECTIONS if seeking else 0):
        if not search.rule.tolerance < search.rule.excess(here[: search.figures]) < np.inf:
            break
        back = _move(search, point, here, np.zeros_like(search.gain))
        point, here = _after(search, point, here, back)
    return point, here


def _after(search: Search, point: Floats, here: Floats, move: Floats) -> tuple[Floats, Floats]:
    """Return the world after a move, and update the slopes."""
    moved = np.clip(point + move, 0.0, 1.0)
    there = search.answers(moved)
    search.slopes = broyden_update(search.slopes, moved - point, there - here)
    return moved, there


def _improvement(search: Search, here: Floats, seeking: bool) -> float:
    excess = search.rule.excess(here[: search.figures])
    if not seeking:
        return search.excess - excess
    value = float(search.aim.sign * here[search.figures + search.aim.position])
    return value - search.value if excess <= search.rule.tolerance else -np.inf
