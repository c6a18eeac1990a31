"""Do the data contradict the graph? Tests of the independencies that it implies.

A graph that is not complete implies that some variables are independent given others. Each such implication is tested
by partial correlation, with dummy variables for categories. Two questions follow:

- *implied independencies*: is any of them rejected, allowing for how many there are?
- *graph against chance*: are fewer rejected than for graphs whose node names are permuted at random (Eulig et al.
  2023)? A graph that does no better is not supported by the data.

DoWhy's `falsify_graph` does this for graphs without hidden nodes; its default test does not end within minutes even
on 1,000 rows. Here hidden nodes are allowed, all tests share one table of crossproducts, and on a graph without
hidden nodes the tests are DoWhy's own (its local Markov conditions).

The test detects linear relations between numbers and shifts between categories. Sessions of one user are dependent,
so one session of each user is used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse, stats

from knowntruth.causal.estimation.design_matrix import block
from knowntruth.causal.estimation.partial_out import ROUNDING
from knowntruth.causal.identification.adjustment import moralize, nearest_separator
from knowntruth.common.arrays import Floats

TEST_LEVEL: Final = 0.01
"""Level of each test; for all of them together, it is divided by their number (Bonferroni)."""

PERMUTATIONS: Final = 100
MAX_PERMUTED_SHARE: Final = 0.05
"""Share of permuted graphs that may do as well."""


@dataclass(frozen=True, slots=True)
class Implication:
    """Two variables that the graph makes independent given ``given``."""

    one: str
    other: str
    given: tuple[str, ...]

    def renamed(self, names: Mapping[str, str]) -> "Implication":
        """Return the implication with other names."""
        return Implication(names[self.one], names[self.other], tuple(sorted(names[n] for n in self.given)))

    @property
    def words(self) -> str:
        """The implication as text."""
        return f"{self.one} ⫫ {self.other}" + (f" | {', '.join(self.given)}" if self.given else "")


def implications(graph: "nx.DiGraph[str]") -> tuple[Implication, ...]:
    """Return one implication for each ordered pair of observed nodes that observed nodes separate.

    The first of a pair is not a cause of the second. Where the causes of the first are all observed, they are the
    separating set, as in DoWhy's local Markov conditions; otherwise the separating set nearest to the first.
    """
    seen = sorted(node for node, observed in graph.nodes(data="observed") if observed)
    found = []
    for one in seen:
        later = nx.descendants(graph, one)
        causes = frozenset(graph.predecessors(one))
        for other in seen:
            if other == one or other in later or other in causes:
                continue
            given = causes if causes <= set(seen) else _separating(graph, one, other, seen)
            if given is not None:
                found.append(Implication(one, other, tuple(sorted(given))))
    return tuple(found)


def _separating(graph: "nx.DiGraph[str]", one: str, other: str, seen: Sequence[str]) -> frozenset[str] | None:
    undirected = moralize(graph, one, other, set(seen) - {one, other})
    return nearest_separator(undirected, one, other) if nx.has_path(undirected, one, other) else frozenset()


class Crossproducts:
    """Crossproducts of all columns, one column per category: the sufficient statistics of every test."""

    def __init__(self, data: pd.DataFrame) -> None:
        names = [str(name) for name in data]
        blocks = [block(data, name) for name in names]
        design = sparse.csr_array(sparse.hstack(blocks, format="csr"))
        self.n = len(data)
        means = np.asarray(design.sum(axis=0)).ravel() / self.n
        gram = (design.T @ design).toarray() / self.n - np.outer(means, means)
        edges = np.cumsum([0, *(part.shape[1] for part in blocks)])
        self.columns = {name: np.arange(edges[i], edges[i + 1]) for i, name in enumerate(names)}
        self.gram: Floats = gram
        self._p_values: dict[Implication, float] = {}

    def p_value(self, asked: Implication) -> float:
        """Return the probability of so strong a partial correlation by chance; 1 where nothing varies."""
        if asked not in self._p_values:
            self._p_values[asked] = self._test(asked)
        return self._p_values[asked]

    def _test(self, asked: Implication) -> float:
        one, other = self.columns[asked.one], self.columns[asked.other]
        held = np.concatenate([np.empty(0, dtype=np.intp), *(self.columns[name] for name in asked.given)])
        ends = np.concatenate([one, other])
        left = self.gram[np.ix_(ends, ends)]
        rank = 0
        if len(held):
            inverse, rank = _inverse(self.gram[np.ix_(held, held)])
            across = self.gram[np.ix_(ends, held)]
            left = left - across @ inverse @ across.T
        size = len(one)
        scale = np.diag(self.gram)[ends]
        first, first_rank = _inverse(left[:size, :size], scale[:size])
        second, second_rank = _inverse(left[size:, size:], scale[size:])
        if not first_rank or not second_rank:
            return 1.0
        between = left[:size, size:]
        pillai = float(np.trace(first @ between @ second @ between.T))
        if first_rank == second_rank == 1:
            return _correlation_p_value(pillai, self.n - rank - 2)
        return float(stats.chi2.sf((self.n - rank - 1) * pillai, first_rank * second_rank))


def _correlation_p_value(squared: float, freedom: int) -> float:
    """Return the p-value of a squared correlation, by Student's t."""
    if squared >= 1:
        return 0.0
    return float(2 * stats.t.sf(np.sqrt(squared * freedom / (1 - squared)), freedom))


def rejected_implications(
    table: Crossproducts, asked: Sequence[Implication], level: float = TEST_LEVEL
) -> tuple[Implication, ...]:
    """Return the implications that the data reject."""
    return tuple(one for one in asked if table.p_value(one) < level)


def compare_with_permutations(
    table: Crossproducts,
    asked: Sequence[Implication],
    names: Sequence[str],
    rng: np.random.Generator,
    permutations: int = PERMUTATIONS,
) -> tuple[float, NDArray[np.int64]]:
    """Return the share of graphs with permuted names that do as well, and how many tests each fails."""
    own = len(rejected_implications(table, asked))
    failed = []
    for _ in range(permutations):
        permuted = dict(zip(names, [str(n) for n in rng.permutation(list(names))], strict=True))
        failed.append(len(rejected_implications(table, [one.renamed(permuted) for one in asked])))
    counts = np.array(failed, dtype=np.int64)
    return float(np.mean(counts <= own)), counts


def _inverse(gram: Floats, scale: Floats | None = None) -> tuple[Floats, int]:
    """Return the inverse of a crossproduct (pseudo-inverse where columns are collinear), and its rank.

    ``scale`` are the variances before partialling out, relative to which singularity is judged.
    """
    size = np.sqrt(np.maximum(np.diag(gram) if scale is None else scale, np.finfo(float).tiny))
    values, vectors = np.linalg.eigh(gram / np.outer(size, size))
    kept = values > ROUNDING**0.5 * max(float(values[-1]), 1.0 if scale is not None else 0.0)
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    return inverse / np.outer(size, size), int(kept.sum())
