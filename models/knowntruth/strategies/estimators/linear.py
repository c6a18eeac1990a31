"""Least squares with the influence of each session on each coefficient, so that any function of them has an error.

Everything is computed from crossproducts, so that a full study needs no more memory than its controls do.
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

IDENTIFIED_TOLERANCE: Final = 1e-6
"""A coefficient is identified if its column lies in the row space of the design up to this share."""

LEVEL_NAME: Final = "level {}"
"""The name of a level's column."""


@dataclass(frozen=True, slots=True)
class Regression:
    """A regression: ``coefficients`` (k,), ``influence`` (n, k) and ``residuals`` (n,).

    ``influence`` is that of each session on each coefficient, times n; `clustered_error` of a column is the standard
    error of its coefficient.
    """

    coefficients: Floats
    influence: Floats
    residuals: Floats


def least_squares(
    design: Floats, outcome: Floats, weights: Floats | None = None, keep: int | None = None
) -> Regression:
    """Regress ``outcome`` (n,) on the columns of ``design`` (n, k), which may be collinear.

    The influence of session i is n (X'WX)⁻¹ x_i w_i e_i, inflated by √(n / (n - rank)) for the fitted coefficients.

    Parameters
    ----------
    keep
        How many of the first coefficients to return, by default all; each must be identified.

    Raises
    ------
    InputError
        If one of these coefficients is not identified, or there are no more sessions than coefficients.

    Examples
    --------
    >>> line = np.column_stack([np.arange(4.0), np.ones(4)])
    >>> least_squares(line, np.array([1.0, 3.0, 5.0, 7.0])).coefficients.round(6).tolist()
    [2.0, 1.0]
    """
    keep = design.shape[1] if keep is None else keep
    weighted = design if weights is None else design * weights[:, None]
    inverse, identified, rank = _inverse(weighted.T @ design)
    if not identified[:keep].all():
        raise InputError(
            f"column {RATING!r}: its effect is not identified, because the controls determine it;"
            " use fewer controls, or bring more sessions"
        )
    coefficients = inverse @ (weighted.T @ outcome)
    residuals = outcome - design @ coefficients
    n = len(outcome)
    if n <= rank:
        raise InputError(f"{n} sessions are too few for {rank} coefficients; bring more, or use fewer controls")
    freedom = np.sqrt(n / (n - rank))
    influence = (n * freedom) * residuals[:, None] * (weighted @ inverse[:, :keep])
    return Regression(coefficients[:keep], influence, residuals)


def control_columns(frame: pd.DataFrame, names: Sequence[str]) -> Floats:
    """Return the design columns of the controls ``names``, shape (n, 1 + columns), a constant first.

    Categories, flags and numbers with few values become dummies, the most frequent value left out; other numbers
    enter linearly.
    """
    from knowntruth.causal.estimation.design_matrix import block

    blocks = [block(frame, name).toarray() for name in names if frame[name].nunique() > 1]
    return np.column_stack([np.ones(len(frame)), *blocks])


def level_columns(level: Floats, question: Question) -> tuple[list[str], Floats]:
    """Return names and dummies (n, up to 4) of the levels that occur, the high one first.

    The low level of the question is the reference and has no column.
    """
    others = [k for k in LEVELS if k not in (question.low, question.high) and (level == k).any()]
    kept = [question.high, *others]
    return [LEVEL_NAME.format(k) for k in kept], np.column_stack([level == k for k in kept]).astype(np.float64)


def level_contrast(
    sample: Sample,
    question: Question,
    controls: Sequence[str],
    outcome: Floats | None = None,
    weights: Floats | None = None,
) -> tuple[float, Floats]:
    """Return the adjusted difference in outcome between the two levels, and its influence (n,).

    ``outcome`` (n,) replaces that of the sample; ``weights`` (n,) weight the sessions.
    """
    _, levels = level_columns(sample.level, question)
    design = np.column_stack([levels, control_columns(sample.frame, controls)])
    fitted = least_squares(design, sample.outcome if outcome is None else outcome, weights, keep=1)
    return float(fitted.coefficients[0]), fitted.influence[:, 0]


def _inverse(gram: Floats) -> tuple[Floats, Flags, int]:
    """Return the pseudo-inverse (k, k), which coefficients are identified (k,), and the rank."""
    scale = np.sqrt(np.maximum(np.diag(gram), np.finfo(float).tiny))
    values, vectors = np.linalg.eigh(gram / np.outer(scale, scale))
    kept = values > ROUNDING * values[-1]
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T / np.outer(scale, scale)
    # Coefficient j is identified if unit vector j lies in the row space: its row of eigenvectors then has length 1.
    identified = (vectors[:, kept] ** 2).sum(axis=1) > 1.0 - IDENTIFIED_TOLERANCE
    return inverse, identified, int(kept.sum())
