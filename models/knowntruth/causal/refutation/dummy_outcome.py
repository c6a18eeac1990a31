"""Dummy outcome: with the outcome replaced by noise, the effect must vanish.

It cannot detect hidden causes, because they do not affect noise. DoWhy's refuter is asked for standard normal noise
only.
"""

from typing import Final

import numpy as np

from knowntruth.causal import dowhy_guard
from knowntruth.causal.estimation.regression import Fit
from knowntruth.causal.refutation.base import FALSE_ALARMS, Hypothesis, Refutation, Refuter, judge_mean_zero


def refute(fit: Fit, seed: int, simulations: int) -> Refutation:
    """Estimate the effect on standard normal noise."""
    from dowhy.causal_refuters import refute_dummy_outcome

    effects = []
    for one in dowhy_guard.stream_seeds(seed, "dummy outcome", simulations):
        with dowhy_guard.quietly(one):
            found = refute_dummy_outcome(
                fit.frame.copy(),
                fit.estimand,
                fit.estimate,
                treatment_name=[fit.treatment],
                outcome_name=fit.outcome,
                required_variables=True,
                num_simulations=1,
            )
        effects.append(float(found[0].new_effect))
    note = "in standard deviations of the noise; cannot detect hidden causes: they do not affect noise"
    return judge_mean_zero(np.array(effects), note)


REFUTER: Final = Refuter(
    Hypothesis(
        name="dummy outcome",
        question="Does the effect vanish when the outcome is replaced by noise?",
        null="the treatment has no effect on noise",
        rule="alarm if the mean effect on noise differs from 0",
        false_alarms=FALSE_ALARMS,
    ),
    refute,
)
