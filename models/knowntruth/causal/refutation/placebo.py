"""Placebo treatment: with the treatment shuffled over the rows, the effect must vanish.

It cannot detect hidden causes, because shuffling also removes their arrows into the treatment.
"""

from typing import Final

from knowntruth.causal import dowhy_guard
from knowntruth.causal.estimation.regression import Fit
from knowntruth.causal.refutation.base import (
    FALSE_ALARMS,
    Hypothesis,
    Refutation,
    Refuter,
    judge_mean_zero,
    simulate,
)
from knowntruth.common.arrays import Floats


def refute(fit: Fit, seed: int, simulations: int) -> Refutation:
    """Estimate with shuffled treatments."""
    from dowhy.causal_refuters import refute_placebo_treatment
    from dowhy.causal_refuters.placebo_treatment_refuter import PlaceboType

    # DoWhy's default placebo for a real-valued treatment is the constant zero, which tests nothing.
    settings = {"treatment_names": [fit.treatment], "placebo_type": PlaceboType.PERMUTE}
    return judge(
        simulate(refute_placebo_treatment, fit, dowhy_guard.stream_seeds(seed, "placebo", simulations), **settings)
    )


def judge(effects: Floats) -> Refutation:
    """Test that the effects of shuffled treatments have mean zero."""
    return judge_mean_zero(effects, "cannot detect hidden causes: shuffling removes their arrows too")


REFUTER: Final = Refuter(
    Hypothesis(
        name="placebo treatment",
        question="Does the effect vanish when the treatment is shuffled?",
        null="a shuffled treatment has no effect",
        rule="alarm if the mean placebo effect differs from 0",
        false_alarms=FALSE_ALARMS,
    ),
    refute,
)
