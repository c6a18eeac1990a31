"""The sessions that enter an analysis, as arrays."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from knowntruth.common.arrays import Flags, Floats, Ints

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Sample:
    """The sessions that enter, in order.

    ``level`` is the rating 1-5 (NaN where unrated sessions enter). ``outcome`` is on the scale of the analysis (a
    logarithm where the question is about a ratio). ``users`` numbers the people from 0. All have shape (n,), one
    entry per row of ``frame``.
    """

    frame: "pd.DataFrame"
    level: Floats
    outcome: Floats
    users: Ints

    @property
    def n(self) -> int:
        """Number of sessions."""
        return len(self.frame)

    @property
    def people(self) -> int:
        """Number of distinct users."""
        return int(self.users.max()) + 1

    def where(self, keep: Flags) -> "Sample":
        """Return the sessions that ``keep`` marks, with people renumbered."""
        users = np.unique(self.users[keep], return_inverse=True)[1].astype(np.int64)
        return Sample(self.frame[keep], self.level[keep], self.outcome[keep], users)
