"""One plain sentence that compares a number of the study with the truth.

Two numbers agree when they lie within two combined standard errors. The sentence reports only the arithmetic: the
estimate, the true effect, the size and direction of the error, and the estimate with perfect instruments.
"""

import math
from typing import Final, Literal

from knowntruth.study.estimation.estimates import Estimate

Unit = Literal["ratio", "percent per level", "percentage points", "probability per level"]

NO_EFFECT: Final[dict[Unit, float]] = {
    "ratio": 1.0, "percent per level": 0.0, "percentage points": 0.0, "probability per level": 0.0,
}  # fmt: skip

FORMATS: Final[dict[Unit, str]] = {
    "ratio": "{:.2f} times", "percent per level": "{:+.1f}% per level", "percentage points": "{:+.1f} points",
    "probability per level": "{:+.4f} per level",
}  # fmt: skip

MAX_ERRORS_APART: Final = 2.0
"""Combined standard errors within which two numbers agree."""

NOISE_FLOOR: Final = 1e-9
"""Differences below this are floating-point rounding; needed where an exact truth has no error."""


def convert_to_unit(true: Estimate, unit: Unit) -> Estimate:
    """Return a truth, given as ratio or probability, in the unit of the claim."""
    if unit == "percentage points":
        return true.times(100.0)
    return true.plus(-1.0).times(100.0) if unit == "percent per level" else true


def format_value(value: float, unit: Unit) -> str:
    """Format ``value`` with its unit, as the sentence shows it.

    Examples
    --------
    >>> format_value(9.12, "percentage points")
    '+9.1 points'
    """
    return FORMATS[unit].format(value).replace("-", "−")


def verdict_sentence(
    method: str, unit: Unit, seen: Estimate, perfect: Estimate, true: Estimate, why_no_truth: str
) -> str:
    """Return the verdict on ``seen`` as one sentence that begins with ``method``."""
    if not math.isfinite(seen.value):
        return f"{method} cannot be computed: too few sessions in these data."
    if not math.isfinite(true.value):
        reason = why_no_truth or "the truth behind these data is not known"
        return f"{method} is {format_value(seen.value, unit)}{_through(perfect, unit)}; {reason}."
    return f"{method} {_against_truth(unit, seen, true)}{_through(perfect, unit)}."


def _against_truth(unit: Unit, seen: Estimate, true: Estimate) -> str:
    null, here, there = NO_EFFECT[unit], format_value(seen.value, unit), format_value(true.value, unit)
    if _agree(seen, true):
        return f"agrees with the true effect within its error ({here} against a true {there})"
    if _agree(true, Estimate(null, 0.0, 0)):
        return f"shows {here} where there is no true effect"
    if (seen.value - null) * (true.value - null) <= 0:
        return f"has the wrong sign ({here} against a true {there})"
    return _how_far(unit, seen.value, true.value)


def _how_far(unit: Unit, seen: float, true: float) -> str:
    word = "overstates" if abs(seen - NO_EFFECT[unit]) > abs(true - NO_EFFECT[unit]) else "understates"
    if unit == "ratio":
        return f"{word} the true ratio by {abs(seen / true - 1):.0%} ({seen:.2f} against a true {true:.2f})"
    size = f"{seen / true:.0%} of" if word == "understates" else f"{seen / true:.1f} times"
    estimate, truth, error = (format_value(value, unit) for value in (seen, true, seen - true))
    return (
        f"{word} the effect: it shows {size} the true effect ({estimate} against a true {truth}, an error of {error})"
    )


def _through(perfect: Estimate, unit: Unit) -> str:
    if not math.isfinite(perfect.value):
        return ""
    return f"; through perfect instruments it would be {format_value(perfect.value, unit)}"


def _agree(one: Estimate, other: Estimate) -> bool:
    """Whether two numbers lie within two combined standard errors; an unknown error counts as zero."""
    errors = [each.standard_error for each in (one, other) if math.isfinite(each.standard_error)]
    return abs(one.value - other.value) <= MAX_ERRORS_APART * math.hypot(*errors) + NOISE_FLOOR
