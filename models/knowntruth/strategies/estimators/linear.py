"""Least squares that tell how far each session pulls each coefficient, so that any function of them has an error.

The arithmetic is a table of crossproducts, so that a full study needs no more memory than its controls do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from knowntruth.common.arrays import Flags, Floats
from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.strategies.base.question import RATING, Question
from knowntruth.strategies.base.sample import Sample

ROUNDING: Final = 1e-9
"""Share of a crossproduct's largest eigenvalue below which a direction is rounding error."""

TOLD: Final = 1e-6
"""How far short of 1 a column's share in the identified directions may fall."""

LEVEL: Final = "level {}"
"""What the column of a level is called."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A regression: ``coefficients`` (k,), ``influence`` (n, k) and ``residuals`` (n,).

    ``influence`` is how far each session pulls each coefficient, times n: its clustered mean square is the variance.
    """

    coefficients: Floats
    influence: Floats
    residuals: Floats


def least_squares(design: Floats, outcome: Floats, weights: Floats | None = None, keep: int | None = None) -> Fitted:
    """Regress ``outcome`` (n,) on the columns of ``design`` (n, k), collinear ones allowed.

    Parameters
    ----------
    keep
        How many of the first coefficients are asked for, by default all; each must be identified.

    Raises
    ------
    InputError
        If one of those asked for cannot be told from the other columns, or there are as many as sessions.
    """
    keep = design.shape[1] if keep is None else keep
    weighted = design if weights is None else design * weights[:, None]
    inverse, told, rank = _inverse(weighted.T @ design)
    if not told[:keep].all():
        raise InputError(
            f"column {RATING!r}: what is asked about it cannot be told from the controls held, which determine it;"
            " hold fewer controls, or bring more sessions"
        )
    coefficients = inverse @ (weighted.T @ outcome)
    residuals = outcome - design @ coefficients
    n = len(outcome)
    if n <= rank:
        raise InputError(f"{n} sessions are too few for {rank} coefficients; bring more, or hold fewer controls")
    freedom = np.sqrt(n / (n - rank))
    influence = (n * freedom) * residuals[:, None] * (weighted @ inverse[:, :keep])
    return Fitted(coefficients[:keep], influence, residuals)


def controls(frame: pd.DataFrame, names: Sequence[str]) -> Floats:
    """Return the columns that hold ``names``, shape (n, 1 + columns), a constant first.

    Categories, flags and numbers of few values become dummies less the commonest, other numbers a line.
    """
    from knowntruth.causal.estimation.design_matrix import block

    held = [block(frame, name).toarray() for name in names if frame[name].nunique() > 1]
    return np.column_stack([np.ones(len(frame)), *held])


def level_columns(level: Floats, question: Question) -> tuple[list[str], Floats]:
    """Return names and columns (n, up to 4) of the levels that occur but the lower one compared, the higher first."""
    there = [k for k in LEVELS if k not in (question.low, question.high) and (level == k).any()]
    kept = [question.high, *there]
    return [LEVEL.format(k) for k in kept], np.column_stack([level == k for k in kept]).astype(np.float64)


def level_contrast(
    sample: Sample, question: Question, held: Sequence[str], outcome: Floats | None = None,
    weights: Floats | None = None,
) -> tuple[float, Floats]:  # fmt: skip
    """Return the difference in outcome between the two levels, other columns held, and its influence (n,)."""
    _, levels = level_columns(sample.level, question)
    design = np.column_stack([levels, controls(sample.frame, held)])
    fitted = least_squares(design, sample.outcome if outcome is None else outcome, weights, keep=1)
    return float(fitted.coefficients[0]), fitted.influence[:, 0]


def _inverse(gram: Floats) -> tuple[Floats, Flags, int]:
    """Return the pseudo-inverse (k, k), which coefficients are identified (k,), and the rank."""
    scale = np.sqrt(np.maximum(np.diag(gram), np.finfo(float).tiny))
    values, vectors = np.linalg.eigh(gram / np.outer(scale, scale))
    kept = values > ROUNDING * values[-1]
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T / np.outer(scale, scale)
    told = (vectors[:, kept] ** 2).sum(axis=1) > 1.0 - TOLD
    return inverse, told, int(kept.sum())
