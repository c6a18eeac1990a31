"""Admission: which worlds reproduce the published figures, and the best small move among those that do.

The best world that there is may itself miss a figure, so what is asked of others is relative to it. A residual is a
moment's distance from its target in standard errors; ``best`` are the residuals of the calibrated world.

``EachFigure``   every figure within ``errors`` standard errors of its target, or no farther from it than the best
                 world is, plus ``slack``. What people mean by "reproduces the figures within their errors".
``WholeFit``     the sum of squared residuals no larger than the best world's plus ``worse``. With ``worse`` the 95%
                 quantile of a chi-square with one degree of freedom, 3.84, the range of a truth over these worlds is
                 its profile-likelihood interval (Venzon and Moolgavkar 1988, doi:10.2307/2347496).

Each rule also solves the problem that a search meets at every step, where moments and truth are taken as straight
lines: move within reach so that the truth grows most while the figures stay reproduced.
"""

from dataclasses import dataclass
from typing import Final, Protocol, Self

import numpy as np

from knowntruth.calibration.problem import Reals

TOLERANCE: Final = 0.01
"""By how many standard errors in all a world may fail a rule and still count as keeping it."""

THRIFT: Final = 1e-3
"""What moving one dial through its range costs, as a share of the largest gain that any dial brings."""

RIDGE: Final = 1e-4
"""The same for `WholeFit`, on squares, as a share of the largest slope."""

HALVINGS: Final = 40
"""Steps of the search for the weight of the truth against the fit: it is then known to a part in 10^9."""


class Rule(Protocol):
    """What makes a world admissible."""

    def excess(self, residuals: Reals) -> float:
        """Return by how many standard errors residuals fail the rule in all; 0 for an admissible world."""

    def move(self, residuals: Reals, slopes: Reals, gain: Reals, lower: Reals, upper: Reals) -> Reals:
        """Return the best move from a point.

        Parameters
        ----------
        residuals
            At the point, shape (moments,).
        slopes
            Change of each residual for a unit of each parameter, shape (moments, parameters).
        gain
            Change of the truth to be made large, shape (parameters,); zeros ask for the smallest excess alone.
        lower, upper
            How far each parameter may move, shape (parameters,); lower <= 0 <= upper.
        """

    def with_more(self, count: int) -> Self:
        """Return the rule for ``count`` further figures, which the best world reproduces exactly."""


@dataclass(frozen=True, slots=True)
class EachFigure:
    """Every figure within limits of its own, in standard errors; shapes (moments,)."""

    lower: Reals
    upper: Reals
    errors: float

    @classmethod
    def around(cls, best: Reals, errors: float = 2.0, slack: float = 0.0) -> "EachFigure":
        """Return the rule that a figure lies within ``errors``, or no farther off than in the best world + slack."""
        return cls(np.minimum(-errors, best - slack), np.maximum(errors, best + slack), errors)

    def with_more(self, count: int) -> "EachFigure":
        """Return the rule with ``count`` further figures, each within the same number of errors."""
        limits = np.full(count, self.errors)
        return EachFigure(np.append(self.lower, -limits), np.append(self.upper, limits), self.errors)

    def excess(self, residuals: Reals) -> float:
        """Return the sum of what exceeds the limits."""
        if not np.isfinite(residuals).all():
            return float("inf")
        return float((np.maximum(self.lower - residuals, 0.0) + np.maximum(residuals - self.upper, 0.0)).sum())

    def move(self, residuals: Reals, slopes: Reals, gain: Reals, lower: Reals, upper: Reals) -> Reals:
        """Solve two linear programs: the smallest excess within reach, then the largest gain at that excess."""
        least = self._solve(residuals, slopes, np.zeros_like(gain), lower, upper, None)
        room = float(least[2 * len(gain) :].sum()) + TOLERANCE / 10
        chosen = self._solve(residuals, slopes, gain, lower, upper, room) if gain.any() else least
        return chosen[: len(gain)] - chosen[len(gain) : 2 * len(gain)]

    def _solve(
        self, residuals: Reals, slopes: Reals, gain: Reals, lower: Reals, upper: Reals, room: float | None
    ) -> Reals:
        """Return moves up, moves down and what exceeds each limit; the total excess is free where room is None."""
        from scipy.optimize import linprog  # noqa: PLC0415 - heavy: loaded when used

        moments, parameters = slopes.shape
        cost = THRIFT * np.abs(gain).max()
        over = np.full(moments, 1.0 if room is None else 0.0)
        objective = np.concatenate([cost - gain, cost + gain, over])
        free = -np.eye(moments)
        rows = np.block([[slopes, -slopes, free], [-slopes, slopes, free]])
        limits = np.concatenate([self.upper - residuals, residuals - self.lower])
        if room is not None:
            rows = np.vstack([rows, np.concatenate([np.zeros(2 * parameters), np.ones(moments)])])
            limits = np.append(limits, room)
        most = np.concatenate([upper, -lower, np.full(moments, np.inf)])
        found = linprog(objective, A_ub=rows, b_ub=limits, bounds=[(0.0, float(high)) for high in most])
        return np.zeros_like(most) if found.x is None else np.asarray(found.x, dtype=float)


@dataclass(frozen=True, slots=True)
class WholeFit:
    """The length of the vector of residuals no larger than ``radius``."""

    radius: float

    @classmethod
    def around(cls, best: Reals, worse: float = 3.84) -> "WholeFit":
        """Return the rule that chi-square is at most the best world's plus ``worse``."""
        return cls(float(np.sqrt((best**2).sum() + worse)))

    def with_more(self, count: int) -> "WholeFit":
        """Return the same rule: figures that the best world reproduces exactly add nothing to its chi-square."""
        return self

    def excess(self, residuals: Reals) -> float:
        """Return by how much the length exceeds the radius."""
        if not np.isfinite(residuals).all():
            return float("inf")
        return max(0.0, float(np.linalg.norm(residuals)) - self.radius)

    def move(self, residuals: Reals, slopes: Reals, gain: Reals, lower: Reals, upper: Reals) -> Reals:
        """Halve the weight of the truth against the fit until the fit is as bad as it may be, and no worse."""
        size = float(np.abs(gain).max())
        best = _weighed(residuals, slopes, gain, 0.0, lower, upper)
        if size == 0 or self.excess(residuals + slopes @ best) > 0:
            return best
        low, high = -12.0, 12.0  # of the logarithm (base 10) of the weight
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            tried = _weighed(residuals, slopes, gain / size, 10.0**middle, lower, upper)
            if self.excess(residuals + slopes @ tried) > 0:
                high = middle
            else:
                low, best = middle, tried
        return best


def _weighed(residuals: Reals, slopes: Reals, gain: Reals, weight: float, lower: Reals, upper: Reals) -> Reals:
    """Return the move within reach with the least half sum of squares minus ``weight`` times the gain."""
    from scipy.optimize import lsq_linear  # noqa: PLC0415 - heavy: loaded when used

    ridge = RIDGE * max(float(np.abs(slopes).max()), 1e-12)
    rows = np.vstack([slopes, ridge * np.eye(slopes.shape[1])])
    targets = np.concatenate([-residuals, weight / ridge * gain])
    apart = np.maximum(upper, lower + 1e-12)  # the solver refuses a parameter that cannot move at all
    return np.clip(lsq_linear(rows, targets, (lower, apart), method="bvls").x, lower, upper)
