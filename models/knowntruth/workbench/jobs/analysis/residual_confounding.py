"""What hidden causes could do to an estimate, and, in a simulated world, what they do.

Part of the jobs ``check`` and ``study``: contours of the estimate over the strength of a hidden cause, with the
covariates and the world's own hidden causes as points.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from knowntruth.causal.checks.run import OUTCOMES, ROW_LIMIT, SIMULATIONS, TREATMENT
from knowntruth.causal.estimation.analysis import Analysis, prepare
from knowntruth.causal.graphs.analysis_graph import analysis_graph
from knowntruth.causal.identification.identify import identify
from knowntruth.causal.sensitivity.contour_table import contour_table
from knowntruth.design.scorecard import expected_verdicts
from knowntruth.workbench.results.study_results import Residual, round_numbers

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd


def prepare_analyses(
    observed: "pd.DataFrame",
    graph: "nx.DiGraph[str]",
    treatment: str = TREATMENT,
    outcomes: Sequence[str] = OUTCOMES,
    seed: int = 1,
    row_limit: int = ROW_LIMIT,
    simulations: int = SIMULATIONS,
) -> list[Analysis]:
    """Return the analysis of each outcome: the regression that the checks use."""
    analyses = []
    for outcome in outcomes:
        analysis = analysis_graph(graph, treatment, outcome)
        identified = identify(analysis)
        analyses.append(prepare(observed, analysis.graph, identified, seed, row_limit, simulations))
    return analyses


def compute_contours(analyses: Sequence[Analysis]) -> Residual:
    """Return the contours of the analyses of real sessions, whose hidden causes are unknown."""
    return _residual([(analysis, ()) for analysis in analyses], None)


def compare_with_hidden_causes(
    analyses: Sequence[Analysis], observed: "pd.DataFrame", truth: Any, effects: "pd.DataFrame"
) -> tuple[list[expected_verdicts.KnownBias], Residual]:
    """Return what is known of each outcome, and the contours with the world's hidden causes on them.

    ``truth`` is the Arrow table of the hidden variables, row by row with ``observed``; ``effects`` are the true
    effects of the world.
    """
    causes = {name for analysis in analyses for name in analysis.identification.hidden_causes}
    hidden = truth.select(sorted(causes & set(truth.column_names))).to_pandas()
    known, pairs = [], []
    for analysis in analyses:
        if analysis.outcome in expected_verdicts.ESTIMANDS:
            open_causes = expected_verdicts.open_causes(analysis, hidden, observed)
            one = expected_verdicts.known_bias(analysis, open_causes, effects)
            known.append(one)
            pairs.append((analysis, one.planted))
        else:
            pairs.append((analysis, ()))
    table = expected_verdicts.known_bias_table(known, {analysis.outcome: analysis.logged for analysis in analyses})
    return known, _residual(pairs, round_numbers(table))


def _residual(pairs: Sequence[tuple[Analysis, Any]], known: "pd.DataFrame | None") -> Residual:
    import pandas as pd

    tables = [contour_table(analysis, planted) for analysis, planted in pairs]
    surface, points = (pd.concat([pair[side] for pair in tables], ignore_index=True) for side in (0, 1))
    return Residual(round_numbers(surface), round_numbers(points), known)
