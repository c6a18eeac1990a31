"""The effect by regression: the coefficient from DoWhy, the interval from our own clustered standard errors.

DoWhy's own intervals assume independent rows, and become a bootstrap of an hour as soon as the graph has
another cause of the outcome. Ours is the sandwich that knows that one user holds many sessions. With the
residual treatment ``r`` and the residual outcome ``e`` of each row, the coefficient errs by ``Σ r e / Σ r²``,
so ``r e`` is summed within users before its variance is estimated (Liang and Zeger 1986; CR1 correction).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import networkx as nx
import numpy as np
import pandas as pd
from scipy import stats

from knowntruth.causal import dowhy_guard
from knowntruth.causal.estimation.partial_out import PartialledOut
from knowntruth.common.arrays import Floats

CONFIDENCE: Final = 0.95
"""Coverage of every interval in this package unless a row states otherwise."""

LOWEST_LEVEL, HIGHEST_LEVEL = 1.0, 5.0


@dataclass(frozen=True, slots=True)
class Fit:
    """A regression with DoWhy's estimand and estimate, which the refuters need.

    ``value`` is the effect of one level. ``standard_error`` is clustered by user, ``row_error`` assumes
    independent rows (HC1); both per level. ``covariates`` are the columns of ``frame`` that are adjusted for.
    """

    frame: pd.DataFrame
    treatment: str
    outcome: str
    covariates: tuple[str, ...]
    estimand: Any
    estimate: Any
    value: float
    standard_error: float
    row_error: float
    users: int

    def interval(self, levels: float = 1.0) -> tuple[float, float, float]:
        """Return estimate, lower and upper limit for a difference of ``levels`` levels."""
        half_width = float(stats.t.ppf(0.5 + CONFIDENCE / 2, max(self.users - 1, 1))) * self.standard_error
        low, high = sorted((levels * (self.value - half_width), levels * (self.value + half_width)))
        return levels * self.value, low, high


def fit_linear(compressed: PartialledOut) -> Fit:
    """Fit the linear regression by DoWhy and add both standard errors.

    The estimate compares treatment level 2 with level 1; in a linear model any step of one level is the same.
    """
    frame = compressed.frame()
    treatment, outcome, *covariates = frame.columns
    estimand, estimate = fit_by_dowhy(frame, "backdoor.linear_regression", (1.0, 2.0))
    value = float(estimate.value)
    clustered, by_row = standard_errors(compressed, value)
    users = int(compressed.users.max()) + 1
    return Fit(frame, treatment, outcome, tuple(covariates), estimand, estimate, value, clustered, by_row, users)


def logistic_difference(compressed: PartialledOut, low: float = LOWEST_LEVEL, high: float = HIGHEST_LEVEL) -> float:
    """Return the difference in probability between two levels by a logistic regression through DoWhy.

    The covariates enter as the two linear scores, so the model is logistic in treatment and scores rather
    than in every dummy: a check of linearity, not a second analysis.
    """
    import statsmodels.api as sm

    frame = compressed.frame()
    parameters = {"glm_family": sm.families.Binomial(), "predict_score": True}
    _, estimate = fit_by_dowhy(frame, "backdoor.generalized_linear_model", (low, high), parameters)
    return float(estimate.value)


def standard_errors(compressed: PartialledOut, value: float) -> tuple[float, float]:
    """Return the standard errors of the coefficient ``value``: clustered by user, and by row (HC1)."""
    left = compressed.treatment - compressed.treatment_score
    residual = compressed.outcome - compressed.outcome_score - value * left
    scores, n = left * residual, compressed.n
    freedom = max(n - compressed.rank - 2, 1)
    by_user = np.bincount(compressed.users, weights=scores)
    users = len(by_user)
    clustered = _norm(by_user) * np.sqrt(users / max(users - 1, 1) * (n - 1) / freedom)
    by_row = _norm(scores) * np.sqrt(n / freedom)
    total = float(left @ left)
    return float(clustered / total), float(by_row / total)


def regression_graph(treatment: str, outcome: str, covariates: Sequence[str]) -> "nx.DiGraph[str]":
    """Return the graph that a regression on ``covariates`` assumes, in sorted order."""
    edges = [(treatment, outcome)] + [(c, end) for c in covariates for end in (treatment, outcome)]
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(sorted({treatment, outcome, *covariates}))
    graph.add_edges_from(sorted(edges))
    return graph


def _norm(scores: Floats) -> float:
    return float(np.sqrt(scores @ scores))


def fit_by_dowhy(
    frame: pd.DataFrame, method: str, levels: tuple[float, float], parameters: dict[str, Any] | None = None
) -> tuple[Any, Any]:
    """Identify and estimate by DoWhy on a fresh copy, without effect modifiers, intervals or tests.

    The first two columns are treatment and outcome, the others are the adjustment variables.
    """
    dowhy = dowhy_guard.import_dowhy()
    treatment, outcome, *covariates = frame.columns
    graph = regression_graph(treatment, outcome, covariates)
    with dowhy_guard.quietly():
        model = dowhy.CausalModel(data=frame.copy(), treatment=treatment, outcome=outcome, graph=graph)
        # All covariates are adjusted for: DoWhy's default would try their subsets one by one.
        estimand = model.identify_effect(method_name="maximal-adjustment")
        # DoWhy's order of adjustment variables comes from a set and would change the last digits.
        for name, variables in estimand.backdoor_variables.items():
            estimand.set_backdoor_variables(sorted(variables), name)
        estimate = model.estimate_effect(
            estimand,
            method_name=method,
            control_value=levels[0],
            treatment_value=levels[1],
            effect_modifiers=[],
            confidence_intervals=False,
            test_significance=False,
            method_params={"init_params": parameters} if parameters else None,
        )
    return estimand, estimate
