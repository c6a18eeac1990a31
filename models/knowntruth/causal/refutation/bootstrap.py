"""Bootstrap: estimates on rows drawn with replacement must vary as the standard error states.

It cannot detect hidden causes, nor the dependence of a user's sessions, since rows are drawn one by one. DoWhy's
bootstrap adds noise to the covariates by default. That changes a sound estimate too, so that there is no null
hypothesis; here it adds none.
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


def refute(fit: Fit, seed: int, simulations: int) -> Refutation:
    """Estimate on rows drawn with replacement."""
    from dowhy.causal_refuters import refute_bootstrap

    effects = simulate(refute_bootstrap, fit, dowhy_guard.stream_seeds(seed, "bootstrap", simulations), noise=0.0)
    return judge(effects, fit)


def judge(effects: Floats, fit: Fit) -> Refutation:
    """Test centre and spread; estimates that never change were not recomputed."""
    found = judge_scatter(effects, fit, fit.row_error)
    if np.ptp(effects) == 0:
        return Refutation(
            effects, "alarm", found.lower, found.upper, "nothing changed: the estimate was not recomputed"
        )
    return found


REFUTER: Final = Refuter(
    Hypothesis(
        name="bootstrap",
        question="Do estimates on resampled rows vary as the standard error states?",
        null="estimates on resampled rows vary about the full estimate with its standard error",
        rule="alarm if centre or spread is further off, or if nothing changes at all",
        false_alarms=FALSE_ALARMS,
    ),
    refute,
)
