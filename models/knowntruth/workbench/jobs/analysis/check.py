"""The causal checks of one table of sessions, of anyone's or of a world that knows its truth.

    found = of_data(Path("ours"), Ask(graph=Path("ours.dag")))
    found = of_world(load("confounded"), 40_000, Ask())

The checks see the observed rows and the graph, whichever it is. Of a world, what each should have said is worked out
afterwards and laid beside.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowntruth.causal.check import frame
from knowntruth.causal.checks.run import OUTCOMES, ROW_LIMIT, SIMULATIONS, TREATMENT, run
from knowntruth.causal.estimation.analysis import Analysis, prepare
from knowntruth.causal.graphs.analysis_graph import analysis_graph, prune
from knowntruth.causal.graphs.read import read_graph, read_graph_of_data
from knowntruth.causal.identification.estimands import estimand_table as routes_table
from knowntruth.causal.identification.estimands import find_estimands
from knowntruth.causal.identification.identify import identify
from knowntruth.causal.sensitivity.contour_table import contour_table
from knowntruth.common.errors import InputError
from knowntruth.common.progress import Progress
from knowntruth.datasets.storage.readers import read
from knowntruth.design.scorecard import expected_verdicts
from knowntruth.workbench.results.study_results import Residual, round_numbers

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from knowntruth.world.definition.world import World


TRUTH_SESSIONS = 100_000
"""Sessions by which a world's truth is found."""


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """What to check: ``graph`` is a file, or None for the one that travels with the data.

    Examples
    --------
    >>> Ask(adjust=("month",), simulations=10).outcomes
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
    """What came out: the checks, every route to each effect, and what the pictures need."""

    checks: "pd.DataFrame"
    routes: "pd.DataFrame"
    residual: Residual

    @property
    def alarms(self) -> int:
        """How many checks raised the alarm."""
        return int(self.checks["verdict"].eq("alarm").sum())


def check_data(data: Path, ask: CheckRequest, advance: Progress | None = None) -> CheckResults:
    """Check anyone's sessions by the graph that is given or lies beside them.

    Raises
    ------
    InputError
        If data or graph cannot be read or analysed, or there is no graph.

    Examples
    --------
    >>> of_data(Path("nowhere.csv"), Ask())
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: no graph lies beside nowhere.csv; give --graph FILE in ...
    """
    graph = read_graph(ask.graph) if ask.graph is not None else read_graph_of_data(data)
    if graph is None:
        raise InputError(
            f"no graph lies beside {data}; give --graph FILE in GML, DOT, dagitty or JSON, since which checks make "
            "sense hangs on what moves what"
        )
    observed = read(data, ("user_id", "clear_goal", ask.treatment, *ask.outcomes))
    return check_rows(observed, graph, ask, advance)


def check_rows(
    observed: "pd.DataFrame", graph: "nx.DiGraph[str]", ask: CheckRequest, advance: Progress | None = None
) -> CheckResults:
    """Return the checks of observed rows, whose graph is given."""
    checks = _checks(observed, graph, ask, advance)
    surface, points = _landscapes([(case, ()) for case in _cases(observed, graph, ask)])
    return CheckResults(checks, _routes(graph, ask), Residual(round_numbers(surface), round_numbers(points), None))


def check_world(world: "World", sessions: int, ask: CheckRequest, advance: Progress | None = None) -> CheckResults:
    """Simulate a world, check it as its analysts would, and say what each check should have come to.

    Raises
    ------
    InputError
        If the graph or the sessions cannot be analysed.

    Examples
    --------
    >>> from knowntruth.world.definition.world import load
    >>> of_world(load("null"), 300, Ask(simulations=1))
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: simulations is 1; a spread needs 2 or more: raise it
    """
    from knowntruth.datasets.schema.check import check
    from knowntruth.world.simulate import simulate
    from knowntruth.world.truths.estimands import truth

    dataset = simulate(world, sessions, seed=ask.seed)
    observed = check(dataset.observed.to_pandas())
    graph = read_graph(ask.graph) if ask.graph is not None else dataset.graph
    checks = _checks(observed, graph, ask, advance)
    effects = truth(world, max(sessions, TRUTH_SESSIONS), seed=ask.seed)
    found, residual = residual_of(observed, dataset.truth, graph, effects, ask)
    return CheckResults(expected_verdicts.beside(checks, found), _routes(graph, ask), residual)


def residual_of(
    observed: "pd.DataFrame", truth: Any, graph: "nx.DiGraph[str]", effects: "pd.DataFrame", ask: CheckRequest
) -> tuple[list[expected_verdicts.Known], Residual]:
    """Return what is known of each outcome, and the landscapes with the planted causes on them.

    ``truth`` is the Arrow table of the hidden variables, row by row with ``observed``.
    """
    found, pairs = [], []
    cases = list(_cases(observed, graph, ask))
    names = sorted({n for case in cases for n in case.identification.hidden_causes if n in truth.column_names})
    hidden = truth.select(names).to_pandas()
    for case in cases:
        if case.outcome in expected_verdicts.ESTIMANDS:
            one = expected_verdicts.known(case, expected_verdicts.open_causes(case, hidden, observed), effects)
            found.append(one)
            pairs.append((case, one.planted))
        else:
            pairs.append((case, ()))
    surface, points = _landscapes(pairs)
    table = expected_verdicts.table(found, {case.outcome: case.logged for case in cases})
    return found, Residual(round_numbers(surface), round_numbers(points), round_numbers(table))


def _checks(
    observed: "pd.DataFrame", graph: "nx.DiGraph[str]", ask: CheckRequest, advance: Progress | None
) -> "pd.DataFrame":
    return frame(
        run(
            observed,
            graph,
            outcomes=ask.outcomes,
            treatment=ask.treatment,
            adjust=ask.adjust,
            seed=ask.seed,
            row_limit=ask.row_limit,
            simulations=ask.simulations,
            progress=advance,
        )
    )


def _cases(observed: "pd.DataFrame", graph: "nx.DiGraph[str]", ask: CheckRequest) -> list[Analysis]:
    cases = []
    for outcome in ask.outcomes:
        analysis = analysis_graph(graph, ask.treatment, outcome)
        found = identify(analysis)
        cases.append(prepare(observed, analysis.graph, found, ask.seed, ask.row_limit, ask.simulations))
    return cases


def _landscapes(pairs: Any) -> "tuple[pd.DataFrame, pd.DataFrame]":
    import pandas as pd

    parts = [contour_table(case, planted) for case, planted in pairs]
    surfaces, points = ([part[side] for part in parts] for side in (0, 1))
    return pd.concat(surfaces, ignore_index=True), pd.concat(points, ignore_index=True)


def _routes(graph: "nx.DiGraph[str]", ask: CheckRequest) -> "pd.DataFrame":
    import pandas as pd

    tables = []
    for outcome in ask.outcomes:
        analysis = analysis_graph(graph, ask.treatment, outcome)
        small = prune(analysis.graph, [ask.treatment, outcome])
        tables.append(routes_table(find_estimands(small, ask.treatment, outcome)).assign(outcome=outcome))
    joined = pd.concat(tables, ignore_index=True)
    return joined[["outcome", *(column for column in joined if column != "outcome")]]
