"""A frame: the people and the sessions of a run, and the noise that belongs to them."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from knowntruth.common.arrays import Ints, Values
from knowntruth.engine.mechanism import Mechanism
from knowntruth.engine.noise import Noise


@dataclass(frozen=True, slots=True)
class Frame:
    """The people and sessions of a run; all arrays are int64.

    ``users`` holds the number of each person; session ``i`` is the ``number[i]``-th (from 1) of the person at
    position ``owner[i]``.
    """

    seed: int
    users: Ints
    owner: Ints
    number: Ints

    def noise(self, mechanism: Mechanism) -> Noise:
        """Return the noise of these people, or of their sessions, in one mechanism."""
        if mechanism.level == "user":
            return Noise(self.seed, mechanism.name, self.users, np.zeros_like(self.users))
        return Noise(self.seed, mechanism.name, self.users[self.owner], self.number)

    def take(self, keep: Values) -> "Frame":
        """Return the frame of the chosen sessions (ascending positions or a mask) and of the people who have any."""
        return self.take_with_people(keep)[1]

    def take_with_people(self, keep: Values) -> tuple[Ints, "Frame"]:
        """Return the positions of the people kept, and the frame of `take`; sessions must be sorted by person."""
        owner = self.owner[keep]
        new = np.diff(owner, prepend=-1) != 0
        people = owner[new]
        return people, Frame(self.seed, self.users[people], np.cumsum(new) - 1, self.number[keep])

    def blocks(self, sessions: int) -> Iterator["Frame"]:
        """Return the frame in blocks of about ``sessions`` sessions; each person is whole within one block."""
        edges = np.arange(sessions, len(self.owner), sessions)
        people = np.unique(np.concatenate([[0], self.owner[edges], [len(self.users)]]))
        for first, last in itertools.pairwise(people):
            begin, end = np.searchsorted(self.owner, (first, last))
            yield Frame(self.seed, self.users[first:last], self.owner[begin:end] - first, self.number[begin:end])
