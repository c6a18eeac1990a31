"""Unobserved common cause: what remains of the estimate with a simulated hidden cause of given strength.

DoWhy adds a hidden cause whose bias is towards zero. This is a "what if" and no test: it does not show how strong the
real hidden cause is.
"""

from typing import Final

import numpy as np

from knowntruth.causal import dowhy_guard
from knowntruth.causal.check import Check, Verdict
from knowntruth.causal.estimation.regression import Fit
from knowntruth.causal.refutation.base import Hypothesis, Refutation, to_check
from knowntruth.causal.sensitivity.partial_r2 import bound_nearest_zero

MAX_PARTIAL_R2: Final = 0.99
"""Larger shares are reduced to this; at 1 the coefficients would be infinite."""


def unobserved_common_cause(fit: Fit, strength: tuple[float, float], like: str, seed: int, simulations: int) -> Check:
    """Simulate a hidden cause of stated strength whose bias is towards zero, and report what remains.

    Parameters
    ----------
    fit
        The estimate.
    strength
        Partial R² of the hidden cause with treatment and with outcome, given the covariates.
    like
        A phrase for the note that says what has this strength.
    seed, simulations
        Each simulation draws a hidden cause of its own.
    """
    coefficients = simulated_strength(fit, strength)
    chosen = dowhy_guard.stream_seeds(seed, "unobserved common cause", simulations)
    effects = np.array([_with_hidden_cause(fit, coefficients, one) for one in chosen])
    value, low, high = fit.interval()
    reach, remaining = (high - low) / 2, float(effects.mean())
    limits = remaining - reach, remaining + reach
    verdict: Verdict = "alarm" if bound_nearest_zero(*limits) == 0 or remaining * value < 0 else "pass"
    verdict = "info" if bound_nearest_zero(low, high) == 0 else verdict
    note = f"simulated with partial R2 {strength[0]:.3f} with treatment, {strength[1]:.3f} with outcome"
    hypothesis = Hypothesis(
        name="unobserved common cause",
        question=f"Does an effect remain with a simulated hidden cause as strong as {like}?",
        null="none: it is a what-if",
        rule="alarm if the remaining interval includes no effect, or the sign changes; information if the estimate's"
        " own interval includes no effect",
        false_alarms=float("nan"),
    )
    return to_check(hypothesis, fit, Refutation(effects, verdict, *limits, note))


def simulated_strength(fit: Fit, strength: tuple[float, float]) -> tuple[float, float]:
    """Return the two coefficients of a standard normal cause that has the partial R² of ``strength``.

    A cause with coefficient κ and a residual standard deviation s has partial R² κ² / (κ² + s²), so
    κ = s √(R² / (1 - R²)). DoWhy adds the cause to the treatment and subtracts it from the outcome, which lowers a
    positive estimate; for a negative one the second sign is reversed.
    """
    treatment_sd, outcome_sd = residual_spread(fit)
    on_treatment, on_outcome = (np.sqrt(min(r2, MAX_PARTIAL_R2) / (1 - min(r2, MAX_PARTIAL_R2))) for r2 in strength)
    sign = 1.0 if fit.value >= 0 else -1.0
    return float(on_treatment * treatment_sd), float(sign * on_outcome * outcome_sd)


def residual_spread(fit: Fit) -> tuple[float, float]:
    """Return the standard deviations of treatment, and of outcome at a given treatment, given the covariates."""
    columns = fit.frame.to_numpy()
    design = np.column_stack([np.ones(len(columns)), columns[:, 2:]])
    left = columns[:, :2] - design @ np.linalg.lstsq(design, columns[:, :2])[0]
    return float(left[:, 0].std()), float((left[:, 1] - fit.value * left[:, 0]).std())


def _with_hidden_cause(fit: Fit, coefficients: tuple[float, float], seed: int) -> float:
    from dowhy.causal_refuters import sensitivity_simulation

    with dowhy_guard.quietly(seed):
        refutation = sensitivity_simulation(
            fit.frame.copy(),
            fit.estimand,
            fit.estimate,
            [fit.treatment],
            [fit.outcome],
            kappa_t=coefficients[0],
            kappa_y=coefficients[1],
            confounders_effect_on_treatment="linear",
            confounders_effect_on_outcome="linear",
        )
    return float(refutation.new_effect)
