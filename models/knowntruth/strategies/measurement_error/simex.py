"""SIMEX: make the rating worse on purpose, watch the slope shrink, and run the trend back to no error at all.

For ratings on five levels (MC-SIMEX, Küchenhoff, Mwalili and Lesaffre 2006, doi:10.1111/j.1541-0420.2005.00396.x):
a validation sample gives the chances Π of each rating at each true level; a rating misread once more by Π has error
Π², and so on. What simulation is used for elsewhere, the moments of the ratings misread again, is worked out exactly
here, so nothing is drawn and nothing left to luck. The last step guesses a curve, Cook and Stefanski's rational one,
and makes SIMEX an approximation however large the sample. Errors by leaving a fiftieth of the people out at a time.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import RATING, Question
from knowntruth.strategies.base.sample import Sample, enter
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.jackknife import dealt, error_of
from knowntruth.strategies.estimators.linear import controls, least_squares
from knowntruth.strategies.estimators.validation import TRUE_LEVEL, validated

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "simex"

WORSE: Final = (0, 1, 2)
"""How many times the rating is misread once more; -1 would be no error."""

STEEPEST: Final = 7 / 3
"""How many times what the second misreading costs the first may: beyond, the curve run back is all but a pole."""


@dataclass(frozen=True, slots=True)
class _Moments:
    """All that the slope at any error needs, summed over some sessions.

    ``gram`` are crossproducts of controls, five rating dummies and outcome, in that order; ``pairs`` (5, 5) counts
    validated sessions by true level and rating.
    """

    gram: Floats
    pairs: Floats

    def without(self, other: "_Moments") -> "_Moments":
        return _Moments(self.gram - other.gram, self.pairs - other.pairs)


def simex(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the slope run back to a rating without error, times the levels between the two compared.

    Raises
    ------
    InputError
        If a column is missing or constant, or the validation sample is missing or too small.
    """
    sample = enter(observed, question, needed=question.controls)
    held = controls(sample.frame, question.controls)
    least_squares(
        np.column_stack([sample.level, held]), sample.outcome, keep=1
    )  # refuses ratings that they determine
    parts = _by_part(sample, held, question)
    whole = _Moments(np.sum([p.gram for p in parts], axis=0), np.sum([p.pairs for p in parts], axis=0))
    slope, path = run_back(whole)
    error, freedom = error_of(np.array([run_back(whole.without(part))[0] for part in parts]))
    notes = f"approximate; slope as rated {path[0]:.4f}, misread twice more {path[-1]:.4f}"
    effect, error = question.span * slope, abs(question.span) * error
    return question.answer(NAME, effect, error, sample, freedom=freedom, notes=notes)


def run_back(moments: _Moments) -> tuple[float, Floats]:
    """Return the slope at no error, and the slopes at each error of `WORSE`.

    Raises
    ------
    InputError
        If a true level was never validated.
    """
    totals = moments.pairs.sum(axis=1)
    if (totals == 0).any():
        raise InputError(
            f"the validation sample has no session at level {int(np.argmin(totals)) + 1} of {TRUE_LEVEL} in some part"
            " of the people; bring more validated sessions"
        )
    misread = moments.pairs / totals[:, None]
    path = np.array([_slope(moments.gram, np.linalg.matrix_power(misread, times)) for times in WORSE])
    return _extrapolated(path), path


def _slope(gram: Floats, misread: Floats) -> float:
    """Return the slope on a rating misread once more with chances ``misread`` (5 from, 5 to)."""
    levels = np.array(LEVELS, dtype=np.float64)
    mean, square = misread @ levels, misread @ levels**2
    k = len(gram) - 6
    left = _partial_out(gram, k)
    counts = np.diag(gram)[k : k + 5]
    spread = mean @ left[:5, :5] @ mean + float(counts @ (square - mean**2))
    return float(mean @ left[:5, 5] / spread)


def _partial_out(gram: Floats, k: int) -> Floats:
    """Return the crossproducts of all but the first ``k`` columns once those are held."""
    return np.asarray(gram[k:, k:] - gram[k:, :k] @ np.linalg.pinv(gram[:k, :k], hermitian=True) @ gram[:k, k:])


def _extrapolated(path: Floats) -> float:
    """Return the slope one misreading less: along ``a + b / (c + times)``, or a parabola where that has no sense.

    Three slopes fix the three numbers; ``c`` follows from how much less the second misreading costs than the first.
    """
    first, second = path[0] - path[1], path[1] - path[2]
    ratio = first / second if second else np.inf
    if not 1.0 < ratio < STEEPEST:
        return float(np.polyval(np.polyfit(WORSE, path, 2), -1.0))
    c = 2.0 / (ratio - 1.0)
    b = first * c * (c + 1.0)
    return float(path[0] - b / c + b / (c - 1.0))


def _by_part(sample: Sample, held: Floats, question: Question) -> list[_Moments]:
    known, true = validated(sample, question)
    ratings = sample.level[:, None] == np.array(LEVELS)
    columns = np.column_stack([held, ratings, sample.outcome])
    part, parts = dealt(sample.users, question, NAME)
    if missing := [k for k in np.unique(sample.level) if k not in LEVELS]:
        raise InputError(f"column {RATING!r}: {missing[0]:g} is not a level; allowed are {LEVELS}")
    return [_moments(columns[part == p], true[part[known] == p], sample.level[known][part[known] == p])
            for p in range(parts)]  # fmt: skip


def _moments(columns: Floats, true: Floats, rated: Floats) -> _Moments:
    cell = (true.astype(int) - 1) * 5 + rated.astype(int) - 1
    return _Moments(columns.T @ columns, np.bincount(cell, minlength=25).reshape(5, 5).astype(np.float64))


STRATEGY: Final = Strategy(
    name=NAME,
    title="Simulation extrapolation (SIMEX)",
    arrows="expertise -> rated_expertise; expertise -> outcome; controls -> expertise; controls -> outcome;"
    " expertise -> domain_expertise",
    assumptions=(
        "the rating errs without regard to the outcome, and alike whatever the controls",
        "validated sessions are like the others at the same true level",
        "the slope shrinks along the curve that is run back",
        "the controls hold everything that moves both expertise and outcome: no hidden ability",
        "each true level is worth as much as the next",
    ),
    answer=simex,
    source="Kuechenhoff, Mwalili and Lesaffre 2006 (doi:10.1111/j.1541-0420.2005.00396.x)",
    uses=("controls", "validation", "seed"),
)
