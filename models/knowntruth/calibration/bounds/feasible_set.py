"""The feasible set: which worlds reproduce the published figures, and the best small move within that set.

The calibrated world may itself miss a figure, so the requirement for other worlds is relative to it. A residual is a
moment's distance from its target in standard errors; ``best`` are the residuals of the calibrated world.

``EachFigure``   every figure within ``errors`` standard errors of its target, or no farther from it than the best
                 world is, plus ``slack``. The usual meaning of "reproduces the figures within their errors".
``WholeFit``     the sum of squared residuals no larger than the best world's plus ``worse``. With ``worse`` the 95%
                 quantile of a chi-square with one degree of freedom, 3.84, the range of a truth over these worlds is
                 its profile-likelihood interval (Venzon and Moolgavkar 1988, doi:10.2307/2347496).

Each rule also solves the linearized problem of every search step: the move within the trust region that increases
the truth most while the figures stay reproduced. The radius limits the Euclidean length of a move, not the largest
change of one dial: slopes are measured with noise, and moving many dials to their limits would add up all of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol, Self

import numpy as np

from knowntruth.common.arrays import Floats

TOLERANCE: Final = 0.01
"""Total excess in standard errors up to which a world still satisfies a rule."""

MARGIN: Final = 0.1
"""Standard errors inside the limits at which a move into the feasible set aims, since linearization is inexact; at
most the rule's tolerance."""

STIFFNESS: Final = 30.0
"""Penalty for missing a limit by one standard error relative to missing the goal by the range of a dial; larger for
more distant goals."""

MAX_GOAL_LENGTH: Final = 100.0
"""Length of a goal that is effectively infinite: the move then ends in a corner of the feasible set."""

RIDGE: Final = 1e-4
"""Ridge penalty on the moves in `WholeFit`, as a share of the largest slope."""

N_BISECTIONS: Final = 25
"""Bisection steps on a logarithmic scale, for a relative precision of one in a million."""


class Constraint(Protocol):
    """A rule that defines the feasible set."""

    @property
    def tolerance(self) -> float:
        """Total excess in standard errors up to which a world still satisfies the rule."""

    def excess(self, residuals: Floats) -> float:
        """Return the total excess of residuals over the rule in standard errors; 0 for a feasible world."""

    def move(
        self, residuals: Floats, slopes: Floats, gain: Floats, lower: Floats, upper: Floats, reach: float = np.inf
    ) -> Floats:
        """Return the best move from a point.

        Parameters
        ----------
        residuals
            At the point, shape (moments,).
        slopes
            Change of each residual for a unit of each parameter, shape (moments, parameters).
        gain
            Gradient of the truth to maximize, shape (parameters,); zeros request the shortest move into the feasible
            set.
        lower, upper
            How far each parameter may move, shape (parameters,); lower <= 0 <= upper.
        reach
            Length of the longest move.
        """

    def with_more(self, count: int) -> Self:
        """Return the rule with ``count`` additional figures, which the best world reproduces exactly."""


@dataclass(frozen=True, slots=True)
class EachFigure:
    """Every figure within its own limits, in standard errors; shapes (moments,)."""

    lower: Floats
    upper: Floats
    errors: float
    tolerance: float = TOLERANCE

    @classmethod
    def around(
        cls, best: Floats, errors: float = 2.0, slack: float = 0.0, tolerance: float = TOLERANCE
    ) -> "EachFigure":
        """Return the rule: within ``errors``, or no farther from the target than the best world plus ``slack``."""
        return cls(np.minimum(-errors, best - slack), np.maximum(errors, best + slack), errors, tolerance)

    def with_more(self, count: int) -> "EachFigure":
        """Return the rule with ``count`` further figures, each within the same number of errors."""
        limits = np.full(count, self.errors)
        return replace(self, lower=np.append(self.lower, -limits), upper=np.append(self.upper, limits))

    def excess(self, residuals: Floats) -> float:
        """Return the sum of the excesses over the limits."""
        if not np.isfinite(residuals).all():
            return float("inf")
        return float((np.maximum(self.lower - residuals, 0.0) + np.maximum(residuals - self.upper, 0.0)).sum())

    def move(
        self, residuals: Floats, slopes: Floats, gain: Floats, lower: Floats, upper: Floats, reach: float = np.inf
    ) -> Floats:
        """Project the farthest goal in the direction of the gain that stays within reach onto the limits."""
        margin = 0.0 if gain.any() else np.minimum(min(MARGIN, self.tolerance), (self.upper - self.lower) / 4.0)
        limits = (self.lower + margin - residuals, self.upper - margin - residuals)

        def towards(length: float) -> Floats:
            goal = gain * (length / max(float(np.linalg.norm(gain)), 1e-300))
            return nearest_move(goal, slopes, *limits, lower, upper)

        shortest = towards(0.0)
        if not gain.any() or np.linalg.norm(shortest) >= reach:
            return _shortened(shortest, reach)
        return _longest(towards, reach)


