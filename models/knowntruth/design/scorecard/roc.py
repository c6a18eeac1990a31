"""How well a score separates two kinds of cases: the ROC curve and the area under it.

The area is the probability that a case of the first kind has a higher score than one of the second; ties count half.
Its error is that of DeLong, DeLong and Clarke-Pearson 1988 (doi:10.2307/2531595); the interval is theirs on the
logit, so that it stays between 0 and 1. Worlds are independent of each other; the two outcomes of one world are not
and are never pooled. The curve is scikit-learn's. The area is ours because scikit-learn has no DeLong error; values
agree within 3e-16.
"""

from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.common.intervals import Z_95


@dataclass(frozen=True, slots=True)
class Area:
    """The area under a curve, its standard error and 95% limits; ``cases`` and ``others`` count the two kinds."""

    value: float
    error: float
    lower: float
    upper: float
    cases: int
    others: int


NOT_AVAILABLE = Area(float("nan"), float("nan"), float("nan"), float("nan"), 0, 0)


def area(cases: Floats, others: Floats) -> Area:
    """Return the area under the curve for scores of cases (m,) and of others (n,); NaN with under two of a kind.

    Examples
    --------
    >>> area(np.array([2.0, 3.0, 4.0]), np.array([1.0, 2.0, 0.0])).value.__round__(3)
    0.944
    """
    m, n = len(cases), len(others)
    if min(m, n) < 2:
        return Area(NOT_AVAILABLE.value, NOT_AVAILABLE.error, NOT_AVAILABLE.lower, NOT_AVAILABLE.upper, m, n)
    above = (cases[:, None] > others) + 0.5 * (cases[:, None] == others)
    value = float(above.mean())
    error = sqrt(above.mean(axis=1).var(ddof=1) / m + above.mean(axis=0).var(ddof=1) / n)
    lower, upper = _on_logit(value, error, min(m, n))
    return Area(value, error, lower, upper, m, n)


def curve(cases: Floats, others: Floats) -> tuple[Floats, Floats]:
    """Return false alarms and hits at every threshold, from none to all, shape (thresholds + 1,) each.

    Examples
    --------
    >>> false_alarms, hits = curve(np.array([2.0, 3.0]), np.array([0.0, 1.0]))
    >>> false_alarms.tolist(), hits.tolist()
    ([0.0, 0.0, 0.0, 0.5, 1.0], [0.0, 0.5, 1.0, 1.0, 1.0])
    """
    from sklearn.metrics import roc_curve

    is_case = np.repeat([True, False], [len(cases), len(others)])
    false_alarms, hits, _ = roc_curve(is_case, np.concatenate([cases, others]), drop_intermediate=False)
    return false_alarms, hits


def _on_logit(value: float, error: float, fewer: int) -> tuple[float, float]:
    """Return limits on the logit; at 0 or 1, where there is none, what half a case would make of it."""
    inside = min(max(value, 0.5 / fewer), 1 - 0.5 / fewer)
    spread = max(error, 0.5 / fewer) if inside != value else error
    middle, reach = log(inside / (1 - inside)), Z_95 * spread / (inside * (1 - inside))
    lower, upper = (1 / (1 + exp(-(middle + side * reach))) for side in (-1, 1))
    return (lower, 1.0) if value == 1 else (0.0, upper) if value == 0 else (lower, upper)
