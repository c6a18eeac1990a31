"""Propensity scores: the probability of each level given the controls, and checks of overlap.

A multinomial logit by scikit-learn is fitted to the distinct patterns of the controls with their counts, so that its
cost depends on the number of patterns and not of sessions. The ridge penalty keeps coefficients of rare categories
finite; it is equivalent to a standard normal prior on each coefficient.
"""

from typing import Final

import numpy as np

from knowntruth.common.arrays import Floats, Ints
from knowntruth.common.errors import InputError
from knowntruth.strategies.base.question import RATING, Question
from knowntruth.strategies.base.sample import Sample
from knowntruth.strategies.estimators.linear import control_columns

MIN_EXPECTED: Final = 12.0
"""The expected number of sessions at a level in a category from which their absence counts as no overlap.

If the level is independent of the category, a count expected to be 12 is zero with probability exp(-12), about once
in
160,000 categories."""

MIN_EFFECTIVE: Final = 10.0
"""The smallest effective number of sessions at a level; below it a few sessions carry the whole estimate."""


def propensities(sample: Sample, question: Question) -> dict[int, Floats]:
    """Return the probability of each of the two levels compared, given the controls, shape (n,) each.

    Raises
    ------
    InputError
        If overlap fails, as `check_overlap` defines it.
    """
    check_overlap(sample, question)
    first, pattern = _patterns(sample, question)
    levels, level = np.unique(sample.level, return_inverse=True)
    counts = np.bincount(pattern * len(levels) + level, minlength=len(first) * len(levels))
    probabilities = _logit(
        control_columns(sample.frame, question.controls)[first, 1:],
        counts.reshape(len(first), len(levels)).astype(np.float64),
    )
    return {k: probabilities[pattern, int(np.searchsorted(levels, k))] for k in (question.high, question.low)}


def check_overlap(sample: Sample, question: Question) -> None:
    """Check that both levels occur in each category of each control in which they are to be expected.

    Raises
    ------
    InputError
        Naming the control, the category and the level.
    """
    for name in question.controls:
        code, categories = _codes(sample, name)
        for level in (question.high, question.low):
            at = sample.level == level
            expected = np.bincount(code) * at.mean()
            empty = (np.bincount(code, weights=at) == 0) & (expected > MIN_EXPECTED)
            if empty.any():
                where = int(np.flatnonzero(empty)[0])
                raise InputError(
                    f"no overlap: where column {name!r} is {categories[where]}, no session is at level {level} of"
                    f" {RATING}, though {expected[where]:.0f} were to be expected; leave these sessions out, or do"
                    f" not adjust for {name}"
                )


def inverse_weights(sample: Sample, question: Question, probabilities: dict[int, Floats]) -> dict[int, Floats]:
    """Return inverse-probability weights for each level, shape (n,), with mean 1, and 0 at other levels.

    Raises
    ------
    InputError
        If the effective number of sessions, (Σw)² / Σw², is below `MIN_EFFECTIVE` (Kish 1965).
    """
    weights = {level: (sample.level == level) / chance for level, chance in probabilities.items()}
    for level, weight in weights.items():
        effective = weight.sum() ** 2 / (weight**2).sum()
        if effective < MIN_EFFECTIVE:
            raise InputError(
                f"no overlap: the effective number of weighted sessions at level {level} of {RATING} is"
                f" {effective:.1f}; use fewer of the controls {', '.join(question.controls)}, or bring more sessions"
            )
    return {level: weight / weight.mean() for level, weight in weights.items()}


def _codes(sample: Sample, name: str) -> tuple[Ints, list[str]]:
    categories = sample.frame[name].astype("category").cat
    return categories.codes.to_numpy().astype(np.int64), [str(c) for c in categories.categories]


def _patterns(sample: Sample, question: Question) -> tuple[Ints, Ints]:
    """Return the first row of each distinct pattern of controls, and each session's pattern."""
    combined = np.zeros(sample.n, dtype=np.int64)
    for name in question.controls:
        code, categories = _codes(sample, name)
        combined = np.unique(combined * len(categories) + code, return_inverse=True)[1].astype(np.int64)
    _, first, pattern = np.unique(combined, return_index=True, return_inverse=True)
    return first.astype(np.int64), pattern.astype(np.int64)


def _logit(design: Floats, counts: Floats) -> Floats:
    """Return the probability of each level in each pattern, shape (patterns, levels)."""
    from sklearn.linear_model import LogisticRegression

    patterns, levels = counts.shape
    if not design.shape[1]:
        return np.repeat(counts.sum(axis=0, keepdims=True) / counts.sum(), patterns, axis=0)
    seen = counts.ravel() > 0
    x, y = np.repeat(design, levels, axis=0)[seen], np.tile(np.arange(levels), patterns)[seen]
    model = LogisticRegression(C=1.0, max_iter=1000, tol=1e-6).fit(x, y, sample_weight=counts.ravel()[seen])
    probabilities: Floats = model.predict_proba(design)
    return probabilities
