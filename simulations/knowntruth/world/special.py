"""Special functions, written out here so that the bytes of a dataset do not depend on a library's release.

They are plain arithmetic in a fixed order, which a compiler can do for several numbers at once.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowntruth.world.compiled import compiled, inlined

Floats = NDArray[np.float64]

_LOG2_E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
"""The logarithm of 2 in two parts, the first with so many zero bits that its small multiples are exact."""

_ROUNDING = 6755399441055744.0
"""1.5 * 2**52: adding it, and taking it off again, rounds to a whole number."""

_LEAST, _MOST = -746.0, 710.0
"""Beyond these an exponential is 0, or infinite."""

_LEAST_POWER = 1080
_POWERS = np.append(np.ldexp(1.0, np.arange(-_LEAST_POWER, 1024)), np.inf)
"""Powers of 2 from -1080, which is 0, to 1024, which is infinite."""

_T = tuple(1.0 / math.factorial(k) for k in range(14))
"""Coefficients of the Taylor series of the exponential."""

_CENTRAL = 0.425
"""How far from 1/2 the first approximation of the normal quantile reaches."""

_CHUNK: Final = 512
"""Draws whose far ones are looked at together."""


@inlined
def exponential(x: float) -> float:
    """Return e to the power of ``x`` within 1 unit in the last place (of 2**-1022 at the least).

    A power of 2 times the Taylor series on half of the logarithm of 2 either way.
    """
    x = min(max(x, _LEAST), _MOST)
    k = (x * _LOG2_E + _ROUNDING) - _ROUNDING
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    rest = _T[7] + r * (_T[8] + r * (_T[9] + r * (_T[10] + r * (_T[11] + r * (_T[12] + r * _T[13])))))
    series = _T[2] + r * (_T[3] + r * (_T[4] + r * (_T[5] + r * (_T[6] + r * rest))))
    return (1.0 + (r + r * r * series)) * _POWERS[np.uint64(np.int32(k) + _LEAST_POWER)]


@inlined
def _ratio(r: float, coefficients: tuple[tuple[float, ...], tuple[float, ...]]) -> float:
    a, b = coefficients
    above = ((((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * r + a[6]) * r + a[7]
    below = ((((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + b[5]) * r + b[6]) * r + b[7]
    return above / below


_CENTRE = (
    (2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
     1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0),
    (5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
     5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0),
)  # fmt: skip
_MIDDLE = (
    (7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
     3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0),
    (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
     6.89767334985100004550e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1.0),
)  # fmt: skip
_TAIL = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
     2.96560571828504891230e-1, 1.78482653991729133580e0, 5.46378491116411436990e0, 6.65790464350110377720e0),
    (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
     1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0),
)  # fmt: skip


@inlined
def _central(p: float) -> float:
    q = p - 0.5
    return q * _ratio(0.180625 - q * q, _CENTRE)


@inlined
def _far(p: float) -> float:
    r = math.sqrt(-math.log(min(p, 1.0 - p)))
    value = _ratio(r - 1.6, _MIDDLE) if r <= 5.0 else _ratio(r - 5.0, _TAIL)
    return math.copysign(value, p - 0.5)


@compiled
def normal_quantile(p: float) -> float:
    """Return the standard normal quantile of ``p`` in (0, 1), relative error near 1e-16.

    Wichura (1988), algorithm AS 241 (PPND16), doi:10.2307/2347330.
    """
    return _central(p) if abs(p - 0.5) <= _CENTRAL else _far(p)


@compiled
def to_normal(draws: Floats) -> None:
    """Put the standard normal quantile in the place of each uniform draw, as `normal_quantile`.

    All draws are first taken for central ones, without a branch; the far ones, listed before, are then put right.
    """
    where, far = np.empty(_CHUNK + 1, np.int64), np.empty(_CHUNK)
    for begin in range(0, len(draws), _CHUNK):
        some = draws[begin : begin + _CHUNK]
        many = 0
        for i in range(len(some)):
            where[many] = i
            many += abs(some[i] - 0.5) > _CENTRAL
        for j in range(many):
            far[j] = _far(some[where[j]])
        for i in range(len(some)):
            some[i] = _central(some[i])
        for j in range(many):
            some[where[j]] = far[j]


@compiled
def _distribution(z: Floats, out: Floats) -> None:
    for i in range(z.shape[0]):
        out[i] = 0.5 * math.erfc(-z[i] * math.sqrt(0.5))


def normal_distribution(z: Floats) -> Floats:
    """Return the standard normal distribution function of each number, in the shape of ``z``."""
    out = np.empty(z.size)
    _distribution(np.ascontiguousarray(z).ravel(), out)
    return out.reshape(z.shape)
