"""Special functions in plain arithmetic, so the bytes of a dataset do not depend on a library's release.

The order of operations is fixed, and the compiler can vectorise them.
"""

import math
from typing import Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.engine.numba_cache import compiled, inlined

_LOG2_E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
"""The logarithm of 2 in two parts, the first with so many zero bits that its small multiples are exact."""

_ROUNDING = 6755399441055744.0
"""1.5 * 2**52: adding and then subtracting it rounds to an integer."""

_MIN_EXPONENT, _MAX_EXPONENT = -746.0, 710.0
"""Below and above these an exponential is 0 or infinite."""

_MIN_POWER = 1080
_POWERS = np.append(np.ldexp(1.0, np.arange(-_MIN_POWER, 1024)), np.inf)
"""Powers of 2 from -1080, which is 0, to 1024, which is infinite."""

_T = tuple(1.0 / math.factorial(k) for k in range(14))
"""Coefficients of the Taylor series of the exponential."""

_SQRT_HALF = math.sqrt(0.5)

_CENTRAL = 0.425
"""Half-width around 1/2 of the central approximation of the normal quantile."""

_CHUNK_SIZE: Final = 512
"""Draws per chunk; the tail draws of a chunk are computed together."""


@inlined
def exponential(x: float) -> float:
    """Return e to the power of ``x`` within 1 unit in the last place (relative to 2**-1022 for smaller results).

    Range reduction x = k log 2 + r with |r| <= log(2)/2, then 2**k times the Taylor series of exp(r); log 2 is split
    in two parts so that x - k log 2 is exact (Cody and Waite 1980, Software Manual for the Elementary Functions).
    """
    inside = min(x, _MAX_EXPONENT) if x > _MIN_EXPONENT else _MIN_EXPONENT
    k = (inside * _LOG2_E + _ROUNDING) - _ROUNDING
    r = (inside - k * _LN2_HIGH) - k * _LN2_LOW
    rest = _T[7] + r * (_T[8] + r * (_T[9] + r * (_T[10] + r * (_T[11] + r * (_T[12] + r * _T[13])))))
    series = _T[2] + r * (_T[3] + r * (_T[4] + r * (_T[5] + r * (_T[6] + r * rest))))
    power = (1.0 + (r + r * r * series)) * _POWERS[np.uint64(np.int32(k) + _MIN_POWER)]
    return x if math.isnan(x) else power


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
def uniform_to_normal(draws: Floats) -> None:
    """Replace each uniform draw by its standard normal quantile, in place, as `normal_quantile`.

    All draws first get the central approximation, without a branch. Draws in the tails are listed before and then
    corrected.
    """
    where, far = np.empty(_CHUNK_SIZE + 1, np.int64), np.empty(_CHUNK_SIZE)
    for begin in range(0, len(draws), _CHUNK_SIZE):
        some = draws[begin : begin + _CHUNK_SIZE]
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


_ERF = (
    (9.60497373987051638749e0, 9.00260197203842689217e1, 2.23200534594684319226e3, 7.00332514112805075473e3,
     5.55923013010394962768e4),
    (3.35617141647503099647e1, 5.21357949780152679795e2, 4.59432382970980127987e3, 2.26290000613890934246e4,
     4.92673942608635921086e4),
)  # fmt: skip
_ERFC = (
    (2.46196981473530512524e-10, 5.64189564831068821977e-1, 7.46321056442269912687e0, 4.86371970985681366614e1,
     1.96520832956077098242e2, 5.26445194995477358631e2, 9.34528527171957607540e2, 1.02755188689515710272e3,
     5.57535335369399327526e2),
    (1.32281951154744992508e1, 8.67072140885989742329e1, 3.54937778887819891062e2, 9.75708501743205489753e2,
     1.82390916687909736289e3, 2.24633760818710981792e3, 1.65666309194161350182e3, 5.57535340817727675546e2),
)  # fmt: skip


@inlined
def _distribution(z: float) -> float:
    x = min(abs(z) * _SQRT_HALF, 40.0)  # beyond 40 the tail probability underflows
    y = x * x
    t, u = _ERF
    above = (((t[0] * y + t[1]) * y + t[2]) * y + t[3]) * y + t[4]
    below = ((((y + u[0]) * y + u[1]) * y + u[2]) * y + u[3]) * y + u[4]
    near = 1.0 - x * above / below
    p, q = _ERFC
    above = (((((((p[0] * x + p[1]) * x + p[2]) * x + p[3]) * x + p[4]) * x + p[5]) * x + p[6]) * x + p[7]) * x + p[8]
    below = (((((((x + q[0]) * x + q[1]) * x + q[2]) * x + q[3]) * x + q[4]) * x + q[5]) * x + q[6]) * x + q[7]
    outside = near if x < 1.0 else exponential(-y) * above / below
    return 0.5 * outside if z < 0.0 else 1.0 - 0.5 * outside


@compiled
def _distributions(z: Floats, out: Floats) -> None:
    for i in range(len(z)):
        out[i] = _distribution(z[i])


def normal_distribution(z: Floats) -> Floats:
    """Return the standard normal distribution function of each number, in the shape of ``z``.

    Absolute error near 1e-16, relative error below 1e-13 for z > -11. Moshier (1989), *Methods and Programs for
    Mathematical Functions*, ndtr: rational approximations of the error function and of its complement.
    """
    out = np.empty(z.size)
    _distributions(np.ascontiguousarray(z).ravel(), out)
    return out.reshape(z.shape)


@compiled
def _between(middle: Floats, spread: float, cuts: Floats, out: Floats) -> None:
    for k in range(len(cuts)):
        for i in range(len(middle)):
            out[k, i] = _distribution((cuts[k] - middle[i]) / spread)
    for i in range(len(middle)):
        out[len(cuts), i] = 1.0 - out[len(cuts) - 1, i]
    for k in range(len(cuts) - 1, 0, -1):
        for i in range(len(middle)):
            out[k, i] -= out[k - 1, i]


def interval_probabilities(middle: Floats, spread: float, cuts: Floats) -> Floats:
    """Return the probabilities that a normal variable falls below the first cut, between cuts, and above the last.

    ``middle`` is its mean, one per row, ``spread`` its standard deviation; ``cuts`` ascend. The result has shape
    intervals x rows.
    """
    out = np.empty((len(cuts) + 1, len(middle)))
    _between(middle, spread, cuts, out)
    return out
