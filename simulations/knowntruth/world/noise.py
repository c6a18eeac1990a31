"""Keyed noise: every random draw is a pure function of seed, stream name, user, session and prompt.

Nothing is drawn in sequence, so a draw depends neither on the order of draws, nor on chunks or workers, nor on the
branch a session took. That is what makes ``do`` exact: the same person meets the same luck in both worlds.

The generator is Philox-4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3",
SC'11, doi:10.1145/2063384.2063405): a bijection of a 128-bit counter under a 64-bit key. The key is the seed; the
counter is (user, session, prompt, stream), 32 bits each.
"""

import math
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowntruth.world.compiled import compiled, inlined

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Word = np.uint64

_MULTIPLY_0 = np.uint64(0xD2511F53)
_MULTIPLY_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_SHIFT = np.uint64(12)
_UNIT = 2.0**-52


@inlined
def philox(key: Word, user: int, session: int, prompt: int, stream: int) -> tuple[Word, Word, Word, Word]:
    """Return four random 32-bit words (each in a uint64) for one counter under one 64-bit key."""
    k0, k1 = key & _LOW, key >> _HALF
    c0, c1 = np.uint64(user) & _LOW, np.uint64(session) & _LOW
    c2, c3 = np.uint64(prompt) & _LOW, np.uint64(stream) & _LOW
    for _ in range(10):
        product_0, product_1 = _MULTIPLY_0 * c0, _MULTIPLY_1 * c2
        c0, c1, c2, c3 = (
            (product_1 >> _HALF) ^ c1 ^ k0,
            product_1 & _LOW,
            (product_0 >> _HALF) ^ c3 ^ k1,
            product_0 & _LOW,
        )
        k0, k1 = (k0 + _WEYL_0) & _LOW, (k1 + _WEYL_1) & _LOW
    return c0, c1, c2, c3


@inlined
def to_unit(high: Word, low: Word) -> float:
    """Turn two 32-bit words into a number strictly between 0 and 1, on a grid of 2**-52."""
    return (float(((high << _HALF) | low) >> _SHIFT) + 0.5) * _UNIT


@inlined
def uniform(key: Word, user: int, session: int, prompt: int, stream: int) -> float:
    """Return the uniform draw, strictly between 0 and 1, of one person at one moment in one stream."""
    c0, c1, _, _ = philox(key, user, session, prompt, stream)
    return to_unit(c0, c1)


@compiled
def normal_quantile(p: float) -> float:
    """Return the standard normal quantile of ``p`` in (0, 1), relative error near 1e-16.

    Wichura (1988), algorithm AS 241 (PPND16), doi:10.2307/2347330. Written out here, and not taken from a library,
    so that the bytes of a dataset do not depend on a library's release.
    """
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * _ratio(r, _CENTRE)
    r = math.sqrt(-math.log(min(p, 1.0 - p)))
    value = _ratio(r - 1.6, _MIDDLE) if r <= 5.0 else _ratio(r - 5.0, _TAIL)
    return math.copysign(value, q)


@inlined
def _ratio(r: float, coefficients: tuple[tuple[float, ...], tuple[float, ...]]) -> float:
    above, below = 0.0, 0.0
    for a in coefficients[0]:
        above = above * r + a
    for b in coefficients[1]:
        below = below * r + b
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


@compiled
def _distribution(z: Floats, out: Floats) -> None:
    for i in range(z.shape[0]):
        out[i] = 0.5 * math.erfc(-z[i] * math.sqrt(0.5))


def normal_distribution(z: Floats) -> Floats:
    """Return the standard normal distribution function of each number, in the shape of ``z``."""
    out = np.empty(z.size)
    _distribution(np.ascontiguousarray(z).ravel(), out)
    return out.reshape(z.shape)


@compiled
def _uniforms(key: Word, stream: int, users: Ints, sessions: Ints, out: Floats) -> None:
    for i in range(out.shape[0]):
        out[i] = uniform(key, users[i], sessions[i], 0, stream)


