"""Suppression: the cells to withhold so that small cells cannot be derived from the rest.

Primary suppression withholds cells with fewer than ``k`` people. Secondary suppression works on lines (the cells that
add up to one cell of a coarser margin): if the sum is released, a line needs none or at least two suppressed cells,
with bounds at least ``k`` people wide; if the sum is suppressed, at least one of its parts must be. The cell with the
fewest people is chosen each time. This greedy heuristic can leave gaps: the `attack` finds them, a neighbour of each
exposed cell is suppressed too, and the procedure repeats until the attack fails. It ends because cells are never
unsuppressed.
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
"""Exposed cells per round: suppressing their neighbours may protect the others too."""


@dataclass(frozen=True, slots=True)
class Protected:
    """The suppressed cells, the number of primary ones, and the narrowest bounds that an outsider can derive."""

    stays: Suppressed
    primary: int
    narrowest: float


def primary(tables: Tables, k: int) -> Suppressed:
    """Return the cells with fewer than ``k`` distinct people."""
    return {mask: margin.users < k for mask, margin in tables.margins.items()}


def protect(tables: Tables, k: int) -> Protected:
    """Return the cells to suppress so that the bounds of each are at least ``k`` people wide.

    Raises
    ------
    InputError
        If there are so few people that even the total must be suppressed.
    """
    stays = primary(tables, k)
    few = sum(int(flags.sum()) for flags in stays.values())
    for _ in range(MAX_ROUNDS):
        if not stays[0][0]:
            _complete(tables, stays, k)
        if stays[0][0]:
            raise InputError(
                f"fewer than {k} people can be distinguished from the rest, so nothing may be released; "
                "lower --min-users, or give more data"
            )
        narrow, narrowest = _exposed(tables, stays, k)
        if not narrow:
            return Protected(stays, few, narrowest)
        if not any([_widen(tables, stays, mask, cell) for mask, cell in narrow]):
            stays[0][0] = True  # nothing else is left
    raise InputError(f"no way was found to protect these tables within {MAX_ROUNDS} rounds; take fewer --by columns")


def _exposed(tables: Tables, stays: Suppressed, k: int) -> tuple[list[tuple[int, int]], float]:
    """Return the cells that the attack exposes, and the narrowest bounds."""
    given = system(tables, stays)
    known = determined(given)
    if known.any():  # cheap; bounds are computed only if no cell is determined exactly
        return _names(given, known), 0.0
    doubt = widths(given, float(k), stop_after=BATCH_SIZE)
    narrowest = float(doubt.min()) if len(doubt) else float("inf")
    return _names(given, doubt < k - TOLERANCE), narrowest


def _names(given: System, chosen: Flags) -> list[tuple[int, int]]:
    return [name for name, one in zip(given.names, chosen, strict=True) if one]


def _complete(tables: Tables, stays: Suppressed, k: int) -> None:
    """Suppress cells until every line is protected."""
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
    """Suppress one cell in each unprotected line of one margin along one column; return whether there were any."""
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
    spent = np.setdiff1d(np.flatnonzero(thin), lines)  # these lines have no more cells: suppress their sum
    stays[parent.mask][spent] = True
    return True


def _widen(tables: Tables, stays: Suppressed, mask: int, cell: int) -> bool:
    """Suppress the smallest neighbour of a cell, or else the smallest sum that it is part of.

    If every such sum is suppressed already, suppress the smallest overlapping cell. Return whether any cell except
    the total was left.
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
    for found in (neighbours, sums, _overlapping(tables, stays, mask, cell)):
        if found:
            _, m, other = min(found)
            stays[m][other] = True
            return True
    return False


def _overlapping(tables: Tables, stays: Suppressed, mask: int, cell: int) -> list[tuple[int, int, int]]:
    """Return users, mask and number of the released cells, except the total, that share sessions with a cell."""
    held = tables.margins[mask].of_base == cell
    return [
        (margin.users[other], m, other)
        for m, margin in tables.margins.items()
        if m
        for other in np.unique(margin.of_base[held])
        if not stays[m][other]
    ]