@dataclass(frozen=True, slots=True)
class WholeFit:
    """The length of the vector of residuals no larger than ``radius``."""

    radius: float
    tolerance: float = TOLERANCE

    @classmethod
    def around(cls, best: Floats, worse: float = 3.84, tolerance: float = TOLERANCE) -> "WholeFit":
        """Return the rule that chi-square is at most the best world's plus ``worse``."""
        return cls(float(np.sqrt((best**2).sum() + worse)), tolerance)

    def with_more(self, count: int) -> "WholeFit":
        """Return the same rule: figures that the best world reproduces exactly do not change its chi-square."""
        return self

    def excess(self, residuals: Floats) -> float:
        """Return by how much the length exceeds the radius."""
        if not np.isfinite(residuals).all():
            return float("inf")
        return max(0.0, float(np.linalg.norm(residuals)) - self.radius)

    def move(
        self, residuals: Floats, slopes: Floats, gain: Floats, lower: Floats, upper: Floats, reach: float = np.inf
    ) -> Floats:
        """Increase the weight of the truth relative to the fit until the fit reaches its limit."""
        size = float(np.abs(gain).max())
        best = _weighed(residuals, slopes, gain, 0.0, lower, upper)
        if size == 0 or self.excess(residuals + slopes @ best) > 0:
            return _shortened(best, reach)
        low, high = -12.0, 12.0  # of the logarithm (base 10) of the weight
        for _ in range(2 * N_BISECTIONS):
            middle = (low + high) / 2
            tried = _weighed(residuals, slopes, gain / size, 10.0**middle, lower, upper)
            if self.excess(residuals + slopes @ tried) > 0:
                high = middle
            else:
                low, best = middle, tried
        return _shortened(best, reach)


def nearest_move(goal: Floats, slopes: Floats, low: Floats, high: Floats, lower: Floats, upper: Floats) -> Floats:
    """Return the move nearest to ``goal`` that changes moments by ``low`` to ``high``, or violates this least.

    Least distance programming by non-negative least squares (Lawson and Hanson 1974, Solving Least Squares Problems,
    chapter 23), with slack variables for the violations, penalized by `STIFFNESS`.
    """
    from scipy.optimize import nnls

    moments, parameters = slopes.shape
    stiffness = STIFFNESS * max(1.0, float(np.linalg.norm(goal)))
    missed, dials, none = np.eye(moments) / stiffness, np.eye(parameters), np.zeros((parameters, moments))
    rows = np.block([[slopes, missed], [-slopes, -missed], [dials, none], [-dials, none]])
    there = slopes @ goal
    least = np.concatenate([low - there, there - high, lower - goal, goal - upper])
    size = np.linalg.norm(rows, axis=1)
    table = np.vstack([rows.T / size, least / size])
    weights, _ = nnls(table, np.append(np.zeros(len(table) - 1), 1.0), maxiter=50 * len(rows))
    rest = table @ weights - np.append(np.zeros(len(table) - 1), 1.0)
    if rest[-1] == 0:
        return np.clip(goal, lower, upper)
    return np.clip(goal - rest[:parameters] / rest[-1], lower, upper)


def _longest(towards: Callable[[float], Floats], reach: float) -> Floats:
    """Return the move towards the farthest goal whose move is no longer than ``reach``."""
    best = towards(MAX_GOAL_LENGTH)
    if np.linalg.norm(best) <= reach:
        return best
    low, high, best = np.log(reach), np.log(MAX_GOAL_LENGTH), towards(reach)
    while np.linalg.norm(best) < 0.95 * reach and high - low > 1e-3:
        middle = (low + high) / 2
        tried = towards(float(np.exp(middle)))
        if np.linalg.norm(tried) > reach:
            high = middle
        else:
            low, best = middle, tried
    return best


def _shortened(move: Floats, reach: float) -> Floats:
    """Return a move, no longer than ``reach``."""
    length = float(np.linalg.norm(move))
    return move if length <= reach else move * (reach / length)


def _weighed(residuals: Floats, slopes: Floats, gain: Floats, weight: float, lower: Floats, upper: Floats) -> Floats:
    """Return the move with the least half sum of squares minus ``weight`` times the gain."""
    from scipy.optimize import lsq_linear

    ridge = RIDGE * max(float(np.abs(slopes).max()), 1e-12)
    rows = np.vstack([slopes, ridge * np.eye(slopes.shape[1])])
    targets = np.concatenate([-residuals, weight / ridge * gain])
    apart = np.maximum(upper, lower + 1e-12)  # the solver rejects equal bounds
    return np.clip(lsq_linear(rows, targets, (lower, apart), method="bvls").x, lower, upper)
