"""What a study comes to: one value that the steps fill, the folder stores and the report tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd
    import pyarrow as pa


PUBLISHED_SESSIONS: Final = 398_198
PUBLISHED_USERS: Final = 234_751
"""The published size (figures.csv: n_sessions_exact, n_users_exact)."""

DIGITS: Final = 10
"""Significant digits of stored results: further ones hang on how many threads the linear algebra happens to use."""


def steady(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return ``frame`` with its real numbers to `DIGITS` significant digits, the same on any number of threads.

    Examples
    --------
    >>> import pandas as pd
    >>> steady(pd.DataFrame({"value": [0.1 + 0.2], "n": [3]})).to_dict("records")
    [{'value': 0.3, 'n': 3}]
    """
    real = frame.select_dtypes("float").columns
    return frame.assign(**{name: [float(f"{x:.{DIGITS}g}") for x in frame[name]] for name in real})


@dataclass(frozen=True, slots=True)
class About:
    """What was run: enough to run it again.

    ``changed`` lists the dials that differ from the world `published`: dial, published, here.
    """

    world: str
    description: str
    lesson: str
    sessions: int
    users: int
    seed: int
    perfect_instruments: bool
    changed: "pd.DataFrame"
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Bayes:
    """What the two models say: ``posterior`` is one ArviZ DataTree with a branch a model.

    ``effects`` stands beside the truth; ``diagnostics`` and ``predictive`` have a column ``model`` and a ``verdict``.
    """

    posterior: Any = field(repr=False)
    effects: "pd.DataFrame"
    diagnostics: "pd.DataFrame"
    predictive: "pd.DataFrame"

    @property
    def failed(self) -> bool:
        """Whether a diagnostic of the sampler failed, so that the posterior means nothing."""
        return bool(self.diagnostics["verdict"].eq("fail").any())


@dataclass(frozen=True, slots=True)
class Residual:
    """What hidden causes could do to the estimates, and what they do.

    ``surface`` and ``points`` are landscapes (`knowntruth.causal.sensitivity.contour_table`), a column ``outcome`` telling them
    apart. ``known`` is what a simulation knows of each outcome (`knowntruth.design.scorecard.expected_verdicts.table`), None for real
    sessions.
    """

    surface: "pd.DataFrame"
    points: "pd.DataFrame"
    known: "pd.DataFrame | None"


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that one study found, as tidy tables.

    ``observed`` and ``truth`` have one row a session. ``comparison`` lays each published figure beside its twin,
    ``effects_true`` has the truth of every estimand by simulation, ``dose`` that of every level. ``checks`` has
    no timings, so that it is the same bytes in every run.
    """

    about: About
    observed: "pa.Table"
    truth: "pa.Table"
    graph: "nx.DiGraph[str]"
    tables: "Mapping[str, pd.DataFrame]"
    comparison: "pd.DataFrame"
    claims: "pd.DataFrame"
    effects_true: "pd.DataFrame"
    dose: "pd.DataFrame"
    bayes: Bayes
    checks: "pd.DataFrame"
    residual: Residual
