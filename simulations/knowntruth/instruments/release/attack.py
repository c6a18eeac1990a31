"""The attack: what an outsider can work out about the cells that stayed.

The outsider has every number that left, knows that each margin is the sum of its base cells, knows where nobody is,
and that elsewhere there is at least one person. Base cells that left are known; those that stayed are unknowns ``x``,
and each margin that left is one equation on them, ``A x = b``. Two questions:

- *Differencing*: is a cell that stayed a combination of equations? Then it is known exactly, whatever the numbers.
  Decided without rounding error, by elimination over the integers modulo a prime, both ways (see `determined`).
- *Bounds*: what are its least and largest value, given also that no cell has less than one? A linear program. A cell
  that no combination gives away may still be pinned by bounds: two cells that together hold two people.

The numbers are people in each base cell, as if nobody stood in two. A cell has at least as many sessions as people,
so whatever other people fit, the same changes to the sessions fit too: sessions are at least as uncertain.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from knowntruth.instruments.release.cells import Floats, Ints, Tables

Flags = NDArray[np.bool_]
Stays = dict[int, Flags]
"""For each margin, by mask, which of its cells stay."""

PRIMES: Final = (2_147_483_647, 2_147_483_629)
"""Their products fit 63 bits. A combination over the rationals is one modulo a prime, unless the prime divides one of
its denominators; so a cell counts as determined if either prime says so."""

TOLERANCE: Final = 1e-6
"""How far a linear program may be off, in people."""


@dataclass(frozen=True, slots=True)
class System:
    """What is known of the cells that stayed: ``equations @ x = equations @ people`` with ``x >= 1``.

    ``equations`` has a row a margin cell that left and a column a base cell that stayed; ``targets`` a row a cell
    that stayed, in any margin, each named by (mask, number) in ``names``.
    """

    equations: Any
    targets: Any
    names: list[tuple[int, int]]
    people: Floats


def system(tables: Tables, stays: Stays) -> System:
    """Return the outsider's equations and what they are after."""
    from scipy import sparse  # noqa: PLC0415 - heavy: loaded when used

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
    """Return the rows that say something, each once."""
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


def widths(given: System, enough: float, stop_after: float = math.inf) -> Floats:
    """Return for each target how far apart its largest and least possible value are.

    A target whose bounds are found to be ``enough`` apart is not looked at any further: its width is then a lower
    bound. All others are exact up to the solver's tolerance, unless so many narrow ones were found that it stopped:
    those not looked at are infinite.
    """
    if not given.names:
        return np.zeros(0)
    targets = given.targets
    low = targets @ given.people
    high = low.copy()

    def see(people: Floats) -> None:
        found = targets @ people
        np.minimum(low, found, out=low)
        np.maximum(high, found, out=high)

    before, narrow = len(low) + 1, np.arange(len(low))
    while 0 < len(narrow) < before:
        see(_all_up(given, narrow, low[narrow], enough))
        before, narrow = len(narrow), np.flatnonzero(high - low < enough)
    exact = np.zeros(len(low), dtype=bool)
    for k in narrow:
        if (exact & (high - low < enough - TOLERANCE)).sum() >= stop_after:
            break
        for sign in (-1.0, 1.0):  # upwards first: small cells have more room there
            if high[k] - low[k] < enough:
                see(_extreme(given, sign * targets[k].toarray().ravel()))
        exact[k] = True
    return np.where(exact | (high - low >= enough), high - low, np.inf)


def _all_up(given: System, which: Ints, low: Floats, enough: float) -> Floats:
    """Return people in each unknown cell that put as many targets as can be ``enough`` above their lowest value.

    One linear program for all: each target earns what it rises, up to enough and no more, so none starves another.
    """
    from scipy import sparse  # noqa: PLC0415 - heavy: loaded when used

    unknown, rising = len(given.people), len(which)
    rise = sparse.hstack([-given.targets[which], sparse.identity(rising)]).tocsr()
    known = sparse.hstack([given.equations, sparse.csr_matrix((given.equations.shape[0], rising))]).tocsr()
    bounds = [(1.0, given.people.sum())] * unknown + [(0.0, enough)] * rising
    objective = np.concatenate([np.zeros(unknown), -np.ones(rising)])
    return _solved(objective, known, given, bounds, rise, -low)[:unknown]


def _extreme(given: System, objective: Floats) -> Floats:
    """Return people in each unknown cell, fitting all that is known, where the objective is least."""
    return _solved(objective, given.equations, given, [(1.0, given.people.sum())] * len(given.people))


def _solved(
    objective: Floats, known: Any, given: System, bounds: list[tuple[float, float]], rise: Any = None, at: Any = None
) -> Floats:
    from scipy.optimize import linprog  # noqa: PLC0415 - heavy: loaded when used

    some = known.shape[0] > 0
    found = linprog(objective, A_ub=rise, b_ub=at, A_eq=known if some else None,
                    b_eq=given.equations @ given.people if some else None, bounds=bounds, method="highs")  # fmt: skip
    return np.asarray(found.x if found.status == 0 else given.people, dtype=np.float64)
