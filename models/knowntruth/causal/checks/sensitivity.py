"""Sensitivity: how strong a hidden cause would have to be, and what one as strong as a covariate would leave."""

from collections.abc import Iterator

from knowntruth.causal.check import Check, Verdict
from knowntruth.causal.checks.rows import make_check, unavailable
from knowntruth.causal.estimation.analysis import Analysis
from knowntruth.causal.sensitivity import partial_r2


def sensitivities(analysis: Analysis) -> Iterator[Check]:
    """Report robustness value, E-value, and the effect under a benchmark hidden cause."""
    yield _robustness(analysis)
    yield _e_value(analysis)
    yield _benchmark(analysis)


def _robustness(analysis: Analysis) -> Check:
    strongest = partial_r2.benchmarks(analysis.whole)[:3]
    listed = "; ".join(f"{b.name} has {b.with_treatment:.3f} and {b.with_outcome:.3f}" for b in strongest)
    return make_check(
        analysis,
        "robustness value",
        "What share of both must a hidden cause explain to reduce the effect to zero?",
        "partial R2 with treatment and outcome",
        value=partial_r2.robustness_value(analysis.fit, analysis.whole),
        lower=partial_r2.robustness_value(analysis.fit, analysis.whole, limit=True),
        note=f"lower: for the limit of the 95% interval; strongest covariates: {listed or 'none'}",
    )


def _e_value(analysis: Analysis) -> Check:
    value, low, high = analysis.fit.interval()
    limit = partial_r2.bound_nearest_zero(low, high)
    of_covariates = partial_r2.covariate_e_values(analysis.fit, analysis.whole, partial_r2.benchmarks(analysis.whole))
    strongest = max(of_covariates.values(), default=1.0)
    needed = partial_r2.e_value(partial_r2.risk_ratio(analysis.whole, limit)) if limit else 1.0
    verdict: Verdict = "info" if limit == 0 else "alarm" if needed <= strongest else "pass"
    return make_check(
        analysis,
        "E-value",
        "By what risk ratio must a hidden cause be associated with both to explain the effect away?",
        "risk ratio",
        value=partial_r2.e_value(partial_r2.risk_ratio(analysis.whole, value)),
        lower=needed,
        verdict=verdict,
        rule="alarm if the E-value of the limit is at most that of a covariate; information if the estimate's own"
        " interval includes no effect",
        note=f"lower: for the limit of the 95% interval; largest E-value of a covariate {strongest:.2f}",
    )


def _benchmark(analysis: Analysis) -> Check:
    benchmarks = partial_r2.benchmarks(analysis.whole)
    name = "benchmark cause"
    question = "What would remain if a hidden cause as strong as the strongest covariate were adjusted for?"
    if not benchmarks:
        return unavailable(analysis, name, question, "no covariate to compare with")
    remaining, low, high = partial_r2.effect_if_as_strong(analysis.fit, analysis.whole, benchmarks[0])
    none_before = partial_r2.bound_nearest_zero(*analysis.fit.interval()[1:]) == 0
    gone = low <= 0 <= high or remaining * analysis.fit.value < 0
    verdict: Verdict = "info" if none_before else "alarm" if gone else "pass"
    value, lower, upper = analysis.scaled(remaining, low, high)
    return make_check(
        analysis,
        name,
        question,
        f"{analysis.unit}, one level",
        value=value,
        lower=lower,
        upper=upper,
        verdict=verdict,
        rule="alarm if the remaining interval includes no effect, or the sign changes; information if the estimate's"
        " own interval includes no effect",
        note=f"as strong as {benchmarks[0].name}, biasing the estimate away from zero",
    )
