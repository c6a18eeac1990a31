"""Suppression: which cells stay so that those with too few people cannot be had from the rest.

Cells with fewer than ``k`` people stay in any case. Then others must, in every line (the cells that add up to one of
a coarser margin): where the sum leaves, those of the line that stay must be at least two and leave the outsider at
least ``k`` people in doubt; where the sum stays, at least one of its parts must. Each time the cell with the fewest
people is taken. That is a heuristic, fast and near what is needed; what it overlooks the `attack` finds, a neighbour
of each cell found is taken too, and all begins again until the attack fails. Since cells only ever stay, it ends.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from knowntruth.common.arrays import Flags, Ints
from knowntruth.common.errors import InputError
from knowntruth.instruments.release.attack import Suppressed, System, determined, system
from knowntruth.instruments.release.bounds import TOLERANCE, widths
from knowntruth.instruments.release.cells import Margin, Tables

MAX_ROUNDS: Final = 200

BATCH_SIZE: Final = 60
"""Narrow cells that are found before their neighbours are taken: those may widen the others too."""


@dataclass(frozen=True, slots=True)
class Protected:
    """What stays, how many cells had to for want of people, and the narrowest bounds that an outsider has."""

    stays: Suppressed
    primary: int
    narrowest: float


def primary(tables: Tables, k: int) -> Suppressed:
    """Return the cells with fewer than ``k`` distinct people."""
    return {mask: margin.users < k for mask, margin in tables.margins.items()}


def protect(tables: Tables, k: int) -> Protected:
    """Return what must stay so that every cell that does is in doubt by at least ``k`` people.

    Raises
    ------
    InputError
        If there are so few people that even the total must stay.
    """
    stays = primary(tables, k)
    few = sum(int(flags.sum()) for flags in stays.values())
    for _ in range(MAX_ROUNDS):
        if not stays[0][0]:
            _complete(tables, stays, k)
        if stays[0][0]:
            raise InputError(
                f"fewer than {k} people can be told apart from the rest, so nothing may be released; "
                "lower --min-users, or give more data"
            )
        narrow, narrowest = _found(tables, stays, k)
        if not narrow:
            return Protected(stays, few, narrowest)
        if not any([_widen(tables, stays, mask, cell) for mask, cell in narrow]):
            stays[0][0] = True  # nothing else is left
    raise InputError(f"no way was found to protect these tables within {MAX_ROUNDS} rounds; take fewer --by columns")


def _found(tables: Tables, stays: Suppressed, k: int) -> tuple[list[tuple[int, int]], float]:
    """Return the cells that the attack comes too near to, and the narrowest bounds."""
    given = system(tables, stays)
    known = determined(given)
    if known.any():  # cheap to see; bounds only once nothing is plainly given away
        return _named(given, known), 0.0
    doubt = widths(given, float(k), stop_after=BATCH_SIZE)
    narrowest = float(doubt.min()) if len(doubt) else float("inf")
    return _named(given, doubt < k - TOLERANCE), narrowest


def _named(given: System, chosen: Flags) -> list[tuple[int, int]]:
    return [name for name, one in zip(given.names, chosen, strict=True) if one]


def _complete(tables: Tables, stays: Suppressed, k: int) -> None:
    """Let cells stay until every line is in order."""
    while any([_line_by_line(tables, stays, k, mask, d) for mask in tables.margins for d in _columns(tables, mask)]):
        pass


def _columns(tables: Tables, mask: int) -> list[int]:
    return [d for d in range(len(tables.by)) if mask >> d & 1]


def _parents(child: Margin, parent: Margin) -> Ints:
    """Return the number of the cell of a coarser margin that holds each cell of a finer one."""
    found = np.empty(len(child.users), dtype=np.int64)
    found[child.of_base] = parent.of_base
    return found


def _line_by_line(tables: Tables, stays: Suppressed, k: int, mask: int, d: int) -> bool:
    """Put the lines of one margin along one column in order by one cell each; return whether any was not."""
    child, parent = tables.margins[mask], tables.margins[mask & ~(1 << d)]
    above = _parents(child, parent)
    staying, size = stays[mask], len(parent.users)
    number = np.bincount(above, weights=staying, minlength=size)
    people = np.bincount(above, weights=child.users * staying, minlength=size)
    leaves = ~stays[parent.mask]
    thin = leaves & (number > 0) & ((number < 2) | (people - number < k))
    hollow = ~leaves & (number == 0)
    broken = thin | hollow
    if not broken.any():
        return False
    left = np.flatnonzero(~staying & broken[above])
    order = left[np.lexsort((left, child.users[left], above[left]))]
    lines, first = np.unique(above[order], return_index=True)
    staying[order[first]] = True
    spent = np.setdiff1d(np.flatnonzero(thin), lines)  # nothing is left in these lines: their sum must stay
    stays[parent.mask][spent] = True
    return True


def _widen(tables: Tables, stays: Suppressed, mask: int, cell: int) -> bool:
    """Let the smallest neighbour of a cell stay; if it has none in any line, the smallest sum that it is part of.

    If every such sum stays already, what gives the cell away is finer, or crosses it. Returns whether any but
    the total was left to take.
    """
    child = tables.margins[mask]
    neighbours, sums = [], []
    for d in _columns(tables, mask):
        parent = tables.margins[mask & ~(1 << d)]
        above = _parents(child, parent)
        if not stays[parent.mask][above[cell]]:
            line = np.flatnonzero((above == above[cell]) & ~stays[mask])
            neighbours += [(child.users[other], mask, other) for other in line]
            sums += [(parent.users[above[cell]], parent.mask, above[cell])] * (parent.mask > 0)
    for found in (neighbours, sums, _beside(tables, stays, mask, cell)):
        if found:
            _, m, other = min(found)
            stays[m][other] = True
            return True
    return False


def _beside(tables: Tables, stays: Suppressed, mask: int, cell: int) -> list[tuple[int, int, int]]:
    """Return users, mask and number of the cells, but for the total, that leave and share sessions with another."""
    held = tables.margins[mask].of_base == cell
    return [
        (margin.users[other], m, other)
        for m, margin in tables.margins.items()
        if m
        for other in np.unique(margin.of_base[held])
        if not stays[m][other]
    ]
