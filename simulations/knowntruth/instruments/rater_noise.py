"""Reading luck: what any reader of a transcript would read into it, and what only this one does.

A label errs for two reasons. The text itself misleads, and then a second reader of the same text errs in the same
way; or this reader slips, and a second one has luck of its own. ``alike`` says how often the first is the reason:
with that chance a reader takes the luck of the text, otherwise its own. The draws are uniform whatever ``alike`` is,
so it moves the agreement of two readers and nothing that a single reading shows (`rerating`).
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
"""The part of a label's luck that is the reader's own."""


class SharedError(Dials):
    """Dials of a label that somebody reads."""

    alike: float = chance("chance that a reader reads a text as any other reader would")


@dataclass(frozen=True, slots=True)
class OtherReader(Noise):
    """The luck of another reader of the same texts: the texts' own part is kept."""

    reader: int = 2

    def number(self, part: str = "") -> int:
        """Return the stream number of one part of the luck; a reader's own part has the reader's number in it."""
        own = part.startswith(READER)
        return Noise.number(self, f"{part} {self.reader}" if own else part)


@compiled
def _read(key: Word, text: int, reader: int, users: Ints, sessions: Ints, alike: float, out: Floats) -> None:
    for i in range(len(users)):
        own = uniform(key, users[i], sessions[i], 0, reader)
        shared = uniform(key, users[i], sessions[i], 0, text)  # drawn without a branch, which is sooner done
        out[i] = shared if own < alike else max((own - alike) / (1.0 - alike), 2.0**-53)  # the rest is a fresh draw


def read_uniform(noise: Noise, alike: float, part: str = "") -> Floats:
    """Return one uniform draw a row, strictly between 0 and 1, the text's with chance ``alike``."""
    if alike == 1.0:
        return noise.uniform(part)
    out = np.empty(len(noise.users))
    text, reader = noise.number(part), noise.number(f"{READER} {part}")
    _read(noise.key, text, reader, noise.users, noise.sessions, alike, out)
    return out


def read_normal(noise: Noise, alike: float, part: str = "") -> Floats:
    """Return one standard normal draw a row, the text's with chance ``alike``."""
    luck = read_uniform(noise, alike, part)
    uniform_to_normal(luck)
    return luck


def read_happens(noise: Noise, chances: Floats, alike: float, part: str = "") -> NDArray[Any]:
    """Return whether an event of the given chance (0-1, a row each) is read into the text."""
    return read_uniform(noise, alike, part) < chances
