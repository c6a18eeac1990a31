"""The bounds of a world: what the published figures leave open around it, and what further measurements would close.

    found = world_bounds(Plan(load("published")))
    found.intervals        a row for each effect: smallest, calibrated, largest
    found.worlds           the extreme worlds, each a World like any other

The figures are those of role ``calibrate``; the errors are the published ones and the noise of the simulation
together. Residuals are shifted by what luck did to the simulated people: the calibrated world is known from far more
of them (`ANCHOR`), and every other world is told by its difference from it, with the same people and the same luck.
"""

from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.calibration.bounds.free_problem import OpenProblem
from knowntruth.calibration.bounds.multistart import CALIBRATED
from knowntruth.calibration.bounds.partial_identification import Bounds, bounds
from knowntruth.calibration.bounds.value_of_information import COLUMNS, Extra, value_of_information
from knowntruth.calibration.bounds.world_bounds_result import Plan, WorldBounds
from knowntruth.calibration.fitting import calibrate
from knowntruth.calibration.moments.extra_moments import MEASUREMENTS, Measurement
from knowntruth.calibration.moments.targets import Target
from knowntruth.calibration.problem.evaluation_cache import EvaluationCache
from knowntruth.calibration.problem.problem import Moment
from knowntruth.common.arrays import Floats
from knowntruth.common.progress import Progress, no_progress
from knowntruth.datasets.schema.estimands import CONTRASTS, HEADLINE
from knowntruth.study.figures import figure
from knowntruth.world.definition.search_ranges import search_starts

if TYPE_CHECKING:
    import pandas as pd

ANCHOR: Final = 400_000
"""Sessions from which the calibrated world's own residuals are known."""

ROUGH: Final = 40_000
"""Sessions by which slopes are measured, if each run has more: a step that they mislead is refused by the runs."""

GAIN_STEPS: Final = 10
"""Steps of each search that a further measurement begins at the best of all worlds seen."""

FIRST_REFERENCE_WORLD: Final = CALIBRATED
SECOND_TELLER: Final = "success_difference largest"
"""Who says what a further measurement would show: the calibrated world, and the one in which most is achieved."""


def world_bounds(plan: Plan, progress: Progress = no_progress) -> WorldBounds:
    """Search the bounds of a plan's world, and what further measurements would make of them.

    Raises
    ------
    InputError
        If a dial of the world lies where it cannot be looked for.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # threads of ours, a search each, are faster than threads within one
        progress("errors of the figures", 0.0)
        aimed = calibrate.aimed_at(calibrate.Plan(plan.world, plan.sessions, seed=plan.seed))
        wanted = tuple(target for target in aimed if target.role == "calibrate")
        problem = OpenProblem(plan.world, [_moment(t, plan.sessions) for t in wanted], plan.sessions, plan.seed)
        found = _search(plan, problem, part(progress, 0.02, 0.7 if plan.measurements else 1.0))
        return WorldBounds(plan, wanted, problem, found, _gains(plan, problem, found, part(progress, 0.7, 1.0)))


def _moment(target: Target, sessions: int) -> Moment:
    """Return a figure with the noise of a simulation of ``sessions`` among its errors."""
    noise = target.standard_error * np.sqrt(figure("n_sessions_exact").value / sessions)
    return Moment(target.key, target.value, float(np.hypot(target.error, noise)))


def _search(plan: Plan, problem: OpenProblem, progress: Progress) -> Bounds:
    rough = OpenProblem(plan.world, problem.moments, min(plan.sessions, ROUGH), plan.seed)
    runs, small = (_runs(plan, each) for each in (problem, rough))
    known = {p.name: p for p in problem.parameters}
    corners = {name: _within(known, dials) for name, dials in list(search_starts().items())[: plan.starts - 1]}
    headline = [f"{name} {HEADLINE}" for name in plan.estimands]
    others = [f"{name} {contrast}" for name in plan.estimands for contrast in CONTRASTS if contrast != HEADLINE]
    anchor = OpenProblem(plan.world, problem.moments, ANCHOR, plan.seed).moments_of(plan.world)
    effort = replace(plan.effort, starts=max(0, plan.starts - 1 - len(corners)), seed=plan.seed)
    return bounds(
        problem, problem.start, plan.admit, effort, truths=headline, also=others, corners=corners, best=anchor,
        runs=runs, rough=runs if plan.sessions <= ROUGH else small, progress=progress,
    )  # fmt: skip


def _runs(plan: Plan, problem: OpenProblem) -> EvaluationCache:
    about = (version("knowntruth"), plan.world.values(), problem.sessions, problem.seed)
    return EvaluationCache(problem, plan.kept, repr(about))


def _within(known: Mapping[str, Any], dials: Mapping[str, float]) -> dict[str, float]:
    return {name: min(max(x, known[name].lower), known[name].upper) for name, x in dials.items()}


def _gains(plan: Plan, problem: OpenProblem, found: Bounds, progress: Progress) -> "pd.DataFrame":
    """Return what every measurement would close, told by two worlds."""
    import pandas as pd

    headline = [f"{name} {HEADLINE}" for name in plan.estimands]
    if not plan.measurements:
        return pd.DataFrame(columns=list(COLUMNS))
    tellers = {FIRST_REFERENCE_WORLD: found.middle, **_second(plan, problem, found)}
    extras = [
        extra(problem, found, measurement, name, point) for measurement in MEASUREMENTS
        for name, point in tellers.items()
    ]  # fmt: skip
    return value_of_information(found, extras, headline, replace(plan.effort, steps=GAIN_STEPS), progress)


def _second(plan: Plan, problem: OpenProblem, found: Bounds) -> dict[str, Floats]:
    """Return the second teller, if its estimand was asked for."""
    estimand, side = SECOND_TELLER.split()
    if estimand not in plan.estimands:
        return {}
    truth = problem.truths.index(f"{estimand} {HEADLINE}")
    return {SECOND_TELLER: next(end.point for end in found.ends if (end.truth, end.side) == (truth, side))}


def extra(problem: OpenProblem, found: Bounds, measurement: Measurement, told_by: str, teller: Floats) -> Extra:
    """Return the figures that a measurement would add if a teller's world were the real one."""
    shown = problem.further(found.runs.choice(teller))
    names = measurement.figures([each.name for each in shown])
    spreads = np.array([each.spread for each in shown if each.name in names])
    return Extra(measurement.name, names, measurement.errors(spreads), told_by, teller)


def part(progress: Progress, first: float, last: float) -> Progress:
    """Return a progress whose share runs within part of the whole."""
    return lambda what, share: progress(what, first + (last - first) * share)
