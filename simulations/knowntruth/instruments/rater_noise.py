"""Rater noise: the error that all readers of a transcript share, and the error of one reader.

A label has two sources of error. The text itself misleads, and a second reader makes the same error; or the reader
makes an error of its own, and a second reader has an independent one. ``alike`` is the probability of the first: then
the reader uses the draw of the text, otherwise its own. The marginal distribution is uniform for every ``alike``, so
it changes the agreement of two readers and nothing about a single reading (`world.audits.rerating`).
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from knowntruth.common.arrays import Floats, Ints
from knowntruth.engine.dials import Dials, chance
from knowntruth.engine.noise import Noise, Word, uniform
from knowntruth.engine.numba_cache import compiled
from knowntruth.engine.special_functions import uniform_to_normal

READER: Final = "reader"
"""The noise part of a label that belongs to the reader."""


class SharedError(Dials):
    """Dials of a label that a rater reads from the text."""

    alike: float = chance("chance that a reader reads a text as any other reader would")


@dataclass(frozen=True, slots=True)
class OtherReader(Noise):
    """The noise of another reader of the same texts; the part of the texts is kept."""

    reader: int = 2

    def number(self, part: str = "") -> int:
        """Return the stream number of one part of the noise; the reader's part includes the number of the reader."""
        own = part.startswith(READER)
        return Noise.number(self, f"{part} {self.reader}" if own else part)


@compiled
def _read(key: Word, text: int, reader: int, users: Ints, sessions: Ints, alike: float, out: Floats) -> None:
    for i in range(len(users)):
        own = uniform(key, users[i], sessions[i], 0, reader)
        shared = uniform(key, users[i], sessions[i], 0, text)  # drawn without a branch, which is faster
        out[i] = (
            shared if own < alike else max((own - alike) / (1.0 - alike), 2.0**-53)
        )  # given own >= alike, this is uniform again


def read_uniform(noise: Noise, alike: float, part: str = "") -> Floats:
    """Return one uniform draw per row, strictly between 0 and 1, that of the text with probability ``alike``."""
    if alike == 1.0:
        return noise.uniform(part)
    out = np.empty(len(noise.users))
    text, reader = noise.number(part), noise.number(f"{READER} {part}")
    _read(noise.key, text, reader, noise.users, noise.sessions, alike, out)
    return out


def read_normal(noise: Noise, alike: float, part: str = "") -> Floats:
    """Return one standard normal draw per row, that of the text with probability ``alike``."""
    draws = read_uniform(noise, alike, part)
    uniform_to_normal(draws)
    return draws


def read_happens(noise: Noise, chances: Floats, alike: float, part: str = "") -> NDArray[Any]:
    """Return whether an event of the given chance (0-1, one per row) is read into the text."""
    return read_uniform(noise, alike, part) < chances
