"""Bounds on the mean outcome if everyone were at one level, as the four bounding strategies use them.

A session at another level does not show its outcome at this one. Without assumptions that outcome can be any possible
value. Two assumptions narrow the range (Manski and Pepper 2000, doi:10.1111/1468-0262.00144):

- *response*: more expertise never lowers an outcome. A session observed at a lower level bounds its outcome at this
  level from below; one observed at a higher level bounds it from above;
- *selection*: at any given level, those who are at higher levels would on average do no worse. The mean of those
  observed at a level then bounds the mean of the others on one side.

Each end of the range is a sum of terms, and each term is a mean with an influence for every session, so both ends
have standard errors.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.sample import Sample
from knowntruth.strategies.base.select_sample import select_sample

if TYPE_CHECKING:
    import pandas as pd

NATURAL_LIMITS: Final = {"difference": (0.0, 1.0)}
"""The limits of an outcome by the scale of its estimand; activity has no natural upper limit."""


@dataclass(frozen=True, slots=True)
class Term:
    """A number with the influence of each session on it, shape (n,); terms add and subtract."""

    value: float
    influence: Floats

    def __add__(self, other: "Term") -> "Term":
        return Term(self.value + other.value, self.influence + other.influence)

    def __sub__(self, other: "Term") -> "Term":
        return Term(self.value - other.value, self.influence - other.influence)


def bound_contrast(
    observed: "pd.DataFrame", question: Question, name: str, *, response: bool, selection: bool
) -> Estimate:
    """Return the range of the contrast under neither, one or both of the assumptions.

    Raises
    ------
    InputError
        If a column is missing or constant, a level does not occur, or the outcome has no known limits although the
        bounds need them.
    """
    sample = select_sample(observed, question)
    limits = (-np.inf, np.inf) if response and selection else _limits(question, sample)
    ends = {level: bound_mean(sample, level, limits, response, selection) for level in (question.high, question.low)}
    least, greatest = ends[question.high][0] - ends[question.low][1], ends[question.high][1] - ends[question.low][0]
    if response:
        least, greatest = _one_sided(least, greatest, question)
    errors = clustered_error(least.influence, sample.users), clustered_error(greatest.influence, sample.users)
    return question.range_estimate(name, (least.value, greatest.value), errors, sample, _notes(least, greatest))


def bound_mean(
    sample: Sample, level: int, limits: tuple[float, float], response: bool, selection: bool
) -> tuple[Term, Term]:
    """Return the least and the greatest possible mean outcome if everyone were at ``level``."""
    least, greatest = (
        _sum([_group(sample, at, level, side, limit, response, selection) for at in LEVELS])
        for side, limit in zip((-1, 1), limits, strict=True)
    )
    return least, greatest


def _group(sample: Sample, at: int, level: int, side: int, limit: float, response: bool, selection: bool) -> Term:
    """Return the term of those observed at level ``at`` in the least (``side`` -1) or greatest (1) mean at ``level``.

    With sign s = side · (at - level), their own outcomes bound the term if s > 0 (monotone response), and the mean of
    those at ``level`` bounds it if s < 0 (monotone selection). Otherwise only the ``limit`` of the outcome does.
    """
    member = (sample.level == at).astype(np.float64)
    sign = side * (at - level)
    if not member.any():
        return _mean(member)
    if sign == 0 or (sign > 0 and response):
        return _mean(member * sample.outcome)
    if sign < 0 and selection:
        return _product(_mean(member), _mean_at(sample, level))
    return _mean(member * limit)


def _mean(values: Floats) -> Term:
    return Term(float(values.mean()), values - values.mean())


def _mean_at(sample: Sample, level: int) -> Term:
    """Return the mean outcome of those observed at ``level``."""
    member = sample.level == level
    mean = float(sample.outcome[member].mean())
    return Term(mean, member / member.mean() * (sample.outcome - mean))


def _product(left: Term, right: Term) -> Term:
    return Term(left.value * right.value, left.influence * right.value + left.value * right.influence)


def _sum(parts: list[Term]) -> Term:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _one_sided(least: Term, greatest: Term, question: Question) -> tuple[Term, Term]:
    """Return the ends under monotone response, where the effect of more expertise cannot be negative."""
    no_effect = Term(0.0, np.zeros_like(least.influence))
    if question.span > 0:
        return (no_effect if least.value < 0 else least), greatest
    return least, (no_effect if greatest.value > 0 else greatest)


def _limits(question: Question, sample: Sample) -> tuple[float, float]:
    support = question.support or NATURAL_LIMITS.get(question.estimand.scale)
    if support is None:
        raise InputError(
            f"column {question.outcome!r} has no upper limit, so its bounds are infinite; give its least"
            " and greatest value as support, such as support=(1, 100)"
        )
    if question.logged and support[0] <= 0:
        raise InputError(
            f"support begins at {support[0]:g}, but the logarithm of {question.outcome} is analysed; start above 0"
        )
    low, high = (float(np.log(s)) if question.logged else float(s) for s in support)
    if sample.outcome.min() < low or sample.outcome.max() > high:
        raise InputError(f"column {question.outcome!r} has values beyond its support {support}; give a wider one")
    return low, high


def _notes(least: Term, greatest: Term) -> str:
    if least.value > greatest.value:
        return "the ends cross: the assumptions contradict these rows"
    return "a range, not a point: its ends are in least and greatest"
