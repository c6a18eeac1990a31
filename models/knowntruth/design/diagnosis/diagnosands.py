"""Diagnosands: properties of a strategy over many replicates, each one row of `ROWS`.

Every diagnosand is a function of *means* of terms, one value per replicate: bias is the mean of estimate minus truth,
power the share of intervals that exclude "no effect", type S the share of wrong signs among those. Leave-one-out
values are therefore cheap, and the jackknife gives each diagnosand its Monte Carlo error; for means it equals the
closed form of Morris, White and Crowther 2019 (doi:10.1002/sim.8086, Table 6).

A new diagnosand is one row of `ROWS`: name, meaning, terms (from `ReplicateArrays` to arrays of shape (R,)) and
formula (from the means of the terms to the value).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.common.arrays import Flags, Floats

if TYPE_CHECKING:
    import pandas as pd


Terms = Callable[["ReplicateArrays"], tuple[Floats, ...]]
"""From the replicates of a group to their terms, each (R,); a replicate with a NaN term is left out."""

Formula = Callable[..., Any]
"""From the means of the terms, numbers or arrays alike, to the diagnosand."""


@dataclass(frozen=True, slots=True)
class ReplicateArrays:
    """The replicates of one group as arrays, all of shape (R,).

    ``no_effect`` is the value that means no effect; ``ratio`` is true where effects are ratios. ``failed`` is 1 where
    there is no answer.
    """

    estimate: Floats
    lower: Floats
    upper: Floats
    standard_error: Floats
    truth: Floats
    no_effect: Floats
    ratio: Flags
    failed: Floats
    seconds: Floats

    @property
    def deviation(self) -> Floats:
        """Estimate minus truth."""
        return self.estimate - self.truth

    @property
    def covers(self) -> Floats:
        """1 where the interval contains the truth, NaN where there is no interval."""
        return _where_known(
            self.lower + self.upper + self.truth, (self.lower <= self.truth) & (self.truth <= self.upper)
        )

    @property
    def rejects(self) -> Floats:
        """1 where the interval excludes no effect, NaN where there is no interval."""
        return _where_known(self.lower + self.upper, (self.lower > self.no_effect) | (self.upper < self.no_effect))

    @property
    def effect(self) -> Floats:
        """The truth as a signed distance from no effect: a difference, or the logarithm of a ratio."""
        return _distance(self.truth, self.no_effect, self.ratio)

    @property
    def estimated(self) -> Floats:
        """The estimate as such a distance; the middle of the interval where there is no estimate."""
        middle = np.where(np.isfinite(self.estimate), self.estimate, (self.lower + self.upper) / 2)
        return _distance(middle, self.no_effect, self.ratio)


@dataclass(frozen=True, slots=True)
class Diagnosand:
    """A named function of replicates; ``share`` marks proportions, whose limits are Wilson's.

    ``about_truth`` marks those to which the Monte Carlo error of the truth adds in full.
    """

    name: str
    meaning: str
    terms: Terms
    formula: Formula
    share: bool = False
    about_truth: bool = False


def _where_known(number: Floats, true: Flags) -> Floats:
    return np.where(np.isnan(number), np.nan, true.astype(np.float64))


def _distance(value: Floats, none: Floats, ratio: Flags) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(ratio, np.log(value), value - none)


def _identity(mean: Any) -> Any:
    return mean


def _ratio(top: Any, bottom: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(top, bottom)


def _spread(mean: Any, square: Any, n: Any) -> Any:
    """Return the standard deviation from means of values, squares, and n repeated."""
    return np.sqrt(np.maximum(square - mean**2, 0.0) * n / (n - 1))


def _counted(values: Floats) -> Floats:
    return np.full(len(values), np.isfinite(values).sum(), dtype=np.float64)


def _wrong_sign(r: ReplicateArrays) -> tuple[Floats, Floats]:
    wrong = np.where(r.effect == 0, np.nan, np.sign(r.estimated) != np.sign(r.effect))
    return r.rejects * wrong, r.rejects + 0 * wrong


def _exaggerated(r: ReplicateArrays) -> tuple[Floats, Floats]:
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(r.effect == 0, np.nan, np.abs(r.estimated) / np.abs(r.effect))
    return r.rejects * factor, r.rejects + 0 * factor


ROWS: Final = (
    Diagnosand("bias", "mean of estimate minus truth", lambda r: (r.deviation,), _identity, about_truth=True),
    Diagnosand("rmse", "root of the mean squared error", lambda r: (r.deviation**2,), np.sqrt),
    Diagnosand("sd", "standard deviation of the estimates about their mean error",
               lambda r: (r.deviation, r.deviation**2, _counted(r.deviation)), _spread),
    Diagnosand("mean_error", "root of the mean squared standard error that the strategy states",
               lambda r: (r.standard_error**2,), np.sqrt),
    Diagnosand("coverage", "share of intervals that contain the truth", lambda r: (r.covers,), _identity, share=True),
    Diagnosand("power", "share of intervals that exclude no effect; without a true effect, false alarms",
               lambda r: (r.rejects,), _identity, share=True),
    Diagnosand("type_s", "share of wrong signs among the intervals that exclude no effect", _wrong_sign, _ratio),
    Diagnosand("type_m", "mean exaggeration of the effect among the intervals that exclude no effect",
               _exaggerated, _ratio),
    Diagnosand("mean_width", "mean width of the interval", lambda r: (r.upper - r.lower,), _identity),
    Diagnosand("failure_rate", "share of replicates without an answer", lambda r: (r.failed,), _identity, share=True),
    Diagnosand("mean_seconds", "mean seconds per answer", lambda r: (r.seconds,), _identity),
)  # fmt: skip

DIAGNOSANDS: Final[Mapping[str, Diagnosand]] = MappingProxyType({row.name: row for row in ROWS})
"""Every diagnosand by name."""


def replicate_arrays(rows: "pd.DataFrame") -> ReplicateArrays:
    """Return the rows of a table of replicates as arrays."""
    numbers = ("estimate", "lower", "upper", "standard_error", "truth", "no_effect")
    estimate, lower, upper, error, truth, none = (rows[name].to_numpy(dtype=np.float64) for name in numbers)
    failed: Floats = rows["error"].ne("").to_numpy().astype(np.float64)
    seconds: Floats = np.where(failed, np.nan, rows["seconds"].to_numpy(dtype=np.float64))
    return ReplicateArrays(estimate, lower, upper, error, truth, none, none == 1.0, failed, seconds)
