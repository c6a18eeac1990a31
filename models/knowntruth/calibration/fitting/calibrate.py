"""Calibration: from a world and the published figures to a world that reproduces them, with errors and a record.

    found = calibrate(Plan(load("published")))
    found.world            the calibrated world
    found.parameters       every free dial: value, standard error, whether the figures pin it
    found.figures          every figure beside its simulated value; those not fitted are predicted

A search in small samples from several starts finds the region; a polish at full size, on the mean of several seeds so
that the world does not follow one sample's luck, finds the place. The calibrated world is one that fits, no finding
about reality: `bounds` asks what all others would say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.calibration.fitting import held_out
from knowntruth.calibration.fitting.gauss_newton import PRIOR_SPREAD, Aim, Place, fit, slopes_at
from knowntruth.calibration.fitting.inference import PINNED, Inference, inference, pins
from knowntruth.calibration.fitting.parameters import load as free_dials
from knowntruth.calibration.fitting.parameters import parameters
from knowntruth.calibration.fitting.toml_editing import rounded
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
"""Fewer sessions have no novices to speak of."""

SEARCHED: Final = 100_000
"""Sessions of a search: a slope then rests on hundreds of sessions that change sides."""

ERRORS_FROM: Final = 100_000
"""Sessions from which the errors of figures without a printed one are taken."""

START_SPREAD: Final = 0.15
"""How far further starts lie from the world's own dials, as a share of each range, on either side."""

SEARCH_ROUNDS: Final = 4
POLISH_ROUNDS: Final = 2
"""How often at the most the slopes are measured."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is calibrated and how thoroughly.

    ``sessions`` and ``users`` are the size of the polish (``users`` only for the published size), ``starts`` how many
    places the search begins at, ``seeds`` how many samples the polish averages, the first of number ``seed``.
    ``kept`` is a folder in which every run is kept, so that the same plan goes on where it was interrupted.

    Raises
    ------
    InputError
        If a number is too small.

    Examples
    --------
    >>> from knowntruth.world.definition.world import load
    >>> plan = Plan(load("published"), sessions=40_000)
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
            raise InputError(f"starts, seeds and threads must be 1 or more, got {self.starts}, {self.seeds} and "
                             f"{self.threads}")  # fmt: skip


@dataclass(frozen=True)
class Calibrated:
    """What a calibration found; all tables are tidy."""

    plan: Plan
    targets: tuple[Target, ...]
    aim: Aim
    runs: EvaluationCache
    place: Place
    evaluations: int

    @cached_property
    def inference(self) -> Inference:
        """What the fit has learned."""
        return inference(self.place, self.aim)

    @cached_property
    def values(self) -> Mapping[str, float]:
        """The calibrated dials, by path, to the digits with which they are written."""
        choice = self.runs.choice(self.place.point)
        return {p.name: rounded(float(x)) for p, x in zip(self.runs.problem.parameters, choice, strict=True)}

    @cached_property
    def errors(self) -> Mapping[str, float]:
        """The standard errors of the pinned dials, by path."""
        rows = self.parameters.set_index("parameter")
        return {str(name): float(row["standard_error"]) for name, row in rows.iterrows() if row["pinned"]}

    @cached_property
    def parameters(self) -> "pd.DataFrame":
        """Every free dial: value, standard error, what remains unknown, and whether the figures pin it.

        ``learned`` is the share of what was believed unknown that the figures took away; a dial that is not
        ``pinned`` is held near where it began by nothing but that belief.
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
                "learned": self.inference.pinned,
                "pinned": self.inference.pinned > PINNED,
                "at_limit": (self.place.point < 1e-6) | (self.place.point > 1 - 1e-6),
                "lower": [p.lower for p in asked],
                "upper": [p.upper for p in asked],
                "why": [row.why for row in free_dials()],
            }
        )

    @cached_property
    def pins(self) -> "pd.DataFrame":
        """Which figure pins which parameter."""
        names = [p.name for p in self.runs.problem.parameters]
        return pins(self.inference, names, [self.targets[k].key for k in self.aim.fitted], self.runs.width)

    @cached_property
    def figures(self) -> "pd.DataFrame":
        """Every figure beside its simulated value, with interval and reason of a miss."""
        noise = figure("n_sessions_exact").value / (self.plan.sessions * self.plan.seeds)
        return held_out.table(self.targets, self.place, self.aim, self.inference, noise)

    @cached_property
    def record(self) -> dict[str, Any]:
        """The run, without dates: enough to repeat it."""
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
            "pinned": int(self.parameters["pinned"].sum()),
            "held": [str(name) for name in self.parameters.loc[~self.parameters["pinned"], "parameter"]],
            "belief": f"each free dial normal around its start, standard deviation {PRIOR_SPREAD} of its range",
            "singular_values": [round(float(x), 3) for x in self.inference.singular],
            "within": held_out.scores(self.figures),
            "parameters": {
                str(row["parameter"]): {
                    key: float(f"{row[key]:.4g}") for key in ("value", "standard_error", "unknown")
                }
                for row in self.parameters.to_dict("records")
            },
        }


