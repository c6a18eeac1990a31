"""Calibration: fit a world's dials to the published figures, with standard errors and a record of the run.

    found = calibrate(Plan(load("published")))
    found.world            the calibrated world
    found.parameters       every free dial: value, standard error, whether the figures identify it
    found.figures          every figure with its simulated value; those not fitted are predicted

A search in small samples from several starts finds the region. A final fit at full size finds the optimum; it uses
the mean over several seeds, so that the world does not fit the noise of one sample. The calibrated world is one world
that fits, not a finding about reality: `bounds` reports the effects in all others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.calibration.fitting import held_out
from knowntruth.calibration.fitting.gauss_newton import PRIOR_SPREAD, FitState, FitTargets, fit, jacobian_at
from knowntruth.calibration.fitting.inference import MIN_IDENTIFIED, Inference, identification_shares, infer
from knowntruth.calibration.fitting.parameters import load as free_dials
from knowntruth.calibration.fitting.parameters import parameters
from knowntruth.calibration.fitting.toml_editing import round_digits
from knowntruth.calibration.fitting.world_problem import WorldProblem
from knowntruth.calibration.moments.targets import Target, targets
from knowntruth.calibration.problem.evaluation_cache import EvaluationCache
from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.common.progress import Progress, no_progress
from knowntruth.study.figures import figure
from knowntruth.world.definition.world import World
from knowntruth.world.simulate import simulate

if TYPE_CHECKING:
    import pandas as pd

MIN_SESSIONS: Final = 2000
"""Smaller samples have too few novices."""

SEARCH_SESSIONS: Final = 100_000
"""Sessions of a search: a slope then rests on hundreds of sessions whose category changes."""

ERROR_SESSIONS: Final = 100_000
"""Sessions from which the standard errors of figures without a published one are estimated."""

START_SPREAD: Final = 0.15
"""Half-width of the box around the world's dials for further starts, as a share of each range."""

SEARCH_ROUNDS: Final = 4
POLISH_ROUNDS: Final = 2
"""Maximum number of times that the slopes are measured."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is calibrated and how extensively.

    ``sessions`` and ``users`` are the size of the final fit (``users`` only for the published size), ``starts`` the
    number of starting points, ``seeds`` the number of samples that the final fit averages, with seeds from ``seed``.
    ``kept`` is a folder in which every run is stored, so that an interrupted calibration can be resumed.

    Raises
    ------
    InputError
        If a number is too small.

    Examples
    --------
    >>> plan = Plan(kt.load_world("published"), sessions=40_000)
    >>> plan.starts, plan.seeds
    (3, 3)
    """

    world: World
    sessions: int
    users: int | None = None
    starts: int = 3
    seed: int = 1
    seeds: int = 3
    threads: int = 2
    kept: Path | None = None

    def __post_init__(self) -> None:
        if self.sessions < MIN_SESSIONS:
            raise InputError(f"sessions must be {MIN_SESSIONS:,} or more, got {self.sessions}")
        if min(self.starts, self.seeds, self.threads) < 1:
            raise InputError(
                f"starts, seeds and threads must be 1 or more, got {self.starts}, {self.seeds} and {self.threads}"
            )


