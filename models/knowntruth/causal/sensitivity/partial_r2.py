"""How strong would a hidden common cause have to be to explain the effect away? Three scales for one question.

- The *robustness value* is the share of the residual variance of treatment and of outcome that a hidden cause would
  have to explain, equal for both, to reduce the estimate to zero (Cinelli and Hazlett 2020).
- The *E-value* is the risk ratio by which it would have to be associated with both (VanderWeele and Ding 2017).
- A *benchmark* replaces "how strong" by "as strong as an observed covariate", which people can judge. Omitting the
  covariate shows what such a cause can do.

None of them measures how strong the hidden cause *is*. A study with weak covariates has weak benchmarks and looks
robust; a test of this package shows such a world.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowntruth.causal.estimation.partial_out import PartialledOut, solve_normal_equations
from knowntruth.causal.estimation.regression import HIGHEST_LEVEL, LOWEST_LEVEL, Fit
from knowntruth.common.arrays import Floats

ASSUMED: Final = (0.05, 0.05)
"""The partial R² of a hidden cause, with treatment and with outcome, if no covariate gives a benchmark."""

MIN_RISK: Final = 0.001
"""The smallest risk in a risk ratio, because linear regression can predict a probability below zero."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """The strength of one observed covariate, given all the others.

    ``with_treatment`` is its partial R² with the treatment, and ``with_outcome`` that with the outcome, given the
    treatment too. ``value`` is the effect of one level without it.
    """

    name: str
    with_treatment: float
    with_outcome: float
    value: float

    @property
    def strength(self) -> float:
        """The bias of omitting it, in units of the residual standard deviation of outcome over treatment."""
        return sqrt(self.with_outcome * self.with_treatment / max(1 - self.with_treatment, 1e-12))


def benchmarks(compressed: PartialledOut) -> tuple[Benchmark, ...]:
    """Return the benchmarks of all covariates, the strongest first."""
    width = len(compressed.gram) - 2
    everything = np.arange(width, dtype=np.intp)
    full = _residuals(compressed.gram, everything)
    found = []
    for name, block in compressed.blocks:
        rest = np.delete(everything, block)
        found.append(_benchmark(name, full, _residuals(compressed.gram, rest)))
    return tuple(sorted(found, key=lambda benchmark: (-benchmark.strength, benchmark.name)))


def strongest(found: Sequence[Benchmark]) -> tuple[float, float]:
    """Return the partial R² of a hidden cause as strong as the strongest benchmark; `ASSUMED` if there is none."""
    return hidden_strength(found[0]) if found else ASSUMED


def robustness_value(fit: Fit, compressed: PartialledOut, limit: bool = False) -> float:
    """Return the robustness value of the estimate, or of the ``limit`` of its interval nearer to zero.

    The partial R² of treatment and outcome is that of the regression; only the limit depends on clustering. The
    value is between 0 and 1, and 0 for the limit if the interval includes zero. With f the partial Cohen's f of
    treatment and outcome it is (√(f⁴ + 4 f²) - f²) / 2. Source: Cinelli and Hazlett (2020).
    """
    value, low, high = fit.interval()
    if limit:
        value = bound_nearest_zero(low, high)
    # Cohen's f of treatment with outcome: the coefficient in residual standard deviations.
    f = abs(value) / residual_ratio(fit, compressed)
    return 0.5 * (sqrt(f**4 + 4 * f**2) - f**2)


def effect_if_as_strong(fit: Fit, compressed: PartialledOut, benchmark: Benchmark) -> tuple[float, float, float]:
    """Return the effect of one level, with limits, adjusted for a hidden cause as strong as ``benchmark``.

    The hidden cause is assumed to bias the estimate away from zero, the worst case. The clustered standard error is
    changed by the factor of the classical one. Source: Cinelli and Hazlett (2020), their bound for a cause once as
    strong as an observed covariate.
    """
    with_treatment, with_outcome = hidden_strength(benchmark)
    bias = residual_ratio(fit, compressed) * sqrt(with_outcome * with_treatment / (1 - with_treatment))
    value, _, high = fit.interval()
    reach = (high - value) * sqrt((1 - with_outcome) / (1 - with_treatment))
    left = value - np.sign(value) * bias
    return float(left), float(left - reach), float(left + reach)


def hidden_strength(benchmark: Benchmark) -> tuple[float, float]:
    """Return the partial R² with treatment and with outcome of a hidden cause as strong as ``benchmark``."""
    treatment, outcome = benchmark.with_treatment, benchmark.with_outcome
    with_treatment = min(treatment / max(1 - treatment, 1e-12), 0.99)
    # Given the treatment, hidden cause and benchmark are associated (Cinelli and Hazlett 2020).
    association = min(treatment**2 / max((1 - treatment) ** 2, 1e-12), 0.99)
    factor = ((1 + sqrt(association)) / sqrt(1 - association)) ** 2
    return with_treatment, min(factor * outcome / max(1 - outcome, 1e-12), 1.0)


def risk_ratio(compressed: PartialledOut, value: float) -> float:
    """Return the risk ratio of the highest level to the lowest that follows from an effect of ``value`` per level.

    For a binary outcome: predicted probabilities at the mean covariates. For another one: ``exp(0.91 d)``, where
    ``d`` is the effect in standard deviations of the outcome. Source: VanderWeele and Ding (2017).
    """
    outcome = compressed.outcome
    if not is_binary(outcome):
        return exp(0.91 * (HIGHEST_LEVEL - LOWEST_LEVEL) * value / float(outcome.std()))
    low, high = (
        float(outcome.mean() + value * (x - compressed.treatment.mean())) for x in (LOWEST_LEVEL, HIGHEST_LEVEL)
    )
    return min(max(high, MIN_RISK), 1.0) / min(max(low, MIN_RISK), 1.0)


def e_value(ratio: float) -> float:
    """Return the E-value of a risk ratio RR, RR + √(RR (RR - 1)): 1 or more, and 1 for no effect.

    Examples
    --------
    >>> round(e_value(2.0), 3)
    3.414
    >>> e_value(0.5) == e_value(2.0)
    True
    """
    ratio = 1 / ratio if ratio < 1 else ratio
    return ratio + sqrt(ratio * (ratio - 1)) if ratio < inf else inf


def covariate_e_values(fit: Fit, compressed: PartialledOut, found: Sequence[Benchmark]) -> dict[str, float]:
    """Return for each covariate the E-value of the change in the estimate if it is omitted.

    Source: McGowan and Greevy (2020), observed covariate E-values; here of the estimate, not of its limit.
    """
    full = risk_ratio(compressed, fit.value)
    return {b.name: e_value(risk_ratio(compressed, b.value) / full) for b in found}


def bound_nearest_zero(low: float, high: float) -> float:
    """Return the limit nearer to zero, or zero if the interval includes it.

    Examples
    --------
    >>> bound_nearest_zero(0.2, 0.5), bound_nearest_zero(-0.5, -0.2), bound_nearest_zero(-1.0, 1.0)
    (0.2, -0.2, 0.0)
    """
    return 0.0 if low <= 0 <= high else min(low, high, key=abs)


def is_binary(outcome: Floats) -> bool:
    """Return whether an outcome has only the values 0 and 1."""
    return bool(np.isin(outcome, (0.0, 1.0)).all())


def _benchmark(name: str, full: Floats, without: Floats) -> Benchmark:
    with_treatment = 1 - full[0, 0] / without[0, 0]
    with_outcome = 1 - _outcome_left(full) / _outcome_left(without)
    return Benchmark(
        name, max(float(with_treatment), 0.0), max(float(with_outcome), 0.0), float(without[0, 1] / without[0, 0])
    )


def _residuals(gram: Floats, columns: NDArray[np.intp]) -> Floats:
    """Return the 2 by 2 crossproducts of treatment and outcome with ``columns`` partialled out."""
    ends = [-2, -1]
    crossproducts = gram[np.ix_(columns, ends)]
    coefficients, _ = solve_normal_equations(gram[np.ix_(columns, columns)], crossproducts)
    left: Floats = gram[np.ix_(ends, ends)] - crossproducts.T @ coefficients
    return left


def _outcome_left(residuals: Floats) -> float:
    """Return the residual sum of squares of the outcome, given the treatment too."""
    return float(residuals[1, 1] - residuals[0, 1] ** 2 / residuals[0, 0])


def residual_ratio(fit: Fit, compressed: PartialledOut) -> float:
    """Return the residual standard deviation of the outcome, given the treatment, over that of the treatment."""
    residuals = _residuals(compressed.gram, np.arange(len(compressed.gram) - 2, dtype=np.intp))
    return sqrt(_outcome_left(residuals) / residuals[0, 0])
