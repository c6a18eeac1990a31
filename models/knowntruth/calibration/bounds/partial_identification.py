"""Partial identification: the smallest and the largest true effects over all worlds that reproduce the figures.

    found = bounds(problem, calibrated, ConstraintSettings(), SearchSettings(starts=3, seed=1))
    found.table        two rows per truth: smallest and largest, and the extent of the search

Searches (`multistart`) run to both ends of every truth from several starts: the calibrated world, worlds with dials
in corners (no halo, no hidden ability ...), worlds at the end of the feasible set in random directions, and random
worlds moved into the feasible set. Each reported end belongs to a world that satisfies the rule, so the true range is
at least that wide. No search can prove that it is not wider; the number of searches that reached the same end, and
the linear approximation there, indicate how likely that is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.calibration.bounds.feasible_set import TOLERANCE, Constraint, EachFigure, WholeFit
from knowntruth.calibration.bounds.multistart import End, Multistart, SearchSettings
from knowntruth.calibration.problem.evaluation_cache import EvaluationCache
from knowntruth.calibration.problem.jacobian import Answers
from knowntruth.calibration.problem.problem import Problem
from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.common.progress import Progress, no_progress

if TYPE_CHECKING:
    import pandas as pd

REACHED_SHARE: Final = 0.05
"""A search reached an end if it came within this share of the whole interval."""


LIMIT_TOLERANCE: Final = 1e-3
"""A parameter within this share of its range from a limit counts as at the limit."""


@dataclass(frozen=True, slots=True)
class ConstraintSettings:
    """Which worlds count as reproducing the figures.

    ``rule`` is ``figures`` (each within ``errors`` standard errors, or no farther off than in the calibrated world
    plus ``slack``) or ``fit`` (chi-square at most the calibrated world's plus ``worse``); see `feasible_set`.
    ``tolerance`` is the total excess in standard errors that is allowed for simulation noise.

    Examples
    --------
    >>> ConstraintSettings(errors=2.0).errors
    2.0
    """

    rule: str = "figures"
    errors: float = 2.0
    slack: float = 0.0
    worse: float = 3.84
    tolerance: float = TOLERANCE

    def around(self, best: Floats) -> Constraint:
        """Return the rule around the residuals of the calibrated world, shape (moments,).

        Raises
        ------
        InputError
            If there is no rule of that name, or a number is below zero.
        """
        if min(self.errors, self.slack, self.worse, self.tolerance) < 0:
            raise InputError(
                "errors, slack, worse and tolerance must be 0 or more, got "
                f"{self.errors}, {self.slack}, {self.worse} and {self.tolerance}"
            )
        match self.rule:
            case "figures":
                return EachFigure.around(best, self.errors, self.slack, self.tolerance)
            case "fit":
                return WholeFit.around(best, self.worse, self.tolerance)
        raise InputError(f"rule {self.rule!r} is not allowed; give figures or fit")


@dataclass(frozen=True, slots=True)
class Bounds:
    """The result of a search: ``ends`` in the order of the truths, smallest first.

    ``rough`` are the runs used to measure slopes.
    ``seen`` are the outcomes at all evaluated points, ``tables`` the measured slopes by point;
    ``offset`` was added to all moments; ``middle`` is the calibrated world as shares of the parameters' ranges;
    ``lost`` names the starts from which no admissible world was found.
    """

    runs: EvaluationCache
    rough: EvaluationCache
    rule: Constraint
    offset: Floats
    middle: Floats
    seen: Mapping[bytes, Floats]
    tables: Sequence[tuple[Floats, Floats]]
    ends: Sequence[End]
    lost: Sequence[str]

    @property
    def answers(self) -> Answers:
        """The function from a point to the residuals of all figures and then the truths."""
        return residuals_and_truths(self.runs, self.offset)

    @property
    def slopes(self) -> Answers:
        """The same from the runs used to measure slopes, without the offset, which cancels there."""
        return residuals_and_truths(self.rough, np.zeros_like(self.offset))

    def value(self, truth: int, side: str) -> float:
        """Return one end of the truth at a position."""
        return next(end.value for end in self.ends if (end.truth, end.side) == (truth, side))

    @property
    def table(self) -> "pd.DataFrame":
        """Two rows per truth.

        truth, side, value, calibrated; the number of ``searches``, of which ``reached`` came within `REACHED_SHARE`
        of the interval and ``converged``; ``spread`` of the values that they reached, as a share of the interval;
        ``straight`` as in `End`; ``at_limit`` counts parameters at a limit of their range: there the range and not
        the figures is the constraint.
        """
        import pandas as pd

        width = {end.truth: 0.0 for end in self.ends}
        for end in self.ends:
            width[end.truth] += end.value if end.side == "largest" else -end.value
        return pd.DataFrame([self._row(end, width[end.truth]) for end in self.ends])

    def _row(self, end: End, width: float) -> dict[str, object]:
        values = np.array([value for value, how in end.log.values() if how != "inadmissible"])
        return {
            "truth": self.runs.problem.truths[end.truth],
            "side": end.side,
            "value": end.value,
            "calibrated": float(self.answers(self.middle)[len(self.offset) + end.truth]),
            "searches": len(end.log),
            "reached": int((np.abs(values - end.value) <= REACHED_SHARE * width).sum()),
            "converged": sum(how == "converged" for _, how in end.log.values()),
            "spread": float(np.ptp(values) / width) if width > 0 else 0.0,
            "straight": end.straight,
            "at_limit": int((np.minimum(end.point, 1.0 - end.point) < LIMIT_TOLERANCE).sum()),
        }


def bounds(
    problem: Problem,
    calibrated: Floats,
    admit: ConstraintSettings,
    effort: SearchSettings,
    *,
    truths: Sequence[str] | None = None,
    also: Sequence[str] = (),
    corners: Mapping[str, Mapping[str, float]] | None = None,
    best: Floats | None = None,
    runs: EvaluationCache | None = None,
    rough: EvaluationCache | None = None,
    progress: Progress = no_progress,
) -> Bounds:
    """Search both ends of every truth over the feasible worlds.

    Parameters
    ----------
    problem
        What is simulated.
    calibrated
        The parameters of the world that fits best, shape (parameters,).
    admit, effort
        Which worlds are feasible, and how much to search.
    truths, also
        Names of the truths to search (all by default), and of those for which only the best run is polished.
    corners
        Further starts: for each name, some parameters and their values; the others are as calibrated.
    best
        Moments of the calibrated world, shape (moments,), known better than by one run of the problem, as from a far
        larger one; all moments are then shifted by the difference, the sampling noise of this problem's people.
    runs
        The runs so far.
    rough
        Those of the same problem in a smaller and faster simulation, used to measure slopes.

    Raises
    ------
    InputError
        If a truth or parameter is unknown, or a number is out of its range.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> from knowntruth.calibration.problem.problem import Moment, Outcome, Parameter
    >>> @dataclass
    ... class OneSlope:
    ...     parameters = (Parameter("skill", 0.0, 1.0, 0.5), Parameter("ability", 0.0, 0.6, 0.3))
    ...     moments = (Moment("slope", 0.8, 0.05),)
    ...     truths = ("effect of skill",)
    ...
    ...     def simulate(self, choice):
    ...         return Outcome(np.array([choice.sum()]), choice[:1])
    >>> settings = SearchSettings(starts=1, seed=1)
    >>> found = bounds(OneSlope(), np.array([0.5, 0.3]), ConstraintSettings(errors=2.0), settings)
    >>> found.table["value"].round(2).tolist()
    [0.1, 0.9]
    """
    runs = EvaluationCache(problem) if runs is None else runs
    wanted = positions(problem.truths if truths is None else truths, problem.truths, "truth")
    secondary = positions(also, problem.truths, "truth")
    middle = runs.share(_inside(problem, calibrated))
    moments = runs.at(middle).moments
    offset = np.zeros_like(moments) if best is None else best - moments
    answers = residuals_and_truths(runs, offset)
    rule = admit.around(answers(middle)[: len(moments)])
    rough = runs if rough is None else rough
    search = Multistart(
        answers, residuals_and_truths(rough, np.zeros_like(moments)), rule, len(moments), middle, effort, progress
    )
    ends = search.ends(wanted, _corners(runs, middle, corners or {}), secondary)
    return Bounds(runs, rough, rule, offset, middle, search.seen, search.tables, ends, search.lost)


def residuals_and_truths(runs: EvaluationCache, offset: Floats) -> Answers:
    """Return the function from a point to the residuals of all figures in standard errors and then the truths."""
    targets = np.array([m.target for m in runs.problem.moments])
    errors = np.array([m.error for m in runs.problem.moments])

    def answers(point: Floats) -> Floats:
        outcome = runs.at(point)
        return np.concatenate([(outcome.moments + offset - targets) / errors, outcome.truths])

    return answers


def positions(asked: Sequence[str], known: Sequence[str], kind: str) -> list[int]:
    """Return the positions of the requested names among the known ones.

    Raises
    ------
    InputError
        If one is unknown, with all that are allowed.
    """
    if strangers := [name for name in asked if name not in known]:
        raise InputError(f"unknown {kind} {', '.join(map(repr, strangers))}; allowed: {', '.join(known)}")
    return [list(known).index(name) for name in asked]


def _corners(runs: EvaluationCache, middle: Floats, corners: Mapping[str, Mapping[str, float]]) -> dict[str, Floats]:
    """Return the points of the calibrated world with some parameters in a corner."""
    names, points = [p.name for p in runs.problem.parameters], {}
    for name, values in corners.items():
        choice = runs.choice(middle)
        choice[positions(list(values), names, "parameter")] = list(values.values())
        points[name] = runs.share(_inside(runs.problem, choice))
    return points


def _inside(problem: Problem, choice: Floats) -> Floats:
    """Return a choice after checking its length and ranges.

    Raises
    ------
    InputError
        If a value is missing or out of range, naming the first such parameter.
    """
    if len(choice) != len(problem.parameters):
        raise InputError(
            f"a choice has one number for each of {len(problem.parameters)} parameters, got {len(choice)}"
        )
    for value, p in zip(choice, problem.parameters, strict=True):
        if not p.lower <= value <= p.upper:
            raise InputError(f"{p.name} = {value:g} is out of its range {p.lower:g} to {p.upper:g}")
    return np.asarray(choice, dtype=float)