@dataclass(frozen=True)
class Calibration:
    """The result of a calibration; all tables are tidy."""

    plan: Plan
    targets: tuple[Target, ...]
    aim: FitTargets
    runs: EvaluationCache
    place: FitState
    evaluations: int

    @cached_property
    def inference(self) -> Inference:
        """Standard errors, identification and remaining uncertainty of the fit."""
        return infer(self.place, self.aim)

    @cached_property
    def values(self) -> Mapping[str, float]:
        """The calibrated dials by path, rounded as they are written."""
        choice = self.runs.choice(self.place.point)
        return {p.name: round_digits(float(x)) for p, x in zip(self.runs.problem.parameters, choice, strict=True)}

    @cached_property
    def errors(self) -> Mapping[str, float]:
        """The standard errors of the identified dials, by path."""
        rows = self.parameters.set_index("parameter")
        return {str(name): float(row["standard_error"]) for name, row in rows.iterrows() if row["identified"]}

    @cached_property
    def parameters(self) -> "pd.DataFrame":
        """Every free dial: value, standard error, what remains unknown, and whether the figures identify it.

        ``identified_share`` is the share of the prior variance that the figures remove; a dial that is not
        ``identified`` stays near its start because of the prior alone.
        """
        import pandas as pd

        asked = self.runs.problem.parameters
        return pd.DataFrame(
            {
                "parameter": [p.name for p in asked],
                "start": [p.start for p in asked],
                "value": list(self.values.values()),
                "standard_error": self.inference.standard_errors(self.runs.width),
                "unknown": self.inference.spreads(self.runs.width),
                "identified_share": self.inference.identified,
                "identified": self.inference.identified > MIN_IDENTIFIED,
                "at_limit": (self.place.point < 1e-6) | (self.place.point > 1 - 1e-6),
                "lower": [p.lower for p in asked],
                "upper": [p.upper for p in asked],
                "why": [row.why for row in free_dials()],
            }
        )

    @cached_property
    def identification(self) -> "pd.DataFrame":
        """The share of each figure in the variance of each identified parameter."""
        names = [p.name for p in self.runs.problem.parameters]
        return identification_shares(
            self.inference, names, [self.targets[k].key for k in self.aim.fitted], self.runs.width
        )

    @cached_property
    def figures(self) -> "pd.DataFrame":
        """Every figure with its simulated value, interval, and the reason of a miss."""
        noise = figure("n_sessions_exact").value / (self.plan.sessions * self.plan.seeds)
        return held_out.figure_table(self.targets, self.place, self.aim, self.inference, noise)

    @cached_property
    def record(self) -> dict[str, Any]:
        """The settings of the run, without dates: enough to repeat it."""
        return {
            "version": version("knowntruth"),
            "world": self.plan.world.name,
            "sessions": self.plan.sessions,
            "users": self.plan.users,
            "seeds": list(range(self.plan.seed, self.plan.seed + self.plan.seeds)),
            "starts": self.plan.starts,
            "evaluations": self.evaluations,
            "objective": round(self.place.objective, 3),
            "fitted": len(self.aim.fitted),
            "free": len(self.place.point),
            "identified": int(self.parameters["identified"].sum()),
            "not_identified": [
                str(name) for name in self.parameters.loc[~self.parameters["identified"], "parameter"]
            ],
            "prior": f"each free dial normal around its start, standard deviation {PRIOR_SPREAD} of its range",
            "singular_values": [round(float(x), 3) for x in self.inference.singular],
            "within": held_out.count_by_role(self.figures),
            "parameters": {
                str(row["parameter"]): {
                    key: float(f"{row[key]:.4g}") for key in ("value", "standard_error", "unknown")
                }
                for row in self.parameters.to_dict("records")
            },
        }


