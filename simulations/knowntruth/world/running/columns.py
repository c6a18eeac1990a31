"""Columns: one array a variable, as long as the sample, that blocks of people fill in from threads of their own."""

from collections.abc import Mapping
from threading import Lock

import numpy as np

from knowntruth.common.arrays import Values
from knowntruth.engine.mechanism import Level
from knowntruth.world.running.run_mechanisms import Frame
from knowntruth.world.running.sampling import session_ids


class Columns:
    """Arrays of ``rows`` sessions by name: the ids of session and user, and every variable; a user's are repeated.

    Each block writes rows of its own, so no two threads touch the same bytes. All columns of one type lie in one
    piece of memory, which the system hands out in a few large pages rather than in many small ones.
    """

    def __init__(self, rows: int, levels: Mapping[str, Level]) -> None:
        self.arrays: dict[str, Values] = {}
        self._rows, self._levels, self._lock = rows, levels, Lock()

    def write(self, begin: int, frame: Frame, values: Mapping[str, Values]) -> None:
        """Write the values of the sessions of a frame from row ``begin`` on."""
        whole = {"session_id": session_ids(frame), "user_id": frame.users, **values}
        self._make(whole)
        rows = slice(begin, begin + len(frame.owner))
        for name, column in whole.items():
            room = self.arrays[name][rows]
            if name == "user_id" or self._levels.get(name) == "user":
                np.take(column, frame.owner, out=room, mode="clip")  # clip: raise would make a copy first
            else:
                room[:] = column

    def _make(self, values: Mapping[str, Values]) -> None:
        """Make room for all columns, once."""
        with self._lock:
            if self.arrays:
                return
            for dtype in {column.dtype for column in values.values()}:
                names = [name for name, column in values.items() if column.dtype == dtype]
                self.arrays |= zip(names, np.empty((len(names), self._rows), dtype), strict=True)
