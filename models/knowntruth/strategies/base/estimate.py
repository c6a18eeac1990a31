"""What every strategy returns: a number with an interval, or, where none is identified, a range with one.

Uncertainty is clustered by user throughout. A strategy says how far each session pulls its number (the
*influence*, shape (n,)); pulls are summed within a user before they are squared (Liang and Zeger 1986,
doi:10.1093/biomet/73.1.13). Intervals use Student's t with one degree of freedom less than there are users.
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
    """What one strategy says of one contrast.

    ``value`` and ``standard_error`` are in ``unit`` (ratio of geometric means, or difference in probability) and
    are NaN where the assumptions leave a range; ``least`` and ``greatest`` are the ends of that range, both
    ``value`` where it is a point. ``lower`` and ``upper`` limit the interval that holds the truth with probability
    ``confidence`` if the assumptions hold. ``n`` and ``users`` count the sessions and people used. ``treatment`` is
    that of the estimand but for the strategy that studies another.

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

    def covers(self, truth: float) -> bool:
        """Return whether the interval holds ``truth``."""
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
        How far each session pulls the estimate, times the number of sessions; mean zero, shape (n,).
    users
        The person behind each session, numbered from 0, shape (n,).

    Examples
    --------
    >>> clustered_error(np.array([1.0, -1.0]), np.array([0, 1]))
    1.0
    """
    pulls = np.bincount(users, weights=influence)
    people = len(pulls)
    return math.sqrt(people / max(people - 1, 1) * float(pulls @ pulls)) / len(influence)


def quantile(confidence: float, freedom: float) -> float:
    """Return how many standard errors an interval reaches to either side."""
    from scipy.stats import t

    return float(t.ppf(0.5 + confidence / 2, max(freedom, 1.0)))


def reach_of_range(width: float, error: float, confidence: float) -> float:
    """Return how many standard errors an interval for a partly identified number reaches past its range.

    The truth cannot be past both ends at once, so the wider the range the nearer to a one-sided reach (Imbens and
    Manski 2004, doi:10.1111/j.1468-0262.2004.00555.x).

    Parameters
    ----------
    width
        Of the range, in the units of ``error``, the larger of the standard errors of its two ends.

    Examples
    --------
    >>> round(reach_of_range(0.0, 1.0, 0.95), 2), round(reach_of_range(9.0, 1.0, 0.95), 2)
    (1.96, 1.64)
    """
    from scipy.optimize import brentq
    from scipy.stats import norm

    if error <= 0.0:
        return 0.0
    slack = max(width, 0.0) / error
    return float(brentq(lambda c: norm.cdf(c + slack) - norm.cdf(-c) - confidence, 0.0, 10.0))