@compiled
def _normals(key: Word, stream: int, users: Ints, sessions: Ints, out: Floats) -> None:
    for i in range(out.shape[0]):
        out[i] = normal_quantile(uniform(key, users[i], sessions[i], 0, stream))


@compiled
def _choices(table: Floats, row: Ints, slopes: Floats, by: Floats, luck: Floats, out: NDArray[np.int8]) -> None:
    categories = table.shape[1]
    cumulative = np.empty(categories)
    for i in range(len(luck)):
        largest = -np.inf
        for k in range(categories):
            logit = table[row[i], k]
            for j in range(slopes.shape[0]):
                logit += slopes[j, k] * by[j, i]
            cumulative[k] = logit
            largest = max(largest, logit)
        total = 0.0
        for k in range(categories):
            total += math.exp(cumulative[k] - largest)
            cumulative[k] = total
        chosen = 0
        while chosen < categories - 1 and luck[i] * total >= cumulative[chosen]:
            chosen += 1
        out[i] = chosen


@compiled
def _poisson(rate: Floats, luck: Floats, out: Ints) -> None:
    for i in range(rate.shape[0]):
        number, chance = 0, math.exp(-rate[i])
        below = chance
        # the chance becomes 0 in the far tail, where adding it any longer would change nothing
        while luck[i] > below and (chance > 0.0 or number < rate[i]):
            number += 1
            chance *= rate[i] / number
            below += chance
        out[i] = number


def stream_number(name: str) -> int:
    """Return the 32-bit number of the stream called ``name`` (CRC-32; `catalogue` refuses two with one number)."""
    return zlib.crc32(name.encode())


@dataclass(frozen=True, slots=True)
class Noise:
    """The luck of some rows in one mechanism.

    ``users`` and ``sessions`` are int64 arrays of one length; user-level mechanisms see session 0 throughout.
    ``part`` names a second independent draw within the same mechanism.
    """

    seed: int
    stream: str
    users: Ints
    sessions: Ints

    @property
    def key(self) -> Word:
        """The generator's key: the seed."""
        return Word(self.seed)

    def number(self, part: str = "") -> int:
        """Return the stream number of one part of this mechanism's luck."""
        return stream_number(f"{self.stream}/{part}" if part else self.stream)

    def uniform(self, part: str = "") -> Floats:
        """Return one uniform draw a row, strictly between 0 and 1."""
        out = np.empty(len(self.users))
        _uniforms(self.key, self.number(part), self.users, self.sessions, out)
        return out

    def normal(self, part: str = "") -> Floats:
        """Return one standard normal draw a row."""
        out = np.empty(len(self.users))
        _normals(self.key, self.number(part), self.users, self.sessions, out)
        return out

    def happens(self, chance: Floats, part: str = "") -> NDArray[np.bool_]:
        """Return whether an event of the given ``chance`` (0-1, a row each) happens."""
        return self.uniform(part) < chance

    def choose(
        self, table: Floats, row: NDArray[Any], *effects: tuple[Floats, NDArray[Any]], part: str = ""
    ) -> NDArray[np.int8]:
        """Return one category a row of a multinomial logit, by inverting its cumulative probabilities.

        The log weights of row ``i`` are ``table[row[i]]`` plus, for each effect (slopes, values),
        ``slopes * values[i]``; ``table`` is groups x categories, ``slopes`` one number a category.
        """
        slopes = np.array([slope for slope, _ in effects]).reshape(len(effects), table.shape[1])
        by = np.array([value for _, value in effects], dtype=float).reshape(len(effects), len(row))
        out = np.empty(len(self.users), dtype=np.int8)
        _choices(np.ascontiguousarray(table), row.astype(np.int64), slopes, by, self.uniform(part), out)
        return out

    def poisson(self, rate: Floats, part: str = "") -> Ints:
        """Return one Poisson number a row by inverting the distribution function at each ``rate``."""
        out = np.empty(len(rate), dtype=np.int64)
        _poisson(rate, self.uniform(part), out)
        return out
