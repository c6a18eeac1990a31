"""Exponentials of many numbers at a time, which are most of a likelihood's work.

A processor computes four of them at once if they consist of sums and products alone. Cody and Waite's range reduction
(1980, *Software Manual for the Elementary Functions*) gives that form:

    exp(x) = 2^k exp(r),    k = the integer nearest x / log 2,    r = x - k log 2,    |r| ≤ ½ log 2 ≈ 0.35.

Adding 1.5 × 2^52 to x / log 2 rounds it to k, since at that size neighbouring doubles are 1 apart, and leaves k in
the lowest bits of the sum. Shifted by 52 places into the exponent of a double (bias 1023), these bits *are* 2^k: no
call, no branch. exp(r) is its Taylor polynomial to r^12 / 12!, whose remainder 0.35^13 / 13! ≈ 2e-16 is about a unit
in the last place. log 2 is subtracted in two parts, the first with trailing zeros so that k times it is exact.

The three loops stay apart so that each is vectorised. Written for Numba.
"""

from typing import Final

import numpy as np

from knowntruth.common.arrays import Floats

MAX_EXPONENT: Final = 700.0
"""Exponents are kept within ± this; exp(709.8) is the largest double."""

ONE_OVER_LOG_TWO: Final = 1.4426950408889634
LOG_TWO_HIGH: Final = 6.93147180369123816490e-01
LOG_TWO_LOW: Final = 1.90821492927058770002e-10
"""The natural logarithm of 2 in two parts, the first exact when multiplied by whole numbers (fdlibm)."""

ROUNDING: Final = 1.5 * 2.0**52
EXPONENT_BIAS: Final = 1023
MANTISSA_BITS: Final = 52
"""Of numbers in double precision (IEEE 754)."""

LANES: Final = 32
"""Products that are accumulated side by side."""

FACTORS_PER_LOG: Final = 16
"""Factors in a product, of which one logarithm is taken."""

SMALL_FACTOR: Final = 1e-18
"""`FACTORS_PER_LOG` factors from here to 1 have a product of at least 1e-288, which double precision holds."""


def exponential(exponents: Floats, found: Floats) -> None:
    """Set ``found`` to exp(exponents), any shape, after keeping these within ±`MAX_EXPONENT`."""
    x, out = exponents.reshape(-1), found.reshape(-1)
    power = np.empty(len(x))
    bits = power.view(np.int64)  # the same memory, read as integers
    for i in range(len(x)):
        exponent = min(max(x[i], -MAX_EXPONENT), MAX_EXPONENT)
        turned = exponent * ONE_OVER_LOG_TWO + ROUNDING
        k = turned - ROUNDING
        r = exponent - k * LOG_TWO_HIGH - k * LOG_TWO_LOW
        # Horner's scheme of Σ r^j / j!, the powers from r^7 on first
        high = 1 / 5040 + r * (1 / 40320 + r * (1 / 362880 + r * (1 / 3628800 + r * (1 / 39916800 + r / 479001600))))
        out[i] = 1.0 + r * (1.0 + r * (0.5 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r * high))))))
        power[i] = turned
    for i in range(len(x)):
        bits[i] = (bits[i] + EXPONENT_BIAS) << MANTISSA_BITS  # now power[i] = 2^k
    for i in range(len(x)):
        out[i] *= power[i]


def logistic(exponents: Floats, chances: Floats) -> None:
    """Set ``chances`` to 1 / (1 + exp(exponents)), any shape: the probability at log odds of *minus* the exponent."""
    exponential(exponents, chances)
    found = chances.reshape(-1)
    for i in range(len(found)):
        found[i] = 1.0 / (1.0 + found[i])


def log_of_product(factors: Floats) -> float:
    """Return Σ log(factors), shape (n,), of numbers between 0 and 1: one logarithm for `FACTORS_PER_LOG` of them.

    A logarithm costs as much as many products, and a processor takes one at a time. Each lane of ``products`` holds
    the product of every 32nd factor of a stretch of 512, which is then replaced by the next row. Where a factor is so
    small that a product might underflow, every logarithm is taken.
    """
    if any_below(factors, SMALL_FACTOR):
        return np.sum(np.log(factors))
    products = np.ones((1 + len(factors) // (LANES * FACTORS_PER_LOG), LANES))
    for first in range(0, len(factors), LANES):
        own, product = factors[first : first + LANES], products[first // (LANES * FACTORS_PER_LOG)]
        for i in range(len(own)):
            product[i] *= own[i]
    return np.sum(np.log(products))


def any_below(values: Floats, limit: float) -> bool:
    """Return whether any of ``values``, shape (n,), is not at least ``limit``.

    A count without a branch, which a processor vectorises; a value that is not a number counts too.
    """
    short = 0
    for i in range(len(values)):
        short += not values[i] >= limit
    return short > 0


PARTS: Final = (exponential, logistic, any_below, log_of_product)
"""What Numba must know before it compiles a likelihood."""
