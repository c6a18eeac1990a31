"""The attack: what an outsider can derive about the suppressed cells.

The outsider has every released number, knows that each margin is the sum of its base cells, and knows which cells are
empty; every other cell has at least one person. Released base cells are known, suppressed ones are unknowns ``x``,
and each released margin is one equation, ``A x = b``. Two questions:

- *Differencing*: is a suppressed cell a linear combination of the equations? Then it is known exactly, whatever the
numbers.
  Decided without rounding error, by elimination over the integers modulo a prime, both ways (see `determined`).
- *Bounds*: what are its least and largest value, given also that no cell has less than one? A cell that no
  combination gives away may still be pinned by them: two cells that together hold two people (see `bounds`).

The numbers are people in each base cell, as if nobody stood in two. A cell has at least as many sessions as people,
so whatever other people fit, the same changes to the sessions fit too: sessions are at least as uncertain.

Shares of outcomes obey the same equations, so no combination gives one of a suppressed cell either. The attack does
not use that they lie between 0 and 1: if all suppressed sessions of a line have the same outcome, it can be derived.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from knowntruth.common.arrays import Flags, Floats, Ints
from knowntruth.instruments.release.cells import Tables

Suppressed = dict[int, Flags]
"""For each margin, by mask, which of its cells are suppressed."""

PRIMES: Final = (2_147_483_647, 2_147_483_629)
"""Their products fit 63 bits. A combination over the rationals is one modulo a prime, unless the prime divides one of
its denominators; so a cell counts as determined if either prime says so."""


@dataclass(frozen=True, slots=True)
class System:
    """What is known of the suppressed cells: ``equations @ x = equations @ people`` with ``x >= 1``.

    ``equations`` has one row per released margin cell and one column per suppressed base cell; ``targets`` one row
    per suppressed cell, in any margin, each named by (mask, number) in ``names``.
    """

    equations: Any
    targets: Any
    names: list[tuple[int, int]]
    people: Floats


def system(tables: Tables, stays: Suppressed) -> System:
    """Return the outsider's equations and targets."""
    from scipy import sparse

    base = tables.base
    unknown = np.flatnonzero(stays[base.mask])
    blocks, targets, names = [], [], []
    for mask, margin in tables.margins.items():
        inside = sparse.csr_matrix(
            (np.ones(len(unknown)), (margin.of_base[unknown], np.arange(len(unknown)))),
            shape=(len(margin.users), len(unknown)),
        )
        blocks.append(inside[~stays[mask]])
        targets.append(inside[stays[mask]])
        names += [(mask, int(cell)) for cell in np.flatnonzero(stays[mask])]
    equations = _distinct(sparse.vstack(blocks).tocsr())
    return System(equations, sparse.vstack(targets).tocsr(), names, base.users[unknown].astype(np.float64))


def _distinct(rows: Any) -> Any:
    """Return the distinct nonzero rows."""
    seen = {tuple(rows.indices[rows.indptr[i] : rows.indptr[i + 1]]): i for i in range(rows.shape[0])}
    seen.pop((), None)
    return rows[sorted(seen.values())]


def determined(given: System) -> Flags:
    """Return for each target whether some combination of the equations gives it exactly."""
    if not given.names:
        return np.zeros(0, dtype=bool)
    equations = given.equations.toarray().astype(np.int64)
    targets = given.targets.toarray().astype(np.int64)
    return np.any([_in_row_space(equations, targets, prime) for prime in PRIMES], axis=0)


def _in_row_space(rows: Ints, targets: Ints, prime: int) -> Flags:
    """Return which targets vanish when the rows are eliminated from them, modulo a prime."""
    both = np.vstack([rows, targets]) % prime
    many, at = len(rows), 0
    for column in range(rows.shape[1]):
        pivots = np.flatnonzero(both[at:many, column])
        if not len(pivots):
            continue
        both[[at, at + pivots[0]]] = both[[at + pivots[0], at]]
        both[at] = both[at] * pow(int(both[at, column]), -1, prime) % prime
        below = at + 1 + np.flatnonzero(both[at + 1 :, column])
        there = np.flatnonzero(both[at])
        block = np.ix_(below, there)
        both[block] = (both[block] - both[below, column][:, None] * both[at, there]) % prime
        at += 1
        if at == many:
            break
    left: Flags = ~both[many:].any(axis=1)
    return left
