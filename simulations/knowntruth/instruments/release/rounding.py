"""Rounding of released numbers, so that exact values cannot be recovered.

Released base cells are rounded to the nearest multiple. A margin is the sum of the *rounded* released base cells,
plus the rounded total of its suppressed ones, so it has no further information about a base cell. Independently
rounded margins would: some combinations determine cells exactly. Shares and means are ratios of rounded sums, because
an exact share such as 0.2857 reveals its integers.

Numbers of distinct people are not additive, so with rounding they are given for base cells only.
"""

import math

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.instruments.release.attack import Suppressed
from knowntruth.instruments.release.cells import Margin, Tables


def check_rounding(to: int, k: int) -> None:
    """Refuse multiples that round nothing, or that reveal cells just above the threshold.

    Released cells are known to have ``k`` people or more. If only one such number is rounded to the released value,
    that value reveals it.

    Raises
    ------
    InputError
        With multiples or thresholds that do.
    """
    if to < 2:
        raise InputError(f"--round takes a whole number of 2 or more, got {to}; leave it out for exact numbers")
    nearest = to * math.floor(k / to + 0.5)
    last = math.ceil(nearest + to / 2) - 1
    if last <= k:
        better = to * math.ceil(k / to)
        raise InputError(
            f"--round {to} with --min-users {k} gives cells of exactly {k} users away, since none smaller is "
            f"released and all larger are rounded elsewhere; take --min-users {better} or another --round"
        )


def round_tables(tables: Tables, stays: Suppressed, to: int) -> dict[int, tuple[Floats, Floats]]:
    """Return for each margin its people and sums, rounded; people are NaN in every margin but the base."""
    base = tables.base
    staying = stays[base.mask]
    leaving = _nearest(base.sums, to) * ~staying[:, None]
    return {
        mask: (
            _nearest(margin.users.astype(np.float64), to)
            if mask == base.mask
            else np.full(len(margin.users), np.nan),
            _summed(margin, leaving) + _nearest(_summed(margin, base.sums * staying[:, None]), to),
        )
        for mask, margin in tables.margins.items()
    }


def _nearest(values: Floats, to: int) -> Floats:
    return np.asarray(to * np.floor(values / to + 0.5), dtype=np.float64)


def _summed(margin: Margin, base: Floats) -> Floats:
    total = np.zeros_like(margin.sums)
    np.add.at(total, margin.of_base, base)
    return total
