"""Shapley values: the contribution of each component, averaged over all orders of switching the components off.

The effect of switching a component off depends on what was switched off before. Averaged over all orders (Shapley
1953), the effects add up exactly to the whole. Each is a fixed linear combination of the values of subsets, so the
influences of every person, and with them the Monte Carlo errors, combine in the same way.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, product

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.design.ledger.slope import Influence

Off = frozenset[str]


@dataclass(frozen=True, slots=True)
class Shares:
    """The contribution of every component to the value with nothing switched off.

    ``share`` is the Shapley value; ``alone`` is the change from switching off this component alone, ``last`` the
    change from switching it off after all others; ``none_off`` and ``all_off`` are the values with no component and
    with all components switched off.
    """

    share: dict[str, Influence]
    alone: dict[str, Influence]
    last: dict[str, Influence]
    none_off: Influence
    all_off: Influence


def shapley(names: Sequence[str], value: Callable[[Off], Mapping[str, Influence]]) -> dict[str, Shares]:
    """Return the shares of the components in one or more quantities, from the values of all subsets.

    Each subset is evaluated once, the last component switched fastest. Memory holds the influences of one subset at a
    time, and one sum per component and quantity.
    """
    sums: dict[str, dict[str, _Sum]] = {}
    kept: dict[str, dict[Off, Influence]] = {}
    for switches in product((False, True), repeat=len(names)):
        off = frozenset(compress(names, switches))
        for quantity, found in value(off).items():
            shares = sums.setdefault(quantity, {name: _Sum() for name in names})
            for name, total in shares.items():
                total.add(_weight(len(names), len(off), name in off), found)
            if len(off) <= 1 or len(off) >= len(names) - 1:
                kept.setdefault(quantity, {})[off] = found
    return {quantity: _shares(names, sums[quantity], kept[quantity]) for quantity in sums}


def _shares(names: Sequence[str], sums: "Mapping[str, _Sum]", kept: Mapping[Off, Influence]) -> Shares:
    none_off, all_off = kept[frozenset()], kept[frozenset(names)]
    return Shares(
        share={name: total.result() for name, total in sums.items()},
        alone={name: _less(none_off, kept[frozenset({name})]) for name in names},
        last={name: _less(kept[frozenset(names) - {name}], all_off) for name in names},
        none_off=none_off,
        all_off=all_off,
    )


def _weight(n: int, size: int, inside: bool) -> float:
    """Return the weight of a subset's value in the share that a component inside or outside of it adds."""
    before = size - 1 if inside else size
    return (-1.0 if inside else 1.0) * math.factorial(before) * math.factorial(n - before - 1) / math.factorial(n)


def _less(one: Influence, other: Influence) -> Influence:
    return Influence(one.value - other.value, one.influence - other.influence)


class _Sum:
    """A weighted sum of values and influences."""

    def __init__(self) -> None:
        self._values: list[float] = []
        self._influence: Floats = np.zeros(1)

    def add(self, weight: float, found: Influence) -> None:
        self._values.append(weight * found.value)
        self._influence = self._influence + weight * found.influence

    def result(self) -> Influence:
        return Influence(math.fsum(self._values), self._influence)
