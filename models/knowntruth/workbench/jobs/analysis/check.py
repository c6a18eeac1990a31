"""The job of ``knowntruth check``: the causal checks of sessions, real or simulated.

    results = check_data(Path("ours"), CheckRequest(graph=Path("ours.dag")))
    results = check_world(load("confounded"), 40_000, CheckRequest())

The checks see the observed rows and the graph alone. In a simulated world the verdict that each check should have
had is computed afterwards, and given next to it.

Files
================ ===========================================================================================
checks.csv       each check: value, interval, verdict, rule, null, false-alarm rate
routes.csv       every route by which the graph identifies each effect
surface.csv      the estimate over the strength of a hidden cause
points.csv       the strength of each covariate, and of the world's hidden causes
known.csv        of a world: true effect, bias, and how strong the hidden causes are
contour.png      surface and points as a picture
================ ===========================================================================================
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from knowntruth.causal.check import frame
from knowntruth.causal.checks.run import OUTCOMES, ROW_LIMIT, SIMULATIONS, TREATMENT, run
from knowntruth.causal.estimation.analysis import Analysis
from knowntruth.causal.graphs.analysis_graph import analysis_graph, prune
from knowntruth.causal.graphs.read import read_graph, read_graph_of_data
from knowntruth.causal.identification.estimands import estimand_table, find_estimands
from knowntruth.common.errors import InputError
from knowntruth.common.progress import Progress
from knowntruth.datasets.storage.files import output_folder, write_bytes, write_csv
from knowntruth.datasets.storage.readers import read
from knowntruth.design.scorecard import expected_verdicts
from knowntruth.workbench.jobs.analysis.residual_confounding import (
    compare_with_hidden_causes,
    compute_contours,
    prepare_analyses,
)
from knowntruth.workbench.results import manifest
from knowntruth.workbench.results.study_results import Residual
from knowntruth.workbench.terminal.progress import Steps
from knowntruth.world.definition.world import load

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from knowntruth.world.definition.world import World


TRUTH_SESSIONS: Final = 100_000
"""Least number of sessions from which a world's true effects are computed."""


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """What to check: ``graph`` is a file or a graph, or None for the one stored with the data.

    Examples
    --------
    >>> CheckRequest(adjust=("month",), simulations=10).outcomes
    ('actions_per_prompt', 'verified_success')
    """

    treatment: str = TREATMENT
    outcomes: tuple[str, ...] = OUTCOMES
    adjust: tuple[str, ...] = ()
    graph: "Path | nx.DiGraph[str] | None" = None
    seed: int = 1
    row_limit: int = ROW_LIMIT
    simulations: int = SIMULATIONS


@dataclass(frozen=True, slots=True)
class CheckResults:
    """The checks, every route to each effect, and what hidden causes could do."""

    checks: "pd.DataFrame"
    routes: "pd.DataFrame"
    residual: Residual

    @property
    def alarms(self) -> int:
        """How many checks raised the alarm."""
        return int(self.checks["verdict"].eq("alarm").sum())


def check(
    data: Path | None, world: str | None, sessions: int, request: CheckRequest, out: Path | None
) -> CheckResults:
    """Check data, or a simulated world; with ``out`` write tables and picture."""
    with Steps({"check": 1}) as steps, steps.step("check", f"Checking {data or world}") as advance:
        if data is not None:
            results = check_data(data, request, advance)
        else:
            results = check_world(load(str(world)), sessions, request, advance)
    if out is not None:
        source = {"data": str(data)} if data is not None else {"world": world, "sessions": sessions}
        _write(results, out, {**source, "seed": request.seed})
    return results


