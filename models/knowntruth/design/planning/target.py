"""The target of a study: a maximum width of the interval, or a minimum power."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.common.intervals import Z_95
from knowntruth.design.diagnosis.diagnose_table import wilson

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Target:
    """Exactly one of ``width``, of a 95% interval in the effect's unit, and ``power``, a probability.

    Examples
    --------
    >>> Target(power=0.8).words
    'the effect found in 80% of studies'
    """

    width: float | None = None
    power: float | None = None

    def __post_init__(self) -> None:
        if (self.width is None) == (self.power is None):
            raise InputError("give one target: --width of the interval, or --power")
        if self.width is not None and not self.width > 0:
            raise InputError(f"the width must be above 0, got {self.width}")
        if self.power is not None and not 0 < self.power < 1:
            raise InputError(f"the power must be a probability between 0 and 1, got {self.power}")

    @property
    def words(self) -> str:
        """The target in words."""
        if self.width is not None:
            return f"intervals no wider than {self.width:g} on average"
        return f"the effect found in {self.power:.0%} of studies"

    @property
    def goal(self) -> float:
        """The value to reach: the width, or the power."""
        return float(self.width if self.width is not None else self.power or 0.0)

    def reached(self, rows: "pd.DataFrame") -> Floats:
        """Return for each replicate whether it reached the target: 1 or 0, shape (R,); 0 without an answer.

        The interval is narrow enough; or it excludes no effect, on the side of the truth.
        """
        lower, upper, truth, none = (rows[name].to_numpy(np.float64) for name in _COLUMNS)
        with np.errstate(invalid="ignore"):
            if self.width is not None:
                done = upper - lower <= self.width
            else:
                done = np.where(truth >= none, lower > none, upper < none)
        return done.astype(np.float64)

    def estimate(self, rows: "pd.DataFrame") -> tuple[float, float, float]:
        """Return the mean width or the power of replicates, with 95% limits."""
        if self.width is None:
            share = float(self.reached(rows).mean())
            return (share, *wilson(share, len(rows)))
        wide = (rows["upper"] - rows["lower"]).to_numpy(np.float64)
        wide = wide[np.isfinite(wide)]
        error = float(wide.std(ddof=1) / np.sqrt(len(wide))) if len(wide) > 1 else float("nan")
        mean = float(wide.mean()) if len(wide) else float("nan")
        return mean, mean - Z_95 * error, mean + Z_95 * error

    def holds(self, value: float) -> bool:
        """Whether a mean width, or a power, reaches the target."""
        return value <= self.goal if self.width is not None else value >= self.goal


_COLUMNS: Final = ("lower", "upper", "truth", "no_effect")


def check_probability(name: str, value: float) -> float:
    """Return a probability.

    Raises
    ------
    InputError
        If it is none.
    """
    if not 0 < value < 1:
        raise InputError(f"{name} must be a probability between 0 and 1, got {value}")
    return value


def describe_target(target: Target) -> dict[str, Any]:
    """Return the target as JSON values."""
    return {"width": target.width, "power": target.power}
