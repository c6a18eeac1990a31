"""Keyed noise: every random draw is a pure function of seed, stream name, user, session and prompt.

No draw depends on the order of draws, on chunks or workers, or on the branch that a session took. This makes ``do``
exact: the same person has the same noise in both worlds (common random numbers).

The generator is Philox-4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3",
SC'11, doi:10.1145/2063384.2063405): a bijection of a 128-bit counter under a 64-bit key. The key is the seed; the
counter is (user, session, prompt, stream), 32 bits each.
"""

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowntruth.common.arrays import Floats, Ints
from knowntruth.engine.numba_cache import compiled, inlined
from knowntruth.engine.special_functions import exponential, uniform_to_normal

Word = np.uint64

_MULTIPLY_0 = np.uint64(0xD2511F53)
_MULTIPLY_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_SHIFT = np.uint64(12)
_UNIT = 2.0**-52
_WORD = 2.0**-32

_CHUNK_SIZE = 64
"""Rows whose category weights are computed together."""

_MAX_DISTINCT = 64
"""Integer effects with a range below this number get one table row per value."""


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
def word_to_unit(word: Word) -> float:
    """Turn one 32-bit word into a number strictly between 0 and 1, on a grid of 2**-32: fine enough for an event."""
    return (float(word) + 0.5) * _WORD


@inlined
def uniform(key: Word, user: int, session: int, prompt: int, stream: int) -> float:
    """Return the uniform draw, strictly between 0 and 1, of one person at one moment in one stream."""
    c0, c1, _, _ = philox(key, user, session, prompt, stream)
    return to_unit(c0, c1)


@compiled
def _uniforms(key: Word, stream: int, users: Ints, sessions: Ints, out: Floats) -> None:
    for i in range(out.shape[0]):
        out[i] = uniform(key, users[i], sessions[i], 0, stream)


@compiled
def _cumulative_weights(logits: Floats) -> Floats:
    """Return the cumulative weights of the categories (columns) from their log weights."""
    ladders = np.empty_like(logits)
    for i in range(len(logits)):
        total, largest = 0.0, logits[i].max()
        for k in range(logits.shape[1]):
            total += exponential(logits[i, k] - largest)
            ladders[i, k] = total
    return ladders


@compiled
def _choose(ladders: Floats, row: Ints, draws: Floats, out: NDArray[np.int8]) -> None:
    """Write for each row the first category whose cumulative weight exceeds the row's share of the total."""
    last = ladders.shape[1] - 1
    for i in range(len(draws)):
        at, chosen = draws[i] * ladders[row[i], last], 0
        for k in range(last):
            chosen += at >= ladders[row[i], k]
        out[i] = chosen


@compiled
def _choose_with_effects(
    table: Floats, row: Ints, slopes: Floats, by: Floats, draws: Floats, out: NDArray[np.int8]
) -> None:
    """Write the same where effects give each row its own weights; works on one chunk of rows at a time."""
    categories = table.shape[1]
    ladder, largest = np.empty((categories, _CHUNK_SIZE)), np.empty(_CHUNK_SIZE)
    for begin in range(0, len(draws), _CHUNK_SIZE):
        end = begin + _CHUNK_SIZE
        rows, values, share, chosen = row[begin:end], by[:, begin:end], draws[begin:end], out[begin:end]
        largest[:] = -np.inf
        for k in range(categories):
            logits = ladder[k]
            for i in range(len(rows)):
                logits[i] = table[rows[i], k]
            for j in range(len(slopes)):
                for i in range(len(rows)):
                    logits[i] += slopes[j, k] * values[j, i]
            for i in range(len(rows)):
                largest[i] = max(largest[i], logits[i])
        for k in range(categories):
            for i in range(len(rows)):
                ladder[k, i] = exponential(ladder[k, i] - largest[i])
        for k in range(1, categories):
            for i in range(len(rows)):
                ladder[k, i] += ladder[k - 1, i]
        chosen[:] = 0
        for k in range(categories - 1):
            for i in range(len(rows)):
                chosen[i] += share[i] * ladder[categories - 1, i] >= ladder[k, i]


@compiled
def _poisson(rate: Floats, draws: Floats, out: Ints) -> None:
    for i in range(rate.shape[0]):
        number, chance = 0, exponential(-rate[i])
        below = chance
        # in the far tail the probability underflows to 0, and further terms change nothing
        while draws[i] > below and (chance > 0.0 or number < rate[i]):
            number += 1
            chance *= rate[i] / number
            below += chance
        out[i] = number


def _has_few_values(values: NDArray[Any]) -> bool:
    return values.dtype.kind in "iu" and 0 < values.size and int(values.max()) - int(values.min()) < _MAX_DISTINCT


def _fold_into_table(table: Floats, row: Ints, slope: Floats, values: NDArray[Any]) -> tuple[Floats, Ints]:
    """Return the table with one block of rows per integer value of an effect, and each row's new position in it."""
    low, high = int(values.min()), int(values.max())
    blocks = table[:, None, :] + np.outer(np.arange(low, high + 1), slope)
    return blocks.reshape(-1, table.shape[1]), row * (high + 1 - low) + (values.astype(np.int64) - low)


def stream_number(name: str) -> int:
    """Return the 32-bit number of the stream called ``name`` (CRC-32; `registry.variables` refuses duplicates)."""
    return zlib.crc32(name.encode())


@dataclass(frozen=True, slots=True)
class Noise:
    """The noise of some rows in one mechanism.

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
        """Return the stream number of one part of this mechanism's noise."""
        return stream_number(f"{self.stream}/{part}" if part else self.stream)

    def uniform(self, part: str = "") -> Floats:
        """Return one uniform draw per row, strictly between 0 and 1."""
        out = np.empty(len(self.users))
        _uniforms(self.key, self.number(part), self.users, self.sessions, out)
        return out

    def normal(self, part: str = "") -> Floats:
        """Return one standard normal draw per row."""
        draws = self.uniform(part)
        uniform_to_normal(draws)
        return draws

    def happens(self, chance: Floats, part: str = "") -> NDArray[np.bool_]:
        """Return Bernoulli draws with the given ``chance`` (0-1, one per row)."""
        return self.uniform(part) < chance

    def choose(
        self, table: Floats, row: NDArray[Any], *effects: tuple[Floats, NDArray[Any]], part: str = ""
    ) -> NDArray[np.int8]:
        """Return one category per row from a multinomial logit, by inversion of its cumulative probabilities.

        The log weights of row ``i`` are ``table[row[i]]`` plus, for each effect (slopes, values),
        ``slopes * values[i]``; ``table`` is groups x categories, ``slopes`` has one number per category. Effects
        with few distinct integer values are fastest if given first and as integers: their weights are computed once.
        """
        out, draws = np.empty(len(self.users), dtype=np.int8), self.uniform(part)
        table, row = np.ascontiguousarray(table), row.astype(np.int64)
        while effects and _has_few_values(effects[0][1]):
            table, row = _fold_into_table(table, row, *effects[0])
            effects = effects[1:]
        if not effects:
            _choose(_cumulative_weights(table), row, draws, out)
            return out
        by = np.array([value for _, value in effects], dtype=float)
        _choose_with_effects(table, row, np.array([slope for slope, _ in effects], dtype=float), by, draws, out)
        return out

    def poisson(self, rate: Floats, part: str = "") -> Ints:
        """Return one Poisson draw per row, by inversion of the distribution function at each ``rate``."""
        out = np.empty(len(rate), dtype=np.int64)
        _poisson(rate, self.uniform(part), out)
        return out
