"""Where the rows of a replicate come from: anything that makes a dataset from a seed and knows its truth.

A world is one such source (`world_source`); an experiment of five lines is another. The harness asks nothing else,
so whatever has these methods can be diagnosed.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from knowntruth.datasets.schema.estimands import Estimand
from knowntruth.design.sources.subgroups import Grouping

if TYPE_CHECKING:
    import pandas as pd

    from knowntruth.world.simulate import Dataset


@dataclass(frozen=True, slots=True)
class Drawn:
    """The data of one replicate.

    ``observed`` is all that a strategy is given, of a world a frame with the observed schema; ``validation`` has
    ``session_id`` and ``domain_expertise`` of the sessions that an audit rated again, or is None. ``dataset`` is what
    they come from, truth and all, for whoever replays the replicate; no strategy sees it.
    """

    observed: Any
    validation: "pd.DataFrame | None" = None
    dataset: "Dataset | None" = None


@dataclass(frozen=True, slots=True)
class Asked:
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
    """Makes data from a seed; a small value that travels to any process."""

    @property
    def name(self) -> str:
        """What the column ``world`` says."""

    def draw(self, seed: int) -> Drawn:
        """Return the data of the replicate with this seed, the same bytes anywhere."""

    def truth(self, asked: Asked, sessions: int, seed: int) -> Truth:
        """Return the true value of a contrast, simulated with so many sessions where it has to be."""

    def truth_key(self) -> str:
        """Return a text that two sources share if all their truths are the same."""

    def described(self) -> dict[str, Any]:
        """Return all that decides a byte of the data, as JSON can hold it."""

    def warm(self) -> dict[str, str]:
        """Compile and import what `draw` needs, and return the releases that can move a byte."""
