"""One plain sentence on how a number of the study stands to the truth.

Two numbers agree when they lie within two of their combined standard errors. The words never say more than the
arithmetic: how far off, in which direction, and what perfect instruments would have shown.
"""

import math
from typing import Final, Literal

from knowntruth.study.estimation.estimates import Estimate

Unit = Literal["ratio", "percent per level", "percentage points", "probability per level"]

NO_EFFECT: Final[dict[Unit, float]] = {
    "ratio": 1.0, "percent per level": 0.0, "percentage points": 0.0, "probability per level": 0.0,
}  # fmt: skip

WRITTEN: Final[dict[Unit, str]] = {
    "ratio": "{:.2f} times", "percent per level": "{:+.1f}% per level", "percentage points": "{:+.1f} points",
    "probability per level": "{:+.4f} per level",
}  # fmt: skip

ERRORS: Final = 2.0
"""Combined standard errors within which two numbers agree."""

NOISE_FLOOR: Final = 1e-9
"""Under this a difference is rounding of the computer, also where an exact truth has no error."""


def in_unit(true: Estimate, unit: Unit) -> Estimate:
    """Return a truth, given as ratio or probability, in the unit of the claim."""
    if unit == "percentage points":
        return true.times(100.0)
    return true.plus(-1.0).times(100.0) if unit == "percent per level" else true


def written(value: float, unit: Unit) -> str:
    """Return ``value`` as the sentence writes it.

    Examples
    --------
    >>> written(9.12, "percentage points")
    '+9.1 points'
    """
    return WRITTEN[unit].format(value).replace("-", "−")


def says(method: str, unit: Unit, seen: Estimate, perfect: Estimate, true: Estimate, why_no_truth: str) -> str:
    """Return the verdict on ``seen`` as one sentence that begins with ``method``."""
    if not math.isfinite(seen.value):
        return f"{method} cannot be computed: too few sessions in these data."
    if not math.isfinite(true.value):
        reason = why_no_truth or "the truth behind these data is not known"
        return f"{method} is {written(seen.value, unit)}{_through(perfect, unit)}; {reason}."
    return f"{method} {_against_truth(unit, seen, true)}{_through(perfect, unit)}."


def _against_truth(unit: Unit, seen: Estimate, true: Estimate) -> str:
    null, here, there = NO_EFFECT[unit], written(seen.value, unit), written(true.value, unit)
    if _agree(seen, true):
        return f"agrees with the true effect within its error ({here} against {there})"
    if _agree(true, Estimate(null, 0.0, 0)):
        return f"shows {here} where there is no true effect"
    if (seen.value - null) * (true.value - null) <= 0:
        return f"has the wrong sign ({here} against a true {there})"
    return _how_far(unit, seen.value, true.value)


def _how_far(unit: Unit, seen: float, true: float) -> str:
    word = "overstates" if abs(seen - NO_EFFECT[unit]) > abs(true - NO_EFFECT[unit]) else "understates"
    if unit == "ratio":
        return f"{word} the true ratio by {abs(seen / true - 1):.0%} ({seen:.2f} against {true:.2f})"
    if word == "understates":
        return f"shows {seen / true:.0%} of the true effect ({written(seen - true, unit)})"
    return f"overstates the true effect by {seen / true:.1f} times ({written(seen - true, unit)})"


def _through(perfect: Estimate, unit: Unit) -> str:
    if not math.isfinite(perfect.value):
        return ""
    return f"; through perfect instruments it would be {written(perfect.value, unit)}"


def _agree(one: Estimate, other: Estimate) -> bool:
    """Whether two numbers lie within two combined errors; an unknown error counts as none."""
    errors = [each.standard_error for each in (one, other) if math.isfinite(each.standard_error)]
    return abs(one.value - other.value) <= ERRORS * math.hypot(*errors) + NOISE_FLOOR
