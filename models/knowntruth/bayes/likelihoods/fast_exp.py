"""Exponentials of many numbers at a time, which is what most of a likelihood's work is.

A processor takes four such numbers at once where it is told by sums and products alone: exp(x) = 2^k exp(r), with k
the whole number next to x / log 2, which adding a large number rounds to and leaves in the lowest bits, and exp(r) a
polynomial. The error is that of double precision. Written for Numba.
"""

from typing import Final

import numpy as np

from knowntruth.common.arrays import Floats

FAR: Final = 700.0
"""Exponents beyond which the result is no number in double precision; they are kept within ±`FAR`."""

PER_LOG_TWO: Final = 1.4426950408889634
LOG_TWO_HIGH: Final = 6.93147180369123816490e-01
LOG_TWO_LOW: Final = 1.90821492927058770002e-10
"""The natural logarithm of 2 in two parts, the first exact when multiplied by whole numbers (fdlibm)."""

ROUNDING: Final = 1.5 * 2.0**52
EXPONENT_BIAS: Final = 1023
MANTISSA_BITS: Final = 52
"""Of numbers in double precision (IEEE 754)."""

LANES: Final = 32
"""Products that are taken side by side."""

TOGETHER: Final = 16
"""Factors in a product, of which one logarithm is taken."""

SMALL_FACTOR: Final = 1e-18
"""`TOGETHER` factors from here to 1 have a product that double precision holds."""


def exponential(exponents: Floats, found: Floats) -> None:
    """Set ``found`` to exp(exponents), any shape, after keeping these within ±`FAR`."""
    x, out = exponents.reshape(-1), found.reshape(-1)
    power = np.empty(len(x))
    bits = power.view(np.int64)
    for i in range(len(x)):
        exponent = min(max(x[i], -FAR), FAR)
        turned = exponent * PER_LOG_TWO + ROUNDING
        k = turned - ROUNDING
        r = exponent - k * LOG_TWO_HIGH - k * LOG_TWO_LOW
        high = 1 / 5040 + r * (1 / 40320 + r * (1 / 362880 + r * (1 / 3628800 + r * (1 / 39916800 + r / 479001600))))
        out[i] = 1.0 + r * (1.0 + r * (0.5 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r * high))))))
        power[i] = turned
    for i in range(len(x)):
        bits[i] = (bits[i] + EXPONENT_BIAS) << MANTISSA_BITS
    for i in range(len(x)):
        out[i] *= power[i]


def logistic(exponents: Floats, chances: Floats) -> None:
    """Set ``chances`` to 1 / (1 + exp(exponents)), any shape."""
    exponential(exponents, chances)
    found = chances.reshape(-1)
    for i in range(len(found)):
        found[i] = 1.0 / (1.0 + found[i])


def log_of_product(factors: Floats) -> float:
    """Return Σ log(factors), shape (n,), of numbers between 0 and 1: one logarithm for several of them.

    A logarithm costs as much as many products, and a processor takes one at a time.
    """
    if any_below(factors, SMALL_FACTOR):
        return np.sum(np.log(factors))
    products = np.ones((1 + len(factors) // (LANES * TOGETHER), LANES))
    for first in range(0, len(factors), LANES):
        own, product = factors[first : first + LANES], products[first // (LANES * TOGETHER)]
        for i in range(len(own)):
            product[i] *= own[i]
    return np.sum(np.log(products))


def any_below(values: Floats, limit: float) -> bool:
    """Return whether any of ``values``, shape (n,), is not at least ``limit``."""
    short = 0
    for i in range(len(values)):
        short += not values[i] >= limit
    return short > 0


PARTS: Final = (exponential, logistic, any_below, log_of_product)
"""What Numba must know before it compiles a likelihood."""
