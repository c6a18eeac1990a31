"""Diagnosands: what is asked of a strategy over many replicates, each one row of a registry.

Every diagnosand is a function of *means* of terms that each replicate contributes: bias is the mean of estimate less
truth, power the share of intervals without "no effect", type S the share of wrong signs among those. Leaving out one
replicate at a time therefore costs nothing, and the jackknife gives each its Monte Carlo error; for means it is the
closed form of Morris, White and Crowther 2019 (doi:10.1002/sim.8086, Table 6) exactly. A new diagnosand is one row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.common.arrays import Flags, Floats

if TYPE_CHECKING:
    import pandas as pd


Terms = Callable[["Results"], tuple[Floats, ...]]
"""From the replicates of a group to their terms, each (R,); a replicate with a NaN term does not count."""

Formula = Callable[..., Any]
"""From the means of the terms, numbers or arrays alike, to the diagnosand."""


@dataclass(frozen=True, slots=True)
class Results:
    """The replicates of one group as arrays, all of shape (R,).

    ``none`` is the value that means no effect; ``ratio`` says whether effects are ratios. ``failed`` is 1 where there
    is no answer.
    """

    estimate: Floats
    lower: Floats
    upper: Floats
    standard_error: Floats
    truth: Floats
    none: Floats
    ratio: Flags
    failed: Floats
    seconds: Floats

    @property
    def off(self) -> Floats:
        """Estimate less truth."""
        return self.estimate - self.truth

    @property
    def covers(self) -> Floats:
        """1 where the interval holds the truth, NaN where there is none."""
        return _known(self.lower + self.upper + self.truth, (self.lower <= self.truth) & (self.truth <= self.upper))

    @property
    def rejects(self) -> Floats:
        """1 where the interval leaves out no effect, NaN where there is none."""
        return _known(self.lower + self.upper, (self.lower > self.none) | (self.upper < self.none))

    @property
    def effect(self) -> Floats:
        """The truth as a signed distance from no effect: a difference, or the logarithm of a ratio."""
        return _distance(self.truth, self.none, self.ratio)

    @property
    def estimated(self) -> Floats:
        """The estimate as such a distance; the middle of the interval where there is no estimate."""
        middle = np.where(np.isfinite(self.estimate), self.estimate, (self.lower + self.upper) / 2)
        return _distance(middle, self.none, self.ratio)


@dataclass(frozen=True, slots=True)
class Diagnosand:
    """A named expression on replicates; ``share`` marks those that are proportions, whose limits are Wilson's.

    ``about_truth`` marks those that the truth's own error moves one for one.
    """

    name: str
    meaning: str
    terms: Terms
    formula: Formula
    share: bool = False
    about_truth: bool = False


def _known(number: Floats, true: Flags) -> Floats:
    return np.where(np.isnan(number), np.nan, true.astype(np.float64))


def _distance(value: Floats, none: Floats, ratio: Flags) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(ratio, np.log(value), value - none)


def _itself(mean: Any) -> Any:
    return mean


def _ratio(top: Any, bottom: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(top, bottom)


def _spread(mean: Any, square: Any, n: Any) -> Any:
    """Return the standard deviation from means of values, squares, and n repeated."""
    return np.sqrt(np.maximum(square - mean**2, 0.0) * n / (n - 1))


def _counted(values: Floats) -> Floats:
    return np.full(len(values), np.isfinite(values).sum(), dtype=np.float64)


def _wrong_sign(r: Results) -> tuple[Floats, Floats]:
    wrong = np.where(r.effect == 0, np.nan, np.sign(r.estimated) != np.sign(r.effect))
    return r.rejects * wrong, r.rejects + 0 * wrong


def _exaggerated(r: Results) -> tuple[Floats, Floats]:
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(r.effect == 0, np.nan, np.abs(r.estimated) / np.abs(r.effect))
    return r.rejects * factor, r.rejects + 0 * factor


_ROWS: Final = (
    Diagnosand("bias", "mean of estimate less truth", lambda r: (r.off,), _itself, about_truth=True),
    Diagnosand("rmse", "root of the mean squared error", lambda r: (r.off**2,), np.sqrt),
    Diagnosand("sd", "standard deviation of the estimates about their mean error",
               lambda r: (r.off, r.off**2, _counted(r.off)), _spread),
    Diagnosand("mean_error", "root of the mean squared standard error that the strategy gives",
               lambda r: (r.standard_error**2,), np.sqrt),
    Diagnosand("coverage", "share of intervals that hold the truth", lambda r: (r.covers,), _itself, share=True),
    Diagnosand("power", "share of intervals that leave out no effect; where there is none, of false alarms",
               lambda r: (r.rejects,), _itself, share=True),
    Diagnosand("type_s", "share of wrong signs among the intervals that leave out no effect", _wrong_sign, _ratio),
    Diagnosand("type_m", "mean exaggeration of the effect among the intervals that leave out no effect",
               _exaggerated, _ratio),
    Diagnosand("mean_width", "mean width of the interval", lambda r: (r.upper - r.lower,), _itself),
    Diagnosand("failure_rate", "share of replicates without an answer", lambda r: (r.failed,), _itself, share=True),
    Diagnosand("mean_seconds", "seconds that an answer takes", lambda r: (r.seconds,), _itself),
)  # fmt: skip

DIAGNOSANDS: Final[Mapping[str, Diagnosand]] = MappingProxyType({row.name: row for row in _ROWS})
"""Every diagnosand by name."""


def results(rows: "pd.DataFrame") -> Results:
    """Return the rows of a table of replicates as arrays."""
    numbers = ("estimate", "lower", "upper", "standard_error", "truth", "no_effect")
    estimate, lower, upper, error, truth, none = (rows[name].to_numpy(dtype=np.float64) for name in numbers)
    failed: Floats = rows["error"].ne("").to_numpy().astype(np.float64)
    seconds: Floats = np.where(failed, np.nan, rows["seconds"].to_numpy(dtype=np.float64))
    return Results(estimate, lower, upper, error, truth, none, none == 1.0, failed, seconds)
