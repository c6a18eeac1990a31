"""Data subset: estimates on four fifths of the rows must vary about the full estimate only as sampling explains.

It cannot detect anything that all rows share, such as a hidden cause.
"""

from typing import Final

import numpy as np

from knowntruth.causal import dowhy_guard
from knowntruth.causal.estimation.regression import Fit
from knowntruth.causal.refutation.base import (
    FALSE_ALARMS,
    Hypothesis,
    Refutation,
    Refuter,
    judge_scatter,
    simulate,
)
from knowntruth.common.arrays import Floats

FRACTION: Final = 0.8
"""The share of rows in each subset."""


def refute(fit: Fit, seed: int, simulations: int) -> Refutation:
    """Estimate on random subsets of the rows."""
    from dowhy.causal_refuters import refute_data_subset

    chosen = dowhy_guard.stream_seeds(seed, "data subset", simulations)
    return judge(simulate(refute_data_subset, fit, chosen, subset_fraction=FRACTION), fit)


def judge(effects: Floats, fit: Fit, fraction: float = FRACTION) -> Refutation:
    """Test centre and spread of subset estimates.

    For a fraction f drawn without replacement, an estimate varies about the full one with its standard error times
    √((1 - f) / f).
    """
    return judge_scatter(effects, fit, fit.row_error * np.sqrt((1 - fraction) / fraction))


REFUTER: Final = Refuter(
    Hypothesis(
        name="data subset",
        question=f"Do random {FRACTION:.0%} of the rows give the same estimate?",
        null="estimates on subsets vary about the full estimate as sampling rows explains",
        rule="alarm if centre or spread of the subset estimates is further off",
        false_alarms=FALSE_ALARMS,
    ),
    refute,
)
