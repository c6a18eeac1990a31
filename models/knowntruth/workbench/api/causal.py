"""Causal graphs and checks: identify an effect, try to refute its estimate, ask how sensitive it is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowntruth.common.errors import InputError
from knowntruth.workbench.api.inputs import Rows, WorldLike, as_checked, as_world
from knowntruth.workbench.api.picture import Picture, picture
from knowntruth.workbench.api.shown import Shown
from knowntruth.world.definition.world import World
from knowntruth.world.simulate import Dataset

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from knowntruth.workbench.jobs.analysis.check import CheckResults

type GraphLike = "nx.DiGraph[str] | World | str | Path"
"""A networkx graph, a world, a file (GML, DOT, dagitty, JSON), a folder of data, or the text of a graph."""


def read_graph(graph: GraphLike) -> "nx.DiGraph[str]":
    """Return a causal graph from wherever it is written, checked and in sorted order.

    Parameters
    ----------
    graph
        A networkx graph, a file or text in GML, DOT, dagitty or JSON, a folder of data, or a world, whose graph is
        derived from its mechanisms.

    Raises
    ------
    InputError
        If it cannot be read, has a cycle, or says what a graph of causes cannot hold.

    Examples
    --------
    >>> sorted(read_graph("dag { u [latent]  u -> x  u -> y  x -> y }").edges)
    [('u', 'x'), ('u', 'y'), ('x', 'y')]
    """
    if isinstance(graph, World):
        from knowntruth.world.graphs.derive import acting_graph

        return acting_graph(graph)
    from knowntruth.causal.graphs.read import read_graph as read

    return read(graph)


@dataclass(frozen=True, repr=False)
class Identified(Shown):
    """Whether an effect is identified from what is observed, and by which estimands."""

    graph: "nx.DiGraph[str]"
    treatment: str
    outcome: str

    def to_frame(self) -> "pd.DataFrame":
        """Return one row per way to the effect: route, identified, held, formula, latex, assumes, design."""
        from knowntruth.causal.identification.estimands import estimand_table, find_estimands

        return estimand_table(find_estimands(self.graph, self.treatment, self.outcome))

    @property
    def formula(self) -> str:
        """The formula of the ID algorithm for P(outcome | do(treatment)), or why there is none."""
        found = self._general()
        return str(getattr(found, "words", None) or found)

    def _general(self) -> Any:
        from knowntruth.causal.identification.id_algorithm import run_id_algorithm

        return run_id_algorithm(self.graph, self.treatment, self.outcome)

    def controls(self, held: Sequence[str]) -> "pd.DataFrame":
        """Return what holding each variable does, the others held too: columns name, kind, bad, words."""
        import pandas as pd

        from knowntruth.causal.identification.controls import classify_controls

        found = classify_controls(self.graph, self.treatment, self.outcome, list(held))
        rows = [(each.name, each.kind, each.bad, each.words) for each in found]
        return pd.DataFrame(rows, columns=["name", "kind", "bad", "words"])

    def counterexample(self) -> "pd.DataFrame | None":
        """Return two worlds that look the same and differ in the effect, or None.

        None where the effect is identified, or the construction cannot reach the outcome. Columns world, the
        probability of each observed cell, and ``P(outcome=1|do(treatment=1))``.
        """
        from knowntruth.causal.graphs.admg import to_admg
        from knowntruth.causal.identification.exact_worlds import indistinguishable_worlds

        found = self._general()
        if not hasattr(found, "words"):
            return None
        import pandas as pd

        worlds = indistinguishable_worlds(to_admg(self.graph), found, self.outcome)
        rows: list[dict[str, Any]] = []
        for number, world in enumerate(worlds or (), start=1):
            joint = world.joint()
            seen = dict(zip(_cells(joint), joint.values.ravel().tolist(), strict=True))
            done = float(world.do(self.treatment).over([self.treatment, self.outcome])[1, 1])
            rows.append({"world": number, **seen, f"P({self.outcome}=1|do({self.treatment}=1))": done})
        return pd.DataFrame(rows) if rows else None

    def facts(self) -> dict[str, Any]:
        """Return the effect, and the answer."""
        rows = self.to_frame()
        ways = rows.loc[rows["identified"].astype(bool), "route"].tolist()
        return {"effect": f"{self.treatment} on {self.outcome}", "identified by": ", ".join(ways) or "nothing",
                "formula": self.formula}  # fmt: skip


def _cells(joint: Any) -> list[str]:
    import itertools

    names = list(joint.names)
    return [
        "P(" + ", ".join(f"{name}={value}" for name, value in zip(names, cell, strict=True)) + ")"
        for cell in itertools.product(*(range(size) for size in joint.values.shape))
    ]


def identify(graph: GraphLike, treatment: str, outcome: str) -> Identified:
    """Say whether and how an effect is identified in a graph.

    Raises
    ------
    InputError
        If the graph cannot be read, or lacks treatment or outcome.

    Examples
    --------
    >>> found = identify("dag { u [latent]  u -> {x y}  x -> m -> y }", "x", "y")
    >>> found.to_frame().query("identified")["route"].tolist()
    ['front door', ...]
    """
    from knowntruth.causal.graphs.analysis_graph import require_node

    read = read_graph(graph)
    for role, node in (("treatment", treatment), ("outcome", outcome)):
        require_node(read, node, role)
    return Identified(read, treatment, outcome)


@dataclass(frozen=True, repr=False)
class Checks(Shown):
    """The causal checks of one table of sessions; of a world, each with the verdict that it should have had."""

    checked: "CheckResults"

    def to_frame(self) -> "pd.DataFrame":
        """Return one row per check and outcome."""
        return self.checked.checks

    @property
    def alarms(self) -> "pd.DataFrame":
        """Return the checks that raised the alarm."""
        return self.to_frame()[self.to_frame()["verdict"].eq("alarm")]

    @property
    def routes(self) -> "pd.DataFrame":
        """Return every way to each effect, identified or not."""
        return self.checked.routes

    @property
    def hidden_cause(self) -> "pd.DataFrame | None":
        """Return how strong the hidden cause of a world really is; None for data."""
        return self.checked.residual.known

    def facts(self) -> dict[str, Any]:
        """Return how many checks passed and which did not."""
        verdicts = self.to_frame()["verdict"].value_counts()
        alarms = self.alarms
        named = [f"{name} ({outcome})" for name, outcome in zip(alarms["name"], alarms["outcome"], strict=True)]
        counts = ", ".join(f"{number} {verdict}" for verdict, number in verdicts.items())
        return {"checks": counts, "alarms": ", ".join(named)}

    def plot(self) -> Picture:
        """Return the contour: what a hidden cause of any strength would leave of the estimate."""
        from knowntruth.workbench.plots.causal import contour

        return picture(contour.png(self.checked.residual), contour.describe(self.checked.residual))


def check(
    source: "Rows | WorldLike",
    graph: "GraphLike | None" = None,
    *,
    outcomes: Sequence[str] = ("actions_per_prompt", "verified_success"),
    treatment: str = "rated_expertise",
    adjust: Sequence[str] = (),
    sessions: int = 40_000,
    seed: int = 1,
    **settings: Any,
) -> Checks:
    """Identify an effect, estimate it, try to refute the estimate, and ask how sensitive it is to a hidden cause.

    Parameters
    ----------
    source
        Sessions (a frame, a path, a simulated dataset), or a world, which is then simulated; of a world, each verdict
        stands next to the one that it should have been.
    graph
        The causal graph; by default the world's own, or the one that lies in the folder of the data.
    sessions
        Of a world, how many.
    settings
        ``row_limit`` and ``simulations`` of the refuters.

    Raises
    ------
    InputError
        If data or graph cannot be read or analysed, or there is no graph.

    Examples
    --------
    >>> check("null", sessions=300, simulations=1)
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: simulations is 1; a standard deviation needs 2 or more: raise it
    """
    from knowntruth.workbench.jobs.analysis import check as job

    given = None if graph is None else read_graph(graph)
    ask = job.CheckRequest(treatment=treatment, outcomes=tuple(outcomes), adjust=tuple(adjust), seed=seed, **settings)
    if isinstance(source, World) or (isinstance(source, str | Path) and _names_a_world(source)):
        return Checks(job.check_world(as_world(source), sessions, replace(ask, graph=given)))
    if isinstance(source, str | Path):
        return Checks(job.check_data(Path(source), replace(ask, graph=given)))
    if given is None:
        if not isinstance(source, Dataset):
            raise InputError(
                "the rows come without a causal graph; give graph= as a file, a text or a networkx graph"
            )
        given = source.graph
    return Checks(job.check_rows(as_checked(source), given, ask))


def _names_a_world(source: str | Path) -> bool:
    from knowntruth.world.definition.world import names

    return str(source) in names() or str(source).endswith(".toml")


def sensitivity(checks: Checks) -> "pd.DataFrame":
    """Return the sensitivity statistics among checks: how strong a hidden cause would have to be.

    Examples
    --------
    >>> sensitivity(check("null", sessions=300, simulations=1))
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: simulations is 1; a standard deviation needs 2 or more: raise it
    """
    from knowntruth.design.scorecard.scores import SCORES

    rows = checks.to_frame()
    kinds = {name: kind for name, (kind, _) in SCORES.items()}
    return rows[rows["name"].map(kinds).eq("sensitivity")].reset_index(drop=True)
