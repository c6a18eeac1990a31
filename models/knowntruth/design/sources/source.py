"""Where the rows of a replicate come from: anything that generates a dataset from a seed and knows its truth.

A world is one such source (`world_source`); a two-arm experiment is another (`two_arm`). Any object with these
methods can be diagnosed.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from knowntruth.datasets.schema.estimands import Estimand
from knowntruth.design.sources.subgroups import Grouping

if TYPE_CHECKING:
    import pandas as pd

    from knowntruth.world.simulate import Dataset


@dataclass(frozen=True, slots=True)
class ReplicateData:
    """The data of one replicate.

    ``observed`` is what a strategy sees (for a world, a frame with the observed schema). ``validation`` has
    ``session_id`` and ``domain_expertise`` of the audited sessions, or is None. ``dataset`` is the complete dataset
    with its truth, for replays; no strategy sees it.
    """

    observed: Any
    validation: "pd.DataFrame | None" = None
    dataset: "Dataset | None" = None


@dataclass(frozen=True, slots=True)
class TruthQuery:
    """A contrast whose truth is wanted: an estimand, the treatment that a strategy studied, and two levels of it.

    ``group`` names one group of ``by``, both None for everyone.
    """

    estimand: Estimand
    treatment: str
    high: int
    low: int
    by: Grouping | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """A true value and its Monte Carlo standard error, in the unit of the estimand."""

    value: float
    error: float


class Source(Protocol):
    """Generates data from a seed; a small picklable value."""

    @property
    def name(self) -> str:
        """The value in the column ``world``."""

    def draw(self, seed: int) -> ReplicateData:
        """Return the data of the replicate with this seed, the same bytes anywhere."""

    def truth(self, asked: TruthQuery, sessions: int, seed: int) -> Truth:
        """Return the true value of a contrast, simulated with ``sessions`` sessions where necessary."""

    def truth_key(self) -> str:
        """Return a text that two sources share if all their truths are the same."""

    def described(self) -> dict[str, Any]:
        """Return everything that determines the data, as JSON values."""

    def warm(self) -> dict[str, str]:
        """Compile and import what `draw` needs, and return the releases that can change the data."""
