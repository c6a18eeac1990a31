"""The result of testing one invariant, and the tolerance for sampling error of a statistical test."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scipy.special import ndtri

FALSE_ALARM: Final = 1e-5
"""Probability that a statistical invariant that holds is reported as broken, over all of its comparisons."""

MAX_LISTED: Final = 4
"""Number of breaches that a note lists."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """The result of testing one invariant in one world.

    ``worst`` is the number of breaches of an exact invariant, and otherwise the largest deviation in standard
    errors; None if nothing could be tested. ``allowed`` is the largest value at which it holds. ``n`` is the number
    of sessions, or of people, tested. ``note`` lists the breaches, or what was left out.

    Examples
    --------
    >>> result = exact("determinism", "Does the same seed give the same bytes?", [], n=100)
    >>> result.holds, result.n
    (True, 100)
    """

    name: str
    question: str
    holds: bool
    worst: float | None
    allowed: float | None
    n: int
    note: str = ""


def exact(name: str, question: str, breaches: Sequence[str], n: int, note: str = "") -> Invariant:
    """Return the result of an exact invariant, which holds only without a single breach."""
    return Invariant(name, question, not breaches, float(len(breaches)), 0.0, n, list_first(breaches) or note)


def statistical(
    name: str, question: str, deviations: dict[str, float], n: int, note: str = "", comparisons: int | None = None
) -> Invariant:
    """Return the result of a statistical invariant, given the deviation of each comparison in standard errors.

    ``comparisons`` is their number, if each deviation is itself the largest of several.
    """
    if not deviations:
        return Invariant(name, question, True, None, None, n, note or "nothing to compare in this world")
    allowed = tolerance(comparisons or len(deviations))
    beyond = sorted((key for key in deviations if deviations[key] > allowed), key=lambda key: -deviations[key])
    broken = [f"{key} ({deviations[key]:.1f} SE)" for key in beyond]
    note = list_first(broken) or note
    return Invariant(name, question, not broken, max(deviations.values()), allowed, n, note)


def tolerance(comparisons: int) -> float:
    """Return the critical value in standard errors for the largest of several comparisons (Bonferroni, two-sided).

    Examples
    --------
    >>> round(tolerance(1), 2), round(tolerance(500), 2)
    (4.42, 5.61)
    """
    return float(-ndtri(FALSE_ALARM / (2 * comparisons)))


def list_first(breaches: Sequence[str]) -> str:
    """Return the first few breaches as text, and how many more there are."""
    more = f"; and {len(breaches) - MAX_LISTED} more" if len(breaches) > MAX_LISTED else ""
    return "; ".join(breaches[:MAX_LISTED]) + more
