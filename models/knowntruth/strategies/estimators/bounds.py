"""What the four strategies of bounds share: the range of a mean outcome if everyone were at one level.

A session at another level shows nothing of what it would have been at this one, so without assumptions it could be
anything that an outcome can be. Two assumptions narrow that (Manski and Pepper 2000, doi:10.1111/1468-0262.00144):

- *response*: nobody does worse for knowing more, so a session at a lower level bounds what it would have been from
  below, and one at a higher level from above;
- *selection*: those at higher levels would do no worse at any given level, so those seen at a level bound the rest.

Each end of a range is a sum of parts, and each part a mean that every session pulls on, so ends have errors.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.strategies.base.estimate import Estimate, clustered_error
from knowntruth.strategies.base.question import Question
from knowntruth.strategies.base.sample import Sample, enter

if TYPE_CHECKING:
    import pandas as pd

ALWAYS: Final = {"difference": (0.0, 1.0)}
"""What an outcome can be, by the scale of its estimand; activity has no upper limit of its own."""


@dataclass(frozen=True, slots=True)
class Part:
    """A number with each session's pull on it, shape (n,); parts add and subtract."""

    value: float
    pulls: Floats

    def __add__(self, other: "Part") -> "Part":
        return Part(self.value + other.value, self.pulls + other.pulls)

    def __sub__(self, other: "Part") -> "Part":
        return Part(self.value - other.value, self.pulls - other.pulls)


def contrast(observed: "pd.DataFrame", question: Question, name: str, *, response: bool, selection: bool) -> Estimate:
    """Return the range of the contrast under neither, one or both of the assumptions.

    Raises
    ------
    InputError
        If a column is missing or constant, a level does not occur, or the outcome has no known limits where they
        are needed.
    """
    sample = enter(observed, question)
    limits = (-np.inf, np.inf) if response and selection else _limits(question, sample)
    ends = {level: mean_if(sample, level, limits, response, selection) for level in (question.high, question.low)}
    least, greatest = ends[question.high][0] - ends[question.low][1], ends[question.high][1] - ends[question.low][0]
    if response:
        least, greatest = _one_sided(least, greatest, question)
    errors = clustered_error(least.pulls, sample.users), clustered_error(greatest.pulls, sample.users)
    return question.range(name, (least.value, greatest.value), errors, sample, _notes(least, greatest))


def mean_if(
    sample: Sample, level: int, limits: tuple[float, float], response: bool, selection: bool
) -> tuple[Part, Part]:
    """Return the least and the greatest that the mean outcome could be if everyone were at ``level``."""
    least, greatest = (
        _sum([_group(sample, at, level, side, limit, response, selection) for at in LEVELS])
        for side, limit in zip((-1, 1), limits, strict=True)
    )
    return least, greatest


def _group(sample: Sample, at: int, level: int, side: int, limit: float, response: bool, selection: bool) -> Part:
    """Return what those seen at ``at`` add to the least (``side`` -1) or greatest (1) mean at ``level``.

    What they did bounds from below what those beneath the level would do, and from above what those over it would
    (response); on the other side they are bounded by those at the level itself (selection).
    """
    there = (sample.level == at).astype(np.float64)
    towards = side * (at - level)
    if not there.any():
        return _mean(there)
    if towards == 0 or (towards > 0 and response):
        return _mean(there * sample.outcome)
    if towards < 0 and selection:
        return _product(_mean(there), _mean_at(sample, level))
    return _mean(there * limit)


def _mean(values: Floats) -> Part:
    return Part(float(values.mean()), values - values.mean())


def _mean_at(sample: Sample, level: int) -> Part:
    """Return the mean outcome of those seen at ``level``."""
    there = sample.level == level
    mean = float(sample.outcome[there].mean())
    return Part(mean, there / there.mean() * (sample.outcome - mean))


def _product(left: Part, right: Part) -> Part:
    return Part(left.value * right.value, left.pulls * right.value + left.value * right.pulls)


def _sum(parts: list[Part]) -> Part:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _one_sided(least: Part, greatest: Part, question: Question) -> tuple[Part, Part]:
    """Return the ends once nobody can do worse for knowing more: the range begins, or ends, at no effect."""
    nothing = Part(0.0, np.zeros_like(least.pulls))
    if question.span > 0:
        return (nothing if least.value < 0 else least), greatest
    return least, (nothing if greatest.value > 0 else greatest)


def _limits(question: Question, sample: Sample) -> tuple[float, float]:
    support = question.support or ALWAYS.get(question.estimand.scale)
    if support is None:
        raise InputError(
            f"column {question.outcome!r} has no upper limit, without which the worst case has no end; give its least"
            " and greatest value as support, such as support=(1, 100)"
        )
    if question.logged and support[0] <= 0:
        raise InputError(
            f"support begins at {support[0]:g}; the logarithm of {question.outcome} is analysed: above 0"
        )
    low, high = (float(np.log(s)) if question.logged else float(s) for s in support)
    if sample.outcome.min() < low or sample.outcome.max() > high:
        raise InputError(f"column {question.outcome!r} has values beyond its support {support}; give a wider one")
    return low, high


def _notes(least: Part, greatest: Part) -> str:
    if least.value > greatest.value:
        return "the ends cross: the assumptions contradict these rows"
    return "a range, not a point: its ends are least and greatest"
