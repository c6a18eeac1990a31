"""The results of a study: one value, computed by the steps, stored in the folder, and shown in the report."""

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


def size_and_users(sessions: int | None) -> tuple[int, int | None]:
    """Return sessions and users to simulate; None stands for the published size, whose number of users is fixed.

    Examples
    --------
    >>> size_and_users(500), size_and_users(None)
    ((500, None), (398198, 234751))
    """
    return (PUBLISHED_SESSIONS, PUBLISHED_USERS) if sessions is None else (sessions, None)


SIGNIFICANT_DIGITS: Final = 10
"""Significant digits of stored results: further digits depend on the number of threads of the linear algebra."""


def round_numbers(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return ``frame`` with real numbers rounded to `SIGNIFICANT_DIGITS`, the same on any number of threads.

    Examples
    --------
    >>> round_numbers(pd.DataFrame({"value": [0.1 + 0.2], "n": [3]})).to_dict("records")
    [{'value': 0.3, 'n': 3}]
    """
    real = frame.select_dtypes("float").columns
    return frame.assign(**{name: [float(f"{x:.{SIGNIFICANT_DIGITS}g}") for x in frame[name]] for name in real})


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
    """The two Bayesian models: ``posterior`` is one ArviZ DataTree with a branch per model.

    ``effects`` includes the true values; ``diagnostics`` and ``predictive`` have columns ``model`` and ``verdict``.
    """

    posterior: Any = field(repr=False)
    effects: "pd.DataFrame"
    diagnostics: "pd.DataFrame"
    predictive: "pd.DataFrame"

    @property
    def failed(self) -> bool:
        """Whether a diagnostic of the sampler failed, so that the posterior must not be used."""
        return bool(self.diagnostics["verdict"].eq("fail").any())


@dataclass(frozen=True, slots=True)
class Residual:
    """What hidden causes could do to the estimates, and what they do.

    ``surface`` and ``points`` are tables of `knowntruth.causal.sensitivity.contour_table` with a column ``outcome``.
    ``known`` has the true effect and the bias of each outcome (`knowntruth.design.scorecard.expected_verdicts`); it
    is None for real sessions.
    """

    surface: "pd.DataFrame"
    points: "pd.DataFrame"
    known: "pd.DataFrame | None"


@dataclass(frozen=True, slots=True)
class Results:
    """All results of one study, as tidy tables.

    ``observed`` and ``truth`` have one row per session. ``comparison`` has each published figure with its simulated
    counterpart, ``effects_true`` the truth of every estimand, ``dose`` that of every level. ``checks`` has no
    timings, so that it is the same bytes in every run. ``instruments`` and ``exclusions`` show how well the world's
    instruments measure (`knowntruth.workbench.report.instruments_section`).
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
    instruments: "pd.DataFrame"
    exclusions: "pd.DataFrame"
