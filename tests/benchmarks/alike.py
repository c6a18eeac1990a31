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
    scores, other_scores = _scores(one, other, variables)
    first, other_first = ~one["user_id"].duplicated().to_numpy(), ~other["user_id"].duplicated().to_numpy()
    names = np.array(variables)
    found = dict(_distributions(one[first], other[other_first], variables, joint))
    moments = _products_differ(scores[first], other_scores[other_first])
    found |= {f"{names[i]} with {names[j]}": moments[i, j] for i, j in combinations(range(len(names)), 2)}
    means = _means_differ((scores, one["user_id"]), (other_scores, other["user_id"]))
    found |= {f"mean {name}": p for name, p in zip(names, means, strict=True)}
    again = _returns_differ((scores, one["user_id"]), (other_scores, other["user_id"]))
    found |= {f"{name} again": p for name, p in zip(names, again, strict=True)}
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


def _products_differ(one: Floats, other: Floats) -> Floats:
    """Return the p-values for the mean product of each pair of scores, from independent rows."""
    means, variances = zip(*(_products(scores) for scores in (one, other)), strict=True)
    return _two_sided(means[0] - means[1], variances[0] + variances[1])


def _products(scores: Floats) -> tuple[Floats, Floats]:
    """Return mean product and its sampling variance for each pair of columns."""
    n = len(scores)
    mean = scores.T @ scores / n
    return mean, ((scores**2).T @ scores**2 / n - mean**2) / n


def _means_differ(one: tuple[Floats, pd.Series], other: tuple[Floats, pd.Series]) -> Floats:
    """Return the p-values for the mean over all sessions, with errors clustered by person."""
    means, variances = zip(*(_clustered(*table) for table in (one, other)), strict=True)
    return _two_sided(means[0] - means[1], variances[0] + variances[1])


def _clustered(scores: Floats, people: pd.Series) -> tuple[Floats, Floats]:
    """Return the mean of each column and its sampling variance (a ratio of sums over people, linearised)."""
    mean = scores.mean(axis=0)
    residual = pd.DataFrame(scores - mean).groupby(people.to_numpy()).sum()
    return mean, (residual**2).sum().to_numpy() / len(scores) ** 2


def _returns_differ(one: tuple[Floats, pd.Series], other: tuple[Floats, pd.Series]) -> Floats:
    """Return the p-values for how alike the first two sessions of one person are."""
    products = [_first_two(*table) for table in (one, other)]
    return _two_sided(
        products[0].mean(axis=0) - products[1].mean(axis=0),
        products[0].var(axis=0) / len(products[0]) + products[1].var(axis=0) / len(products[1]),
    )


def _first_two(scores: Floats, people: pd.Series) -> Floats:
    """Return the product of each score in a person's first and second session (people x variables)."""
    position = people.groupby(people.to_numpy()).cumcount().to_numpy()
    order = np.argsort(people.to_numpy(), kind="stable")
    second = order[position[order] == 1]
    before = order[np.flatnonzero(position[order] == 1) - 1]
    return scores[before] * scores[second]


def _two_sided(difference: Floats, variance: Floats) -> Floats:
    """Return the p-values of a z test; not a number where nothing varies."""
    known = variance > 0
    z = np.divide(difference, np.sqrt(variance), out=np.full_like(difference, np.nan), where=known)
    return 2 * stats.norm.sf(np.abs(z))