def check_data(data: Path, request: CheckRequest, advance: Progress | None = None) -> CheckResults:
    """Check sessions from a file or folder, by the graph that is given or stored in the same folder.

    Raises
    ------
    InputError
        If data or graph cannot be read or analysed, or there is no graph.

    Examples
    --------
    >>> check_data(Path("nowhere.csv"), CheckRequest())
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: there is no graph next to nowhere.csv; give --graph FILE in ...
    """
    graph = read_graph(request.graph) if request.graph is not None else read_graph_of_data(data)
    if graph is None:
        raise InputError(
            f"there is no graph next to {data}; give --graph FILE in GML, DOT, dagitty or JSON: which checks apply "
            "depends on the causal graph"
        )
    observed = read(data, ("user_id", "clear_goal", request.treatment, *request.outcomes))
    return check_rows(observed, graph, request, advance)


def check_rows(
    observed: "pd.DataFrame", graph: "nx.DiGraph[str]", request: CheckRequest, advance: Progress | None = None
) -> CheckResults:
    """Check observed rows by a given graph."""
    checks = _run(observed, graph, request, advance)
    return CheckResults(checks, _routes(graph, request), compute_contours(_analyses(observed, graph, request)))


def check_world(
    world: "World", sessions: int, request: CheckRequest, advance: Progress | None = None
) -> CheckResults:
    """Simulate a world, check it as its analysts would, and add the verdict that each check should have had.

    Raises
    ------
    InputError
        If the graph or the sessions cannot be analysed.

    Examples
    --------
    >>> check_world(kt.load_world("null"), 300, CheckRequest(simulations=1))
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: simulations is 1; a standard deviation needs 2 or more: raise it
    """
    from knowntruth.datasets.schema.check import check as check_schema
    from knowntruth.world.simulate import simulate
    from knowntruth.world.truths.estimands import truth

    dataset = simulate(world, sessions, seed=request.seed)
    observed = check_schema(dataset.observed.to_pandas())
    graph = read_graph(request.graph) if request.graph is not None else dataset.graph
    checks = _run(observed, graph, request, advance)
    effects = truth(world, max(sessions, TRUTH_SESSIONS), seed=request.seed)
    analyses = _analyses(observed, graph, request)
    known, residual = compare_with_hidden_causes(analyses, observed, dataset.truth, effects)
    return CheckResults(expected_verdicts.compare_verdicts(checks, known), _routes(graph, request), residual)


def _run(
    observed: "pd.DataFrame", graph: "nx.DiGraph[str]", request: CheckRequest, advance: Progress | None
) -> "pd.DataFrame":
    settings = {name: getattr(request, name) for name in ("outcomes", "treatment", "adjust", "seed", "row_limit")}
    return frame(run(observed, graph, **settings, simulations=request.simulations, progress=advance))


def _analyses(observed: "pd.DataFrame", graph: "nx.DiGraph[str]", request: CheckRequest) -> list[Analysis]:
    settings = (request.treatment, request.outcomes, request.seed, request.row_limit, request.simulations)
    return prepare_analyses(observed, graph, *settings)


def _routes(graph: "nx.DiGraph[str]", request: CheckRequest) -> "pd.DataFrame":
    import pandas as pd

    tables = []
    for outcome in request.outcomes:
        analysis = analysis_graph(graph, request.treatment, outcome)
        pruned = prune(analysis.graph, [request.treatment, outcome])
        estimands = find_estimands(pruned, request.treatment, outcome)
        tables.append(estimand_table(estimands).assign(outcome=outcome))
    joined = pd.concat(tables, ignore_index=True)
    return joined[["outcome", *(column for column in joined if column != "outcome")]]


def _write(results: CheckResults, out: Path, head: dict[str, Any]) -> None:
    from knowntruth.workbench.plots.causal import contour

    with output_folder(out, "check", {**head, "versions": manifest.versions()}) as folder:
        write_csv(folder / "checks.csv", results.checks.drop(columns="seconds"))
        write_csv(folder / "routes.csv", results.routes)
        write_csv(folder / "surface.csv", results.residual.surface)
        write_csv(folder / "points.csv", results.residual.points)
        if results.residual.known is not None:
            write_csv(folder / "known.csv", results.residual.known)
        write_bytes(folder / "contour.png", contour.png(results.residual))
