"""The true bias of an estimate, and when it counts as biased.

The checks judge one estimate, a slope per level of the rating in the best adjustment that the graph allows. Its bias
is its value in a very large sample minus the slope that the true effects of the levels imply. The bias is measured on
a large sample of the same world and compared with the standard error of the checked study:

- *biased*: a bias of more than two standard errors of the study, so that its 95% interval contains the truth
  less than half of the time;
- *sound*: a bias of less than half a standard error, so that it does so 92% of the time or more;
- the rest is neither, and is left out of the comparison of the two.

A second question concerns significant estimates only: is most of the estimate bias?
"""

from dataclasses import dataclass
from math import hypot, log
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.causal.checks.run import TREATMENT
from knowntruth.causal.estimation.analysis import Analysis, prepare
from knowntruth.causal.graphs.analysis_graph import analysis_graph
from knowntruth.causal.identification.identify import Identification, identify
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.world.simulate import Dataset

if TYPE_CHECKING:
    import pandas as pd

ESTIMANDS: Final = {"actions_per_prompt": "activity_ratio", "verified_success": "verified_difference"}
"""The estimand behind each outcome of the checks."""

MIN_BIASED: Final = 2.0
"""Standard errors of the study from which an estimate counts as biased."""

MAX_SOUND: Final = 0.5
"""Standard errors of the study up to which it counts as sound."""

MIN_BIAS_SHARE: Final = 0.5
"""Share of a significant estimate that is bias above which it counts as mostly bias."""


@dataclass(frozen=True, slots=True)
class Slope:
    """A slope per level, its standard error, and its true value, with the Monte Carlo error."""

    value: float
    error: float
    true: float
    true_error: float


def identify_effect(dataset: Dataset, outcome: str) -> Identification:
    """Return the identification of the effect on an outcome in the world's own graph."""
    return identify(analysis_graph(dataset.graph, TREATMENT, outcome))


def prepare_analysis(dataset: Dataset, outcome: str, found: Identification, seed: int) -> Analysis:
    """Return the regression of a dataset that the checks test."""
    graph = analysis_graph(dataset.graph, TREATMENT, outcome).graph
    return prepare(dataset.observed.to_pandas(), graph, found, seed, row_limit=200, simulations=2)


def slope(case: Analysis, effects: "pd.DataFrame") -> Slope:
    """Return the slope of an analysis, with the one that the true effects imply in it.

    Parameters
    ----------
    effects
        The world's true effects, from `knowntruth.world.truths.estimands`.
    """
    rows = effects[effects["estimand"].eq(ESTIMANDS[case.outcome])].set_index("contrast")
    left = case.whole.treatment - case.whole.treatment_score
    value = error = 0.0
    for level in LEVELS[1:]:
        weight = float(left[case.whole.treatment == level].sum() / (left @ left))
        row = rows.loc[f"{level} vs 1"]
        effect, spread = (float(np.asarray(row[column])) for column in ("value", "mcse"))
        if case.logged:
            effect, spread = log(effect), spread / effect
        value += weight * effect
        error = hypot(error, weight * spread)
    return Slope(case.fit.value, case.fit.standard_error, value, error)


def classify_bias(rows: "pd.DataFrame") -> "pd.DataFrame":
    """Return rows with the columns ``biased`` and ``mostly_bias``: 1, 0, or missing where neither applies.

    ``rows`` have ``bias`` (of the design), ``error`` (of the study's estimate) and ``estimate``.

    Examples
    --------
    >>> world = {"estimate": 0.1, "error": 0.01, "bias_error": 0.001, "true": 0.1}
    >>> rows = pd.DataFrame([{**world, "bias": 0.09}, {**world, "bias": 0.0}])
    >>> classify_bias(rows)["biased"].tolist()
    [1.0, 0.0]
    """
    off = rows["bias"].abs() / rows["error"]
    biased = (off > MIN_BIASED).astype(float).where((off > MIN_BIASED) | (off < MAX_SOUND))
    share = (rows["bias"] / rows["estimate"]).where((rows["estimate"] / rows["error"]).abs() > MIN_BIASED)
    mostly = (share > MIN_BIAS_SHARE).astype(float).where(share.notna())
    return rows.assign(biased=biased, mostly_bias=mostly)
