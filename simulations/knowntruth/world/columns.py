"""Columns: one array a variable, as long as the sample, that blocks of people fill in from threads of their own."""

from collections.abc import Mapping
from threading import Lock

import numpy as np

from knowntruth.world.engine import Frame
from knowntruth.world.mechanism import Level, Values
from knowntruth.world.sampling import session_ids


class Columns:
    """Arrays of ``rows`` sessions by name: the ids of session and user, and every variable; a user's are repeated.

    Each block writes rows of its own, so no two threads touch the same bytes.
    """

    def __init__(self, rows: int, levels: Mapping[str, Level]) -> None:
        self.arrays: dict[str, Values] = {}
        self._rows, self._levels, self._lock = rows, levels, Lock()

    def write(self, begin: int, frame: Frame, values: Mapping[str, Values]) -> None:
        """Write the values of the sessions of a frame from row ``begin`` on."""
        rows = slice(begin, begin + len(frame.owner))
        self._of("session_id", np.dtype(np.int64))[rows] = session_ids(frame)
        np.take(frame.users, frame.owner, out=self._of("user_id", frame.users.dtype)[rows], mode="clip")
        for name, column in values.items():
            room = self._of(name, column.dtype)[rows]
            if self._levels[name] == "user":
                np.take(column, frame.owner, out=room, mode="clip")  # clip: raise would make a copy first
            else:
                room[:] = column

    def _of(self, name: str, dtype: np.dtype) -> Values:
        with self._lock:
            if name not in self.arrays:
                self.arrays[name] = np.empty(self._rows, dtype)
            return self.arrays[name]
