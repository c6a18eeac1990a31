"""Random common cause: with a random covariate added, the estimate must not change.

It cannot detect hidden causes, because the new covariate causes nothing. It detects estimators that are unstable, or
that were not recomputed.
"""

from typing import Final

from knowntruth.causal import dowhy_guard
from knowntruth.causal.estimation.regression import Fit
from knowntruth.causal.refutation.base import Hypothesis, Refutation, Refuter, interval_of_mean, simulate
from knowntruth.common.arrays import Floats

MAX_SHIFT: Final = 0.1
"""Largest mean shift, in standard errors, that a random covariate may cause."""


def refute(fit: Fit, seed: int, simulations: int) -> Refutation:
    """Estimate with a random covariate added."""
    from dowhy.causal_refuters import refute_random_common_cause

    chosen = dowhy_guard.stream_seeds(seed, "random common cause", simulations)
    return judge(simulate(refute_random_common_cause, fit, chosen), fit)


def judge(effects: Floats, fit: Fit) -> Refutation:
    """Test whether the noise changed the estimate, or whether the estimate was never recomputed."""
    shifts = effects - fit.value
    frozen = bool((shifts == 0).all())
    shifted = abs(float(shifts.mean())) > MAX_SHIFT * fit.row_error
    note = "nothing changed: the estimate was not recomputed" if frozen else "cannot detect hidden causes"
    low, high = interval_of_mean(effects)
    return Refutation(effects, "alarm" if frozen or shifted else "pass", low, high, note)


REFUTER: Final = Refuter(
    Hypothesis(
        name="random common cause",
        question="Does the estimate stay the same when a random covariate is added?",
        null="a random covariate changes nothing except by chance",
        rule=f"alarm if the mean shift exceeds {MAX_SHIFT} standard errors, or if nothing changes at all",
        false_alarms=0.0001,
    ),
    refute,
)
