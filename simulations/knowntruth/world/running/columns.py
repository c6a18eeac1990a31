"""Columns: one array per variable for the whole sample. Blocks of people write their rows from their own threads."""

from collections.abc import Mapping
from threading import Lock

import numpy as np

from knowntruth.common.arrays import Values
from knowntruth.engine.mechanism import Level
from knowntruth.world.running.frame import Frame
from knowntruth.world.running.sampling import session_ids


class Columns:
    """Arrays of ``rows`` sessions by name: session and user ids, and every variable; user-level values are repeated.

    Each block writes its own rows, so no two threads touch the same bytes. All columns of one type share one
    allocation, which needs fewer page faults than many small ones.
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
        """Allocate all columns, once."""
        with self._lock:
            if self.arrays:
                return
            for dtype in {column.dtype for column in values.values()}:
                names = [name for name, column in values.items() if column.dtype == dtype]
                self.arrays |= zip(names, np.empty((len(names), self._rows), dtype), strict=True)
