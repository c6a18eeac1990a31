"""The method of simulated moments: the choice of parameters whose moments lie nearest to the published figures.

Minimised is the sum of squared residuals (distance over error, a moment each) plus a weak pull of every parameter to
where it began, which decides only what the figures leave open (McFadden 1989, doi:10.2307/1913621; ridge as a normal
prior). Noise is keyed, so this is a plain function; it is minimised by Gauss-Newton steps within the parameters'
ranges, damped as Levenberg and Marquardt do. Slopes are measured by a run or two a parameter and corrected by every
further run. Each run is kept, so an interrupted fit goes on where it was.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np

from knowntruth.calibration.problem.evaluation_cache import EvaluationCache
from knowntruth.calibration.problem.jacobian import broyden_update
from knowntruth.common.arrays import Floats
from knowntruth.common.progress import Progress, no_progress

PRIOR_SPREAD: Final = 0.3
"""Standard deviation of the belief about each parameter, as a share of its range, around where it began."""

STEPS: Final = (0.03, 0.15)
"""Moves of one parameter for its slopes, as shares of its range; the longer one where the shorter shows too little.

What a dial moves is whole sessions changing sides, so a move must change some hundreds of them to say anything."""

SHOWN: Final = 1.5
"""Errors of a fitted figure that a move should change."""

FIRST_DAMPING: Final = 1.0
DAMPING_FACTOR: Final = 4.0
GIVE_UP: Final = 1e6
"""Damping at which no step, however small, brings anything."""

SAME: Final = 0.2
"""A step that lowers the objective by less ends a round: far less than one figure's error."""

STEPS_PER_ROUND: Final = 6
"""Steps on one measured table of slopes, corrected on the way."""


class Standing(Protocol):
    """A problem that is faster near a choice it stands at."""

    def stand(self, choice: Floats) -> None:
        """Stand at a choice."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What is fitted: positions of the fitted among all moments, their targets and errors, where parameters began.

    ``origin`` are shares of the parameters' ranges; ``error`` holds the noise of the simulation too.
    """

    fitted: Sequence[int]
    target: Floats
    error: Floats
    origin: Floats

    def residuals(self, moments: Floats) -> Floats:
        """Return the distance of each fitted moment from its target, in errors."""
        return np.asarray((moments[list(self.fitted)] - self.target) / self.error)

    def objective(self, point: Floats, moments: Floats) -> float:
        """Return the sum of squared residuals, with the pull to the origin."""
        pull = (point - self.origin) / PRIOR_SPREAD
        value = float((self.residuals(moments) ** 2).sum() + (pull**2).sum())
        return value if np.isfinite(value) else np.inf


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fit stands: a point in shares of the ranges, all moments, and their slopes (moments, parameters)."""

    point: Floats
    moments: Floats
    slopes: Floats
    objective: float
    rounds: int = 0


def fit(
    runs: EvaluationCache, aim: Aim, start: Floats, rounds: int, *, threads: int = 2, slopes: Floats | None = None,
    progress: Progress = no_progress,
) -> Place:  # fmt: skip
    """Return the best place found from ``start`` in at most ``rounds`` measurements of the slopes.

    With ``slopes`` the first round takes those and measures none.
    """
    moments = runs.at(start).moments
    place = Place(start, moments, np.empty(0), aim.objective(start, moments))
    for done in range(rounds):
        progress(f"objective {place.objective:.0f}", done / rounds)
        table = slopes if slopes is not None and done == 0 else slopes_at(runs, aim, place.point, threads)
        better = _round(runs, aim, replace(place, slopes=table, rounds=done + 1))
        finished = place.objective - better.objective < SAME
        place = better
        if finished:
            break
    return place


def slopes_at(runs: EvaluationCache, aim: Aim, point: Floats, threads: int) -> Floats:
    """Return the slopes of all moments at a point, shape (moments, parameters)."""
    stand = getattr(runs.problem, "stand", None)
    if stand is not None:
        stand(runs.choice(point))
    here = runs.at(point).moments
    with ThreadPoolExecutor(threads) as pool:
        return np.column_stack(list(pool.map(lambda k: _slope(runs, aim, point, here, k), range(len(point)))))


def _slope(runs: EvaluationCache, aim: Aim, point: Floats, here: Floats, parameter: int) -> Floats:
    """Return one parameter's slopes, from a move towards the middle of its range that shows something."""
    found = np.zeros_like(here)
    for step in STEPS:
        moved = point.copy()
        moved[parameter] += step if point[parameter] <= 0.5 else -step
        change = runs.at(moved).moments - here
        found = change / (moved[parameter] - point[parameter])
        if np.abs(change[list(aim.fitted)] / aim.error).max() >= SHOWN:
            break
    return found


def _round(runs: EvaluationCache, aim: Aim, place: Place) -> Place:
    """Walk on one table of slopes for as long as that brings anything."""
    damping = FIRST_DAMPING
    for _ in range(STEPS_PER_ROUND):
        place, gain, damping = _step(runs, aim, place, damping)
        if gain < SAME:
            break
    return place


def _step(runs: EvaluationCache, aim: Aim, place: Place, damping: float) -> tuple[Place, float, float]:
    """Return the place after one accepted step, what it brought, and the damping for the next."""
    while damping < GIVE_UP:
        there = place.point + move(aim, place, damping)
        moments = runs.at(there).moments
        value = aim.objective(there, moments)
        learned = broyden_update(place.slopes, there - place.point, moments - place.moments)
        if value < place.objective:
            return (
                Place(there, moments, learned, value, place.rounds),
                place.objective - value,
                damping / DAMPING_FACTOR,
            )
        if np.abs(there - place.point).max() < 1e-3:
            break
        place = replace(place, slopes=learned)
        damping *= DAMPING_FACTOR
    return place, 0.0, damping


def move(aim: Aim, place: Place, damping: float) -> Floats:
    """Return the Gauss-Newton move within the ranges: bounded least squares on the straight lines."""
    from scipy.optimize import lsq_linear

    k = len(place.point)
    slopes = np.nan_to_num(place.slopes[list(aim.fitted)]) / aim.error[:, None]
    rows = np.vstack([slopes, np.eye(k) / PRIOR_SPREAD, np.eye(k) * np.sqrt(damping) / PRIOR_SPREAD])
    pull = (place.point - aim.origin) / PRIOR_SPREAD
    right = -np.concatenate([aim.residuals(place.moments), pull, np.zeros(k)])
    found = lsq_linear(rows, right, bounds=(-place.point - 1e-12, 1.0 - place.point + 1e-12))
    return np.clip(place.point + found.x, 0.0, 1.0) - place.point
