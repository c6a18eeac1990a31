"""How far off an estimate really is: the design's own bias, and when it counts as biased.

The checks judge one estimate, a slope per level of the rating in the best adjustment that the graph allows. Its bias
is what it would be with many more sessions, less what the true effects of the levels would make of that slope. It is
measured on a large sample of the same world, and laid beside the standard error of the study that was checked:

- *biased*: off by more than two standard errors of the study, so that its 95% interval holds the truth less than half
  of the time;
- *sound*: off by less than half of one, so that it does so 92% of the time or more;
- the rest is neither, and is left out where the two are told apart.

A second question is asked of significant estimates only: is most of what was found bias?
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

BIASED: Final = 2.0
"""Standard errors of the study from which an estimate counts as biased."""

SOUND: Final = 0.5
"""Standard errors of the study up to which it counts as sound."""

MOSTLY: Final = 0.5
"""Share of a finding that is bias from which it counts as mostly bias."""


@dataclass(frozen=True, slots=True)
class Slope:
    """A slope per level, its standard error, and what it would be if it were right, with its Monte Carlo error."""

    value: float
    error: float
    true: float
    true_error: float


def identified(dataset: Dataset, outcome: str) -> Identification:
    """Return what the world's own graph says of the effect on an outcome."""
    return identify(analysis_graph(dataset.graph, TREATMENT, outcome))


def case_of(dataset: Dataset, outcome: str, found: Identification, seed: int) -> Analysis:
    """Return the regression of a dataset that the checks are about."""
    graph = analysis_graph(dataset.graph, TREATMENT, outcome).graph
    return prepare(dataset.observed.to_pandas(), graph, found, seed, row_limit=200, simulations=2)


def slope(case: Analysis, effects: "pd.DataFrame") -> Slope:
    """Return the slope of a case beside the one that the true effects imply in it.

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


def judged(rows: "pd.DataFrame") -> "pd.DataFrame":
    """Return rows with the columns ``biased`` and ``mostly_bias``: 1, 0, or missing where neither can be said.

    ``rows`` have ``bias`` (of the design), ``error`` (of the study's estimate) and ``estimate``.

    Examples
    --------
    >>> import pandas as pd
    >>> world = {"estimate": 0.1, "error": 0.01, "bias_error": 0.001, "true": 0.1}
    >>> rows = pd.DataFrame([{**world, "bias": 0.09}, {**world, "bias": 0.0}])
    >>> judged(rows)["biased"].tolist()
    [1.0, 0.0]
    """
    off = rows["bias"].abs() / rows["error"]
    biased = (off > BIASED).astype(float).where((off > BIASED) | (off < SOUND))
    share = (rows["bias"] / rows["estimate"]).where((rows["estimate"] / rows["error"]).abs() > BIASED)
    mostly = (share > MOSTLY).astype(float).where(share.notna())
    return rows.assign(biased=biased, mostly_bias=mostly)