def calibrate(plan: Plan, progress: Progress = no_progress) -> Calibration:
    """Fit a world's free dials to the published figures of role ``calibrate``; all others are held out.

    Raises
    ------
    InputError
        If a dial of the world lies outside its search range.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # one thread per run is faster than threads within a run
        progress("errors of the figures", 0.0)
        aimed = calibration_targets(plan)
        searched, best = _search(plan, aimed, _part(progress, 0.03, 0.5))
        samples, polished, place = _polish(plan, aimed, best, _part(progress, 0.5, 1.0))
    aim = _aim(polished, aimed, plan.sessions * plan.seeds)
    return Calibration(plan, aimed, aim, polished, place, len(searched) + samples)


def calibration_targets(plan: Plan) -> tuple[Target, ...]:
    """Return the figures with their errors, estimated where needed in the uncalibrated world."""
    from knowntruth.study.compare import compare
    from knowntruth.study.tables.registry import compute

    sessions = min(ERROR_SESSIONS, plan.sessions)
    observed = simulate(plan.world, sessions, seed=plan.seed).observed.to_pandas()
    return targets(compare(compute(observed)), sessions)


def _search(plan: Plan, aimed: tuple[Target, ...], progress: Progress) -> tuple[EvaluationCache, FitState]:
    runs = _runs(plan, aimed, min(SEARCH_SESSIONS, plan.sessions), None, (plan.seed,))
    aim = _aim(runs, aimed, min(SEARCH_SESSIONS, plan.sessions))
    places = [
        fit(
            runs,
            aim,
            start,
            SEARCH_ROUNDS,
            threads=plan.threads,
            progress=_part(progress, k / plan.starts, (k + 1) / plan.starts, f"start {k + 1}"),
        )
        for k, start in enumerate(_starts(plan, aim))
    ]
    return runs, min(places, key=lambda place: place.objective)


def _polish(
    plan: Plan, aimed: tuple[Target, ...], best: FitState, progress: Progress
) -> tuple[int, EvaluationCache, FitState]:
    """Return the number of simulated samples, the runs, and the fit with its slopes."""
    runs = _runs(plan, aimed, plan.sessions, plan.users, tuple(range(plan.seed, plan.seed + plan.seeds)))
    aim = _aim(runs, aimed, plan.sessions * plan.seeds)
    one = _runs(plan, aimed, plan.sessions, plan.users, (plan.seed,))  # slopes hardly depend on the noise
    place = fit(runs, aim, best.point, 1, threads=plan.threads, slopes=best.slopes)
    for done in range(POLISH_ROUNDS):
        progress(f"objective {place.objective:.0f}", done / POLISH_ROUNDS)
        slopes = jacobian_at(one, aim, place.point, plan.threads)
        place = fit(runs, aim, place.point, 1, threads=plan.threads, slopes=slopes)
    return len(one) + len(runs) * plan.seeds, runs, replace(place, slopes=slopes)


def _runs(
    plan: Plan, aimed: tuple[Target, ...], sessions: int, users: int | None, seeds: tuple[int, ...]
) -> EvaluationCache:
    moments = [each.moment() for each in aimed]
    problem = WorldProblem(plan.world, parameters(plan.world), moments, sessions, users, seeds)
    about = repr((version("knowntruth"), plan.world.values(), sessions, users, seeds))
    return EvaluationCache(problem, plan.kept, about)


def _aim(runs: EvaluationCache, aimed: tuple[Target, ...], sessions: int) -> FitTargets:
    """Return the fit targets; their errors include the noise of a simulation of ``sessions``."""
    fitted = [k for k, each in enumerate(aimed) if each.role == "calibrate"]
    noise = figure("n_sessions_exact").value / sessions
    errors = [np.hypot(aimed[k].error, aimed[k].standard_error * np.sqrt(noise)) for k in fitted]
    origin = runs.share(np.array([p.start for p in runs.problem.parameters]))
    return FitTargets(fitted, np.array([aimed[k].value for k in fitted]), np.array(errors), origin)


def _starts(plan: Plan, aim: FitTargets) -> list[Floats]:
    """Return the starting points: the world's own dials, then random points around them."""
    rng = np.random.default_rng(plan.seed)
    around = rng.uniform(-START_SPREAD, START_SPREAD, (max(plan.starts - 1, 0), len(aim.origin)))
    return [aim.origin, *np.clip(aim.origin + around, 0.0, 1.0)]


def _part(progress: Progress, first: float, last: float, label: str = "") -> Progress:
    """Return a progress callback whose share runs from ``first`` to ``last`` of the whole."""

    def report(part: str, share: float) -> None:
        progress(f"{label}: {part}" if label else part, first + (last - first) * share)

    return report
