"""What every strategy returns: a point with an interval or, where only a range is identified, a range with one.

All standard errors are clustered by user. A strategy gives the *influence* of each session on its estimate, shape
(n,). Influence is summed within users before it is squared (Liang and Zeger 1986, doi:10.1093/biomet/73.1.13).
Intervals use Student's t; its degrees of freedom are the number of users less one.
"""

import math
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats, Ints

if TYPE_CHECKING:
    import pandas as pd


NAN: Final = float("nan")


@dataclass(frozen=True, slots=True)
class Estimate:
    """One strategy's estimate of one contrast.

    ``value`` and ``standard_error`` are in ``unit`` (ratio of geometric means, or difference in probability). They
    are NaN where the assumptions identify only a range. ``least`` and ``greatest`` are the ends of that range; both
    equal ``value`` for a point estimate. ``lower`` and ``upper`` limit the interval that covers the truth with
    probability ``confidence`` if the assumptions hold. ``n`` and ``users`` count the sessions and people used.
    ``treatment`` is that of the estimand, unless the strategy studies another one.

    Examples
    --------
    >>> asked = ("naive", "activity_ratio", "domain_expertise", "5 vs 1")
    >>> found = Estimate(*asked, 2.0, 1.5, 2.5, 0.25, 0.95, "ratio", 100, 90, 2.0, 2.0)
    >>> found.covers(1.8), found.covers(1.0)
    (True, False)
    """

    strategy: str
    estimand: str
    treatment: str
    contrast: str
    value: float
    lower: float
    upper: float
    standard_error: float
    confidence: float
    unit: str
    n: int
    users: int
    least: float
    greatest: float
    notes: str = ""

    def __repr__(self) -> str:
        """Return the estimate in two lines."""
        what = f"{self.estimand}, {self.contrast}" + (f" ({self.unit})" if self.unit else "")
        middle = f"{self.least:.3g} to {self.greatest:.3g}" if math.isnan(self.value) else f"{self.value:.3g}"
        interval = f"{self.confidence:.0%} interval {self.lower:.3g} to {self.upper:.3g}"
        n = f"{self.n:,} sessions of {self.users:,} users"
        return f"Estimate by {self.strategy}: {what}\n  {middle}, {interval}, {n}"

    def _repr_html_(self) -> str:
        from html import escape

        first, second = repr(self).split("\n")
        notes = f"<br>{escape(self.notes)}" if self.notes else ""
        return f"<b>{escape(first)}</b><br>{escape(second.strip())}{notes}"

    def to_frame(self) -> "pd.DataFrame":
        """Return the estimate as a table of one row."""
        return table([self])

    def covers(self, truth: float) -> bool:
        """Return whether the interval covers ``truth``."""
        return self.lower <= truth <= self.upper


COLUMNS: Final = tuple(field.name for field in fields(Estimate))
"""The columns of a table of estimates, in their order."""


def table(estimates: Iterable[Estimate]) -> "pd.DataFrame":
    """Return the estimates as a table, one row each, in the order given."""
    import pandas as pd

    return pd.DataFrame([astuple(estimate) for estimate in estimates], columns=list(COLUMNS))


def clustered_error(influence: Floats, users: Ints) -> float:
    """Return the standard error of a mean of ``influence``, clustered by the numbers in ``users``.

    Parameters
    ----------
    influence
        Of each session on the estimate, times the number of sessions; mean zero, shape (n,).
    users
        The user of each session, numbered from 0, shape (n,).

    Examples
    --------
    >>> clustered_error(np.array([1.0, -1.0]), np.array([0, 1]))
    1.0
    """
    by_user = np.bincount(users, weights=influence)
    people = len(by_user)
    return math.sqrt(people / max(people - 1, 1) * float(by_user @ by_user)) / len(influence)


def t_quantile(confidence: float, freedom: float) -> float:
    """Return how many standard errors a two-sided interval extends to either side, by Student's t.

    Examples
    --------
    >>> round(t_quantile(0.95, 9), 3)
    2.262
    """
    from scipy.stats import t

    return float(t.ppf(0.5 + confidence / 2, max(freedom, 1.0)))


def imbens_manski_quantile(width: float, error: float, confidence: float) -> float:
    """Return how many standard errors an interval extends past the range of a partially identified effect.

    The truth cannot lie outside both ends at once. The quantile c solves Φ(c + width / error) - Φ(-c) = confidence,
    so it falls from the two-sided to the one-sided value as the range gets wider (Imbens and Manski 2004,
    doi:10.1111/j.1468-0262.2004.00555.x).

    Parameters
    ----------
    width
        Of the range, in the unit of the outcome.
    error
        The larger of the standard errors of the two ends, in the same unit.

    Examples
    --------
    >>> [round(imbens_manski_quantile(width, 1.0, 0.95), 2) for width in (0.0, 9.0)]
    [1.96, 1.64]
    """
    from scipy.optimize import brentq
    from scipy.stats import norm

    if error <= 0.0:
        return 0.0
    slack = max(width, 0.0) / error
    return float(brentq(lambda c: norm.cdf(c + slack) - norm.cdf(-c) - confidence, 0.0, 10.0))
