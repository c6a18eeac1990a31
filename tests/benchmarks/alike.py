"""Are two tables of sessions alike in distribution? Every variable, every pair of variables, people as a whole.

Sessions of one person resemble each other, so tests that need independent rows see one session a person, and means
over all sessions carry errors clustered by person. Tests of means use ranks (of both tables together, scaled to mean
0 and variance 1): heavy tails then cannot spoil the normal approximation.

`differences` returns one p-value a test. Under equality each is uniform, or larger where it is conservative, so
whatever lies below ``level / number of tests`` is a finding, and with chance ``level`` at most is any finding false.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

FEW = 25
"""Variables with at most so many distinct values are compared by cells, others by their distribution functions."""

LEAST = 20
"""Rows (of both tables together) that the chi-squared approximation needs in a cell; rarer cells become one."""

DECIMALS = 9
"""Numbers that agree so far are equal: the same chance comes out a hair different by other routes."""

Floats = NDArray[np.float64]


def differences(
    one: pd.DataFrame, other: pd.DataFrame, variables: Sequence[str], joint: Sequence[tuple[str, str]] = ()
) -> pd.Series:
    """Return the p-value of each test that two tables of sessions come from one distribution, by the test's name.

    Parameters
    ----------
    one, other
        A row a session, with ``user_id`` and the ``variables`` as numbers.
    variables
        To compare one by one, and two by two as far as a product of ranks sees.
    joint
        Pairs of variables with few values, to compare cell by cell.
    """
    one, other = one.round(DECIMALS), other.round(DECIMALS)
    first, other_first = (table[~table["user_id"].duplicated()] for table in (one, other))
    found = dict(_distributions(first, other_first, variables, joint))
    names = [
        [f"{a} with {b}" for a, b in combinations(variables, 2)],
        [f"mean {name}" for name in variables],
        [f"{name} again" for name in variables],
    ]
    scores, other_scores = _scores(one, other, variables)
    for estimate, tests in zip((_products, _means, _returns), names, strict=True):
        p_values = _two_sided(estimate(scores, one["user_id"]), estimate(other_scores, other["user_id"]))
        found |= dict(zip(tests, p_values, strict=True))
    return pd.Series(found).dropna()


def findings(p_values: pd.Series, level: float) -> list[str]:
    """Return the tests that find a difference, at a family-wise ``level`` (Bonferroni)."""
    return list(p_values.index[p_values < level / len(p_values)])


def _distributions(
    one: pd.DataFrame, other: pd.DataFrame, variables: Sequence[str], joint: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, float]]:
    """Compare independent rows: chi-squared where values are few, Kolmogorov-Smirnov where they are many."""
    for name in variables:
        few = one[name].nunique() <= FEW
        yield name, (_cells_differ if few else _functions_differ)(one[name], other[name])
    for a, b in joint:
        yield f"{a} by {b}", _cells_differ(one[a] * 1000 + one[b], other[a] * 1000 + other[b])


def _functions_differ(one: pd.Series, other: pd.Series) -> float:
    return float(stats.ks_2samp(one, other, method="asymp").pvalue)


def _cells_differ(one: pd.Series, other: pd.Series) -> float:
    """Return the p-value of the chi-squared test of homogeneity; not a number where there is a single cell."""
    counts = pd.concat([one.value_counts(), other.value_counts()], axis=1).fillna(0).to_numpy()
    rare = counts.sum(axis=1) < LEAST
    counts = np.vstack([counts[~rare], counts[rare].sum(axis=0)])
    counts = counts[counts.sum(axis=1) >= LEAST]
    return float(stats.chi2_contingency(counts, correction=False).pvalue) if len(counts) > 1 else np.nan


def _scores(one: pd.DataFrame, other: pd.DataFrame, variables: Sequence[str]) -> tuple[Floats, Floats]:
    """Return the ranks among the rows of both tables, scaled to mean 0 and variance 1 (sessions x variables)."""
    ranks = pd.concat([one[list(variables)], other[list(variables)]]).astype(float).rank()
    scaled = ((ranks - ranks.mean()) / ranks.std()).to_numpy()
    return scaled[: len(one)], scaled[len(one) :]


def _products(scores: Floats, people: pd.Series) -> tuple[Floats, Floats]:
    """Return the mean product of each pair of scores and its variance, from each person's first session."""
    scores = scores[~people.duplicated().to_numpy()]
    pairs = np.triu_indices(scores.shape[1], 1)
    mean = (scores.T @ scores)[pairs] / len(scores)
    return mean, (((scores**2).T @ scores**2)[pairs] / len(scores) - mean**2) / len(scores)


def _means(scores: Floats, people: pd.Series) -> tuple[Floats, Floats]:
    """Return the mean of each score over all sessions and its variance (a ratio of sums over people, linearised)."""
    mean = scores.mean(axis=0)
    residual = pd.DataFrame(scores - mean).groupby(people.to_numpy()).sum()
    return mean, (residual**2).sum().to_numpy() / len(scores) ** 2


def _returns(scores: Floats, people: pd.Series) -> tuple[Floats, Floats]:
    """Return how alike a person's first two sessions are in each score, as a mean product, and its variance."""
    order = np.argsort(people.to_numpy(), kind="stable")
    second = np.flatnonzero(people.groupby(people.to_numpy()).cumcount().to_numpy()[order] == 1)
    if not len(second):
        return np.zeros(scores.shape[1]), np.full(scores.shape[1], np.nan)
    products = scores[order[second - 1]] * scores[order[second]]
    return products.mean(axis=0), products.var(axis=0) / len(products)


def _two_sided(one: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> Floats:
    """Return the p-values of z tests of two estimates and their variances; not a number where nothing varies."""
    variance = one[1] + other[1]
    z = np.divide(one[0] - other[0], np.sqrt(variance), out=np.full_like(variance, np.nan), where=variance > 0)
    return 2 * stats.norm.sf(np.abs(z))
