"""The analysis of one effect: what all its checks share, namely rows, identification and fitted regression.

Only sessions with a clear goal and a rating enter, as in the study. Actions per prompt are analysed as
logarithms, so that an effect is a ratio of geometric means; a flag is
not transformed, so that an effect is a difference in probability.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import networkx as nx
import numpy as np
import pandas as pd

from knowntruth.causal import dowhy_guard
from knowntruth.causal.estimation.design_matrix import Covariate, covariate_name
from knowntruth.causal.estimation.partial_out import PartialledOut, partial_out
from knowntruth.causal.estimation.regression import Fit, fit_linear
from knowntruth.causal.graphs import analysis_graph as graphs
from knowntruth.causal.identification.identify import Identification
from knowntruth.common.errors import InputError

PUBLISHED: Final[tuple[Covariate, ...]] = (("mode", "value_band"), "month", "task_occupation", "user_occupation")
"""Covariates of the study's preferred regression (Table A1, column 5): modes by value bands, and the rest."""

LOGGED: Final = ("actions_per_prompt", "words_per_prompt")
"""Outcomes analysed as logarithms."""

MIN_ROWS: Final = 200
"""Fewer rated sessions cannot carry a regression on months and occupations."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """The effect of one treatment on one outcome in one table of sessions.

    ``whole`` and ``fit`` are the adjusted regression on all rows that enter; ``sampled`` is the same on the
    rows that the refuters use, which are all of them up to ``row_limit``. ``logged`` is True if effects are
    differences of logarithms. ``graph`` is the analysis graph, whose observed nodes are columns of ``data`` as far as
    the sessions have them.
    """

    data: pd.DataFrame
    graph: "nx.DiGraph[str]"
    identification: Identification
    whole: PartialledOut
    fit: Fit
    sample: PartialledOut
    sampled: Fit
    logged: bool
    seed: int
    simulations: int

    @property
    def treatment(self) -> str:
        """The treatment's column."""
        return self.identification.treatment

    @property
    def outcome(self) -> str:
        """The outcome's column."""
        return self.identification.outcome

    @property
    def unit(self) -> str:
        """The unit of an effect after `scaled`: "ratio" or "difference"."""
        return "ratio" if self.logged else "difference"

    @property
    def sampling(self) -> str:
        """A remark on the refuters' rows, empty where they use all."""
        if self.sample.n == self.whole.n:
            return ""
        return f"on a random {self.sample.n:,} of {self.whole.n:,} rows"

    def scaled(self, *effects: float) -> tuple[float, ...]:
        """Turn effects into the unit that they are reported in: ratios where the outcome is a logarithm."""
        return tuple(float(np.exp(effect)) if self.logged else effect for effect in effects)


def prepare(
    observed: pd.DataFrame,
    graph: "nx.DiGraph[str]",
    identification: Identification,
    seed: int,
    row_limit: int,
    simulations: int,
) -> Analysis:
    """Select the rows, fit the adjusted regression, and sample the refuters' rows.

    Raises
    ------
    InputError
        If a column is missing, too few rated sessions with a clear goal are left, or nothing varies.
    """
    treatment, outcome = identification.treatment, identification.outcome
    visible = [node for node, seen in graph.nodes(data="observed") if seen]
    data = select_rows(observed, treatment, outcome, identification.adjustment, visible)
    whole = partial_out(data, treatment, outcome, identification.adjustment)
    fit = fit_linear(whole)
    rng = np.random.default_rng(dowhy_guard.stream_seeds(seed, f"rows for {outcome}", 1))
    sample = whole.sample(row_limit, rng)
    sampled = fit if sample is whole else fit_linear(sample)
    return Analysis(data, graph, identification, whole, fit, sample, sampled, outcome in LOGGED, seed, simulations)


def select_rows(
    observed: pd.DataFrame, treatment: str, outcome: str, adjustment: Sequence[str], extra: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the sessions that enter, with the columns that any check needs and the outcome on its analysis scale.

    ``extra`` are columns that are kept if the table has them.
    """
    needed = {treatment, outcome, "user_id", "clear_goal", *adjustment}
    graphs.check_columns(needed, observed.columns)
    published = {name for covariate in PUBLISHED for name in _parts(covariate)}
    columns = sorted(needed | ((published | set(extra)) & set(observed.columns)))
    included = observed["clear_goal"].to_numpy(dtype=bool) & observed[treatment].notna().to_numpy()
    data = observed.loc[included, columns].reset_index(drop=True)
    if len(data) < MIN_ROWS:
        raise InputError(
            f"only {len(data)} sessions have a clear goal and a value of {treatment}; causal checks need "
            f"{MIN_ROWS} or more: bring more sessions"
        )
    if outcome in LOGGED:
        if not (data[outcome] > 0).all():
            raise InputError(f"column {outcome!r} holds values that are not positive; its logarithm is analysed")
        data[outcome] = np.log(data[outcome].to_numpy(dtype=np.float64))
    return data


def published_covariates(data: pd.DataFrame) -> tuple[Covariate, ...]:
    """Return the published covariates, or none where the data lack one of them."""
    complete = all(part in data for covariate in PUBLISHED for part in _parts(covariate))
    return PUBLISHED if complete else ()


def join_covariates(covariates: Sequence[Covariate]) -> str:
    """Return covariates as words."""
    return ", ".join(covariate_name(covariate) for covariate in covariates) or "nothing"


def _parts(covariate: Covariate) -> tuple[str, ...]:
    return (covariate,) if isinstance(covariate, str) else covariate
