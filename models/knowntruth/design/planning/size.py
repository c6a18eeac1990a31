"""From pilots at a few sizes to the size that a target needs.

A standard error falls with the square root of the sample size. The variance of a study with an audit (validation)
sample has two parts::

    variance = of_session / sessions + of_audit / audited

fitted to the variances of the pilots by least squares without negative parts. Given the cost of an audited session,
in sessions, the cheapest pair that reaches a variance has a closed form (Lagrange). Bias does not fall with size, so
the power of a biased strategy is its power to find its own biased effect.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isfinite, sqrt
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.common.intervals import Z_95
from knowntruth.design.planning.target import Target

if TYPE_CHECKING:
    import pandas as pd

MAX_SESSIONS: Final = 10_000_000
"""Sessions beyond which no study is planned."""

MIN_AUDITED: Final = 100
"""Smallest number of audited sessions, with a margin over what strategies need."""


@dataclass(frozen=True, slots=True)
class Pilot:
    """The results at one size: the mean effect (estimates minus no effect), and the mean squared standard error.

    Both are on the scale on which errors are symmetric, a logarithm for ratios; ``scale`` turns an error into the
    unit of the target's width: 1 for differences, the middle estimate for ratios.
    """

    sessions: int
    audited: int
    effect: float
    variance: float
    scale: float


@dataclass(frozen=True, slots=True)
class Variance:
    """The two parts of a variance: of one session, and of one audited session (0 without an audit)."""

    of_session: float
    of_audit: float

    def at(self, sessions: float, audited: float) -> float:
        """Return the variance of a study of this size."""
        return self.of_session / sessions + (self.of_audit / audited if self.of_audit else 0.0)


def summarize_pilot(size: tuple[int, int], rows: "pd.DataFrame") -> Pilot:
    """Return what replicates show of effect and error, on logarithms for ratios, positive on the truth's side."""
    lower, upper, truth, none = (
        rows[name].to_numpy(dtype=np.float64) for name in ("lower", "upper", "truth", "no_effect")
    )
    ratio = none[0] == 1.0
    width = upper - lower
    if ratio:
        with np.errstate(invalid="ignore", divide="ignore"):
            lower, upper, truth, none = (np.log(each) for each in (lower, upper, truth, none))
    side = 1.0 if np.nanmean(truth) >= none[0] else -1.0
    error = (upper - lower) / (2 * Z_95)
    if not np.isfinite(error).any():
        return Pilot(*size, float("nan"), float("nan"), float("nan"))
    variance = float(np.nanmean(error**2))
    effect = float(np.nanmean(side * ((upper + lower) / 2 - none)))
    scale = float(np.nanmean(width) / (2 * Z_95 * np.sqrt(variance)))
    return Pilot(*size, effect, variance, scale)


def fit_variance(pilots: list[Pilot]) -> Variance:
    """Return the parts of the variance that pilots show.

    Each pilot is weighted by the inverse of its variance, since the error of a variance is proportional to it.

    Raises
    ------
    InputError
        If no pilot had an answer.
    """
    from scipy.optimize import nnls

    known = [
        summarize_pilot
        for summarize_pilot in pilots
        if isfinite(summarize_pilot.variance) and summarize_pilot.variance > 0
    ]
    if not known:
        raise InputError("no pilot study had an answer, so none can be planned; start from more --sessions")
    audit = any(summarize_pilot.audited for summarize_pilot in known)
    columns: Floats = np.array([[1 / p.sessions, 1 / p.audited if audit else 0.0] for p in known])
    variances = np.array([p.variance for p in known])
    parts, _ = nnls(columns / variances[:, None], np.ones(len(known)))
    return Variance(float(parts[0]), float(parts[1]))


def target_variance(target: Target, pilots: list[Pilot]) -> float:
    """Return the variance that reaches the target, 0 where none does.

    Of the power: the effect in standard errors is that whose interval leaves out no effect with this probability.
    """
    from scipy.stats import norm

    effect, scale = effect_and_scale(pilots)
    if target.width is not None:
        return (target.width / (2 * Z_95 * scale)) ** 2
    if effect <= 0:  # the wrong sign, or zero
        return 0.0
    return float((effect / (Z_95 + norm.ppf(target.goal))) ** 2)


def effect_and_scale(pilots: Sequence[Pilot]) -> tuple[float, float]:
    """Return the effect and the scale that pilots show together, weighted by the inverse of the variances."""
    known = [summarize_pilot for summarize_pilot in pilots if isfinite(summarize_pilot.variance)]
    weights = np.array([1 / summarize_pilot.variance for summarize_pilot in known])
    both = np.average(
        [(summarize_pilot.effect, summarize_pilot.scale) for summarize_pilot in known], axis=0, weights=weights
    )
    return float(both[0]), float(both[1])


def cheapest_size(variance: Variance, wanted: float, audit_cost: float) -> tuple[int, int]:
    """Return sessions and audited sessions of the cheapest study with a variance of ``wanted``.

    ``audit_cost`` is what an audited session costs beyond a session, in sessions.

    Raises
    ------
    InputError
        If no size up to `MAX_SESSIONS` is enough.

    Examples
    --------
    >>> cheapest_size(Variance(400.0, 0.0), 0.04, 50.0)
    (10000, 0)
    >>> cheapest_size(Variance(100.0, 4.0), 0.05, 100.0)
    (6000, 120)
    """
    if wanted <= 0:
        raise InputError("no number of sessions reaches the target: the strategy finds no effect of the right sign")
    if not variance.of_audit:
        return _possible(variance.of_session / wanted), 0
    root_session, root_audit = sqrt(variance.of_session), sqrt(audit_cost * variance.of_audit)
    sessions = root_session * (root_session + root_audit) / wanted
    audited = sqrt(variance.of_audit / audit_cost) * (root_session + root_audit) / wanted
    if audited < MIN_AUDITED:
        audited = MIN_AUDITED
        left = wanted - variance.of_audit / audited
        sessions = variance.of_session / left if left > 0 else sessions
    return _possible(max(sessions, audited)), ceil(round(audited, 6))


def _possible(sessions: float) -> int:
    if not sessions <= MAX_SESSIONS:
        raise InputError(
            f"the target needs {sessions:,.0f} sessions, more than the {MAX_SESSIONS:,} that are planned at most; "
            "ask for a wider interval or less power, or another strategy"
        )
    return max(ceil(round(sessions, 6)), 1)
