"""What the answer to one law is, and how far chance may carry a statistic before a law counts as broken."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scipy.special import ndtri

FALSE_ALARM: Final = 1e-5
"""Chance that a law on draws is called broken in a world that keeps it, over all of the law's comparisons."""

MAX_LISTED: Final = 4
"""How many breaches a note names."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """One law put to one world.

    ``worst`` is the number of breaches of a law that must hold exactly, and otherwise the largest deviation in
    standard errors; None if nothing could be asked. ``allowed`` is how large it may be. ``n`` is the number of
    sessions, or of people, looked at. ``note`` names the breaches, or what was left out.

    Examples
    --------
    >>> answer = exact("determinism", "Does the same seed give the same bytes?", [], n=100)
    >>> answer.holds, answer.n
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
    """Return the answer of a law that holds only without a single breach."""
    return Invariant(name, question, not breaches, float(len(breaches)), 0.0, n, list_first(breaches) or note)


def statistical(
    name: str, question: str, deviations: dict[str, float], n: int, note: str = "", comparisons: int | None = None
) -> Invariant:
    """Return the answer of a law on draws, given each comparison's deviation in standard errors.

    ``comparisons`` is their number where each of the deviations is the largest of several.
    """
    if not deviations:
        return Invariant(name, question, True, None, None, n, note or "nothing to compare in this world")
    allowed = tolerance(comparisons or len(deviations))
    beyond = sorted((key for key in deviations if deviations[key] > allowed), key=lambda key: -deviations[key])
    broken = [f"{key} ({deviations[key]:.1f} SE)" for key in beyond]
    note = list_first(broken) or note
    return Invariant(name, question, not broken, max(deviations.values()), allowed, n, note)


def tolerance(comparisons: int) -> float:
    """Return how many standard errors the largest of so many comparisons may deviate: Bonferroni, two-sided.

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
