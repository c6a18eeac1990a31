"""The bounds of a world: the effects that the published figures leave possible, and what further measurements add.

    found = world_bounds(Plan(load("published")))
    found.intervals        one row per effect: smallest, calibrated, largest
    found.worlds           the extreme worlds, each a World like any other

The figures are those of role ``calibrate``; their errors combine the published errors and the simulation noise.
Residuals are corrected for the sampling noise of the simulated people: the moments of the calibrated world are
computed from a much larger sample (`ANCHOR_SESSIONS`), and every other world is compared with it on the same people
and the same random numbers, so that common noise cancels.
"""

from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.calibration.bounds.free_problem import FreeProblem
from knowntruth.calibration.bounds.multistart import CALIBRATED
from knowntruth.calibration.bounds.partial_identification import Bounds, bounds
from knowntruth.calibration.bounds.value_of_information import COLUMNS, ExtraFigures, value_of_information
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

ANCHOR_SESSIONS: Final = 400_000
"""Sessions from which the residuals of the calibrated world are computed."""

ROUGH_SESSIONS: Final = 40_000
"""Sessions used to measure slopes, if each run has more; the full runs reject a step that noise misleads."""

EXTRA_SEARCH_STEPS: Final = 10
"""Steps of each search for a further measurement, started at the best world evaluated so far."""

FIRST_REFERENCE_WORLD: Final = CALIBRATED
SECOND_REFERENCE_WORLD: Final = "success_difference largest"
"""The reference worlds: the calibrated one, and the one with the largest effect on success."""


def world_bounds(plan: Plan, progress: Progress = no_progress) -> WorldBounds:
    """Search the bounds of a plan's world, and the bounds that further measurements would leave.

    Raises
    ------
    InputError
        If a dial of the world lies outside its search range.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # one thread per search is faster than threads within a search
        progress("errors of the figures", 0.0)
        aimed = calibrate.calibration_targets(calibrate.Plan(plan.world, plan.sessions, seed=plan.seed))
        wanted = tuple(target for target in aimed if target.role == "calibrate")
        problem = FreeProblem(plan.world, [_moment(t, plan.sessions) for t in wanted], plan.sessions, plan.seed)
        found = _search(plan, problem, partial_progress(progress, 0.02, 0.7 if plan.measurements else 1.0))
        return WorldBounds(
            plan,
            wanted,
            problem,
            found,
            _value_of_information(plan, problem, found, partial_progress(progress, 0.7, 1.0)),
        )


def _moment(target: Target, sessions: int) -> Moment:
    """Return a figure with the noise of a simulation of ``sessions`` among its errors."""
    noise = target.standard_error * np.sqrt(figure("n_sessions_exact").value / sessions)
    return Moment(target.key, target.value, float(np.hypot(target.error, noise)))


def _search(plan: Plan, problem: FreeProblem, progress: Progress) -> Bounds:
    rough = FreeProblem(plan.world, problem.moments, min(plan.sessions, ROUGH_SESSIONS), plan.seed)
    runs, small = (_runs(plan, each) for each in (problem, rough))
    known = {p.name: p for p in problem.parameters}
    corners = {name: _within(known, dials) for name, dials in list(search_starts().items())[: plan.starts - 1]}
    headline = [f"{name} {HEADLINE}" for name in plan.estimands]
    others = [f"{name} {contrast}" for name in plan.estimands for contrast in CONTRASTS if contrast != HEADLINE]
    anchor = FreeProblem(plan.world, problem.moments, ANCHOR_SESSIONS, plan.seed).moments_of(plan.world)
    effort = replace(plan.effort, starts=max(0, plan.starts - 1 - len(corners)), seed=plan.seed)
    return bounds(
        problem,
        problem.start,
        plan.admit,
        effort,
        truths=headline,
        also=others,
        corners=corners,
        best=anchor,
        runs=runs,
        rough=runs if plan.sessions <= ROUGH_SESSIONS else small,
        progress=progress,
    )


def _runs(plan: Plan, problem: FreeProblem) -> EvaluationCache:
    about = (version("knowntruth"), plan.world.values(), problem.sessions, problem.seed)
    return EvaluationCache(problem, plan.kept, repr(about))


def _within(known: Mapping[str, Any], dials: Mapping[str, float]) -> dict[str, float]:
    return {name: min(max(x, known[name].lower), known[name].upper) for name, x in dials.items()}


def _value_of_information(plan: Plan, problem: FreeProblem, found: Bounds, progress: Progress) -> "pd.DataFrame":
    """Return the value of information of every measurement, for two reference worlds."""
    import pandas as pd

    headline = [f"{name} {HEADLINE}" for name in plan.estimands]
    if not plan.measurements:
        return pd.DataFrame(columns=list(COLUMNS))
    reference_worlds = {FIRST_REFERENCE_WORLD: found.middle, **_second_reference(plan, problem, found)}
    extras = [
        extra_figures(problem, found, measurement, name, point)
        for measurement in MEASUREMENTS
        for name, point in reference_worlds.items()
    ]
    return value_of_information(found, extras, headline, replace(plan.effort, steps=EXTRA_SEARCH_STEPS), progress)


def _second_reference(plan: Plan, problem: FreeProblem, found: Bounds) -> dict[str, Floats]:
    """Return the second reference world, if its estimand was requested."""
    estimand, side = SECOND_REFERENCE_WORLD.split()
    if estimand not in plan.estimands:
        return {}
    truth = problem.truths.index(f"{estimand} {HEADLINE}")
    return {SECOND_REFERENCE_WORLD: next(end.point for end in found.ends if (end.truth, end.side) == (truth, side))}


def extra_figures(
    problem: FreeProblem, found: Bounds, measurement: Measurement, reference_world: str, point: Floats
) -> ExtraFigures:
    """Return the figures that a measurement would add if the reference world were the real one."""
    shown = problem.further(found.runs.choice(point))
    names = measurement.figures([each.name for each in shown])
    spreads = np.array([each.spread for each in shown if each.name in names])
    return ExtraFigures(measurement.name, names, measurement.errors(spreads), reference_world, point)


def partial_progress(progress: Progress, first: float, last: float) -> Progress:
    """Return a progress callback whose share runs from ``first`` to ``last`` of the whole."""
    return lambda what, share: progress(what, first + (last - first) * share)
