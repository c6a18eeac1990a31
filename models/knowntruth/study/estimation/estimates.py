"""A number with its standard error: the simple estimators of the published tables.

Standard errors are clustered by user, because one person's sessions resemble each other: deviations from the
estimate are summed within a user before they are squared. Without data the result is `EMPTY`, not an exception, so
that a small sample gives a table with missing values.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

NAN: Final = float("nan")

Column = pd.Series | npt.NDArray[np.float64]
"""One number or flag per session."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, its standard error and the number of sessions behind it; NaN and 0 where there are none."""

    value: float
    standard_error: float
    n: int

    def times(self, factor: float) -> "Estimate":
        """Return the estimate in another unit, ``factor`` of the new to one of the old."""
        return Estimate(self.value * factor, self.standard_error * abs(factor), self.n)

    def plus(self, constant: float) -> "Estimate":
        """Return the estimate plus a constant that has no error."""
        return Estimate(self.value + constant, self.standard_error, self.n)


EMPTY: Final = Estimate(NAN, NAN, 0)


def mean(values: Column, users: "pd.Series[int]") -> Estimate:
    """Estimate the mean of ``values`` with its error clustered by ``users``.

    Parameters
    ----------
    values, users
        One entry per session, without missing values.

    Examples
    --------
    >>> mean(pd.Series([0.0, 1.0]), pd.Series([7, 8])).value
    0.5
    """
    x: npt.NDArray[np.float64] = np.asarray(values, dtype=np.float64)
    if x.size == 0:
        return EMPTY
    centre = float(x.mean())
    deviations: npt.NDArray[np.float64] = np.asarray(x - centre, dtype=np.float64)
    return Estimate(centre, _clustered_error(deviations, users), int(x.size))


def percent(flags: "pd.Series[bool]", users: "pd.Series[int]") -> Estimate:
    """Estimate the share of ``flags`` that are true, in percent, with its error clustered by ``users``."""
    return mean(flags, users).times(100.0)


def geometric_mean(values: "pd.Series[float]", users: "pd.Series[int]") -> Estimate:
    """Estimate the geometric mean of the positive ``values``; the error is by the delta method.

    A session with a value of zero has no logarithm and is left out, as in a regression on logs.
    """
    x: npt.NDArray[np.float64] = np.asarray(values, dtype=np.float64)
    logs = mean(np.log(x[x > 0]), users[x > 0])
    centre = math.exp(logs.value)
    return Estimate(centre, centre * logs.standard_error, logs.n)


def median(values: "pd.Series[float]") -> Estimate:
    """Estimate the median; the error is half the distance between the order statistics one error away.

    Distribution-free: the rank of the median has standard error ``sqrt(n) / 2``. Sessions of one user are
    treated as independent.
    """
    x = np.sort(values.to_numpy(dtype=np.float64))
    if x.size == 0:
        return EMPTY
    step = 0.5 / math.sqrt(x.size)
    low, centre, high = np.quantile(x, [max(0.5 - step, 0.0), 0.5, min(0.5 + step, 1.0)])
    return Estimate(float(centre), float(high - low) / 2, int(x.size))


def difference(left: Estimate, right: Estimate) -> Estimate:
    """Return ``left - right``, assuming that the two are independent."""
    error = math.hypot(left.standard_error, right.standard_error)
    return Estimate(left.value - right.value, error, left.n + right.n)


def ratio(left: Estimate, right: Estimate) -> Estimate:
    """Return ``left / right`` by the delta method for independent estimates; NaN where ``right`` is zero."""
    if not right.value:
        return Estimate(NAN, NAN, left.n + right.n)
    value = left.value / right.value
    error = math.hypot(left.standard_error, value * right.standard_error) / abs(right.value)
    return Estimate(value, error, left.n + right.n)


def _clustered_error(deviations: npt.NDArray[np.float64], users: "pd.Series[int]") -> float:
    codes, names = pd.factorize(users)
    if len(names) < 2:
        return NAN
    sums = np.bincount(codes, weights=deviations)
    correction = len(names) / (len(names) - 1)
    return math.sqrt(correction * float(sums @ sums)) / deviations.size
