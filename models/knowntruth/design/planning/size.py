"""From pilots at a few sizes to the size that a target needs.

A standard error falls with the root of what it is made from. Where a study has an audit (validation) sample as well,
its variance has two parts, one for each::

    variance = of_session / sessions + of_audit / audited

fitted to the variances of the pilots by least squares without negative parts. Given what an audited session costs, in
sessions, the cheapest pair that reaches a variance is known in closed form (Lagrange). Bias does not fall with size,
so the power of a biased strategy is that of what it believes.
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

LARGEST: Final = 10_000_000
"""Sessions beyond which no study is planned."""

MIN_AUDITED: Final = 100
"""Audited sessions that a strategy needs to answer at all, with some to spare."""


@dataclass(frozen=True, slots=True)
class Pilot:
    """What was seen at one size: the middle of the estimates less no effect, and the mean squared standard error.

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


def pilot(size: tuple[int, int], rows: "pd.DataFrame") -> Pilot:
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


def fitted(pilots: list[Pilot]) -> Variance:
    """Return the parts of the variance that pilots show.

    Each pilot counts by the inverse of its variance, since variances are known to a share of themselves.

    Raises
    ------
    InputError
        If no pilot had an answer.
    """
    from scipy.optimize import nnls

    known = [pilot for pilot in pilots if isfinite(pilot.variance) and pilot.variance > 0]
    if not known:
        raise InputError("no pilot study had an answer, so none can be planned; start from more --sessions")
    audit = any(pilot.audited for pilot in known)
    columns: Floats = np.array([[1 / p.sessions, 1 / p.audited if audit else 0.0] for p in known])
    variances = np.array([p.variance for p in known])
    parts, _ = nnls(columns / variances[:, None], np.ones(len(known)))
    return Variance(float(parts[0]), float(parts[1]))


def wanted_variance(target: Target, pilots: list[Pilot]) -> float:
    """Return the variance that reaches the target, 0 where none does.

    Of the power: the effect in standard errors is that whose interval leaves out no effect with this probability.
    """
    from scipy.stats import norm

    effect, scale = effect_and_scale(pilots)
    if target.width is not None:
        return (target.width / (2 * Z_95 * scale)) ** 2
    if effect <= 0:  # it points the wrong way, or nowhere
        return 0.0
    return float((effect / (Z_95 + norm.ppf(target.goal))) ** 2)


def effect_and_scale(pilots: Sequence[Pilot]) -> tuple[float, float]:
    """Return the effect and the scale that pilots show together, each counted by the inverse of its variance."""
    known = [pilot for pilot in pilots if isfinite(pilot.variance)]
    weights = np.array([1 / pilot.variance for pilot in known])
    both = np.average([(pilot.effect, pilot.scale) for pilot in known], axis=0, weights=weights)
    return float(both[0]), float(both[1])


def needed(variance: Variance, wanted: float, audit_cost: float) -> tuple[int, int]:
    """Return sessions and audited sessions of the cheapest study with a variance of ``wanted``.

    ``audit_cost`` is what an audited session costs beyond a session, in sessions.

    Raises
    ------
    InputError
        If none of a size that anyone has is enough.

    Examples
    --------
    >>> needed(Variance(400.0, 0.0), 0.04, 50.0)
    (10000, 0)
    >>> needed(Variance(100.0, 4.0), 0.05, 100.0)
    (6000, 120)
    """
    if wanted <= 0:
        raise InputError("no number of sessions reaches the target: what the strategy finds is not an effect there")
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
    if not sessions <= LARGEST:
        raise InputError(
            f"the target needs {sessions:,.0f} sessions, more than the {LARGEST:,} that are planned at most; "
            "ask for a wider interval or less power, or another strategy"
        )
    return max(ceil(round(sessions, 6)), 1)
