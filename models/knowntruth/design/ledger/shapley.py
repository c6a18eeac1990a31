"""Shapley's averaging: what each component is worth, averaged over all orders of switching them off.

A component's effect depends on what was switched off before it. Averaged over all orders (Shapley 1953), the effects
add up exactly to the whole, and since each is a fixed sum of the values of subsets, so do the pulls of every person,
and with them the Monte Carlo errors.
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
    """What every component adds to the value with nothing switched off, beside values of some subsets.

    ``share`` averages over orders; ``alone`` is what switching off this one alone takes away, ``last`` what it takes
    away after all others; ``nothing`` and ``everything`` are the values with none and with all switched off.
    """

    share: dict[str, Influence]
    alone: dict[str, Influence]
    last: dict[str, Influence]
    nothing: Influence
    everything: Influence


def shapley(names: Sequence[str], value: Callable[[Off], Mapping[str, Influence]]) -> dict[str, Shares]:
    """Return the shares of the components in one or more quantities, from the values of all subsets.

    Each subset is asked for once, the last component switched fastest. The pulls of one subset at a time are in
    memory, and one sum for each component and quantity.
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
    nothing, everything = kept[frozenset()], kept[frozenset(names)]
    return Shares(
        share={name: total.result() for name, total in sums.items()},
        alone={name: _less(nothing, kept[frozenset({name})]) for name in names},
        last={name: _less(kept[frozenset(names) - {name}], everything) for name in names},
        nothing=nothing,
        everything=everything,
    )


def _weight(n: int, size: int, inside: bool) -> float:
    """Return the weight of a subset's value in the share that a component inside or outside of it adds."""
    before = size - 1 if inside else size
    return (-1.0 if inside else 1.0) * math.factorial(before) * math.factorial(n - before - 1) / math.factorial(n)


def _less(one: Influence, other: Influence) -> Influence:
    return Influence(one.value - other.value, one.pulls - other.pulls)


class _Sum:
    """A weighted sum of values and pulls."""

    def __init__(self) -> None:
        self._values: list[float] = []
        self._pulls: Floats = np.zeros(1)

    def add(self, weight: float, found: Influence) -> None:
        self._values.append(weight * found.value)
        self._pulls = self._pulls + weight * found.pulls

    def result(self) -> Influence:
        return Influence(math.fsum(self._values), self._pulls)