def calibrate(plan: Plan, progress: Progress = no_progress) -> Calibrated:
    """Fit a world's free dials to the published figures of role ``calibrate``; all others are kept out.

    Raises
    ------
    InputError
        If a dial of the world lies outside the range in which it may be looked for.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # threads of ours, a run each, are faster than threads within one
        progress("errors of the figures", 0.0)
        aimed = aimed_at(plan)
        searched, best = _search(plan, aimed, _part(progress, 0.03, 0.5))
        samples, polished, place = _polish(plan, aimed, best, _part(progress, 0.5, 1.0))
    aim = _aim(polished, aimed, plan.sessions * plan.seeds)
    return Calibrated(plan, aimed, aim, polished, place, len(searched) + samples)


def aimed_at(plan: Plan) -> tuple[Target, ...]:
    """Return the figures with their errors, as the plan's world at its start has them."""
    from knowntruth.study.compare import compare
    from knowntruth.study.tables.registry import compute

    sessions = min(ERRORS_FROM, plan.sessions)
    observed = simulate(plan.world, sessions, seed=plan.seed).observed.to_pandas()
    return targets(compare(compute(observed)), sessions)


def _search(plan: Plan, aimed: tuple[Target, ...], progress: Progress) -> tuple[EvaluationCache, Place]:
    runs = _runs(plan, aimed, min(SEARCHED, plan.sessions), None, (plan.seed,))
    aim = _aim(runs, aimed, min(SEARCHED, plan.sessions))
    places = [
        fit(runs, aim, start, SEARCH_ROUNDS, threads=plan.threads,
            progress=_part(progress, k / plan.starts, (k + 1) / plan.starts, f"start {k + 1}"))
        for k, start in enumerate(_starts(plan, aim))
    ]  # fmt: skip
    return runs, min(places, key=lambda place: place.objective)


def _polish(
    plan: Plan, aimed: tuple[Target, ...], best: Place, progress: Progress
) -> tuple[int, EvaluationCache, Place]:
    """Return how many samples were simulated, the runs, and the place with its slopes."""
    runs = _runs(plan, aimed, plan.sessions, plan.users, tuple(range(plan.seed, plan.seed + plan.seeds)))
    aim = _aim(runs, aimed, plan.sessions * plan.seeds)
    one = _runs(plan, aimed, plan.sessions, plan.users, (plan.seed,))  # slopes hardly hang on luck
    place = fit(runs, aim, best.point, 1, threads=plan.threads, slopes=best.slopes)
    for done in range(POLISH_ROUNDS):
        progress(f"objective {place.objective:.0f}", done / POLISH_ROUNDS)
        slopes = slopes_at(one, aim, place.point, plan.threads)
        place = fit(runs, aim, place.point, 1, threads=plan.threads, slopes=slopes)
    return len(one) + len(runs) * plan.seeds, runs, replace(place, slopes=slopes)


def _runs(
    plan: Plan, aimed: tuple[Target, ...], sessions: int, users: int | None, seeds: tuple[int, ...]
) -> EvaluationCache:
    moments = [each.moment() for each in aimed]
    problem = WorldProblem(plan.world, parameters(plan.world), moments, sessions, users, seeds)
    about = repr((version("knowntruth"), plan.world.values(), sessions, users, seeds))
    return EvaluationCache(problem, plan.kept, about)


def _aim(runs: EvaluationCache, aimed: tuple[Target, ...], sessions: int) -> Aim:
    """Return the aim; the noise of a simulation of ``sessions`` is counted among the errors."""
    fitted = [k for k, each in enumerate(aimed) if each.role == "calibrate"]
    noise = figure("n_sessions_exact").value / sessions
    errors = [np.hypot(aimed[k].error, aimed[k].standard_error * np.sqrt(noise)) for k in fitted]
    origin = runs.share(np.array([p.start for p in runs.problem.parameters]))
    return Aim(fitted, np.array([aimed[k].value for k in fitted]), np.array(errors), origin)


def _starts(plan: Plan, aim: Aim) -> list[Floats]:
    """Return where the search begins: at the world's own dials, then around them."""
    rng = np.random.default_rng(plan.seed)
    around = rng.uniform(-START_SPREAD, START_SPREAD, (max(plan.starts - 1, 0), len(aim.origin)))
    return [aim.origin, *np.clip(aim.origin + around, 0.0, 1.0)]


def _part(progress: Progress, first: float, last: float, label: str = "") -> Progress:
    """Return a progress whose share runs within part of the whole."""

    def told(part: str, share: float) -> None:
        progress(f"{label}: {part}" if label else part, first + (last - first) * share)

    return told
