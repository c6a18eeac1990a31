"""Other estimators: weighting, doubly robust, instrument and front door, where they apply."""

from collections.abc import Iterator

from knowntruth.causal.check import Check
from knowntruth.causal.checks.iv_and_front_door import iv_and_front_door
from knowntruth.causal.checks.rows import make_check
from knowntruth.causal.estimation import weighting
from knowntruth.causal.estimation.analysis import Analysis
from knowntruth.causal.estimation.regression import fit_linear


def other_estimators(analysis: Analysis) -> Iterator[Check]:
    """Estimate by every other method that the graph and the data allow."""
    yield from group_estimates(analysis)
    yield from iv_and_front_door(analysis)


def group_estimates(analysis: Analysis) -> Iterator[Check]:
    """Compare two groups of levels by each method, and with a regression on the same rows."""
    groups = weighting.two_groups(analysis)
    if groups is None:
        return
    regression, low, high = fit_linear(groups).interval()
    for name, method in weighting.METHODS.items():
        estimate = weighting.estimate_groups(groups, method)
        error = weighting.compression_error(analysis, method)
        value, lower, upper, by_regression = analysis.scaled(estimate, low, high, regression)
        inside = min(low, high) - error <= estimate <= max(low, high) + error
        yield make_check(
            analysis,
            name,
            "Does an estimator without a linear effect of the level agree with regression?",
            f"{analysis.unit}, levels {weighting.MIN_UPPER_LEVEL} and up against the rest",
            value=value,
            lower=lower,
            upper=upper,
            verdict="pass" if inside else "alarm",
            rule="alarm if outside the regression's 95% interval by more than the error of the scores",
            null="both have the same estimand, as they do where the effect is the same for all",
            n=groups.n,
            note=f"limits: those of the regression ({by_regression:.4f}); two scores instead of all dummies change"
            f" the estimate by {error:.4f} on {min(weighting.COMPARED_ROWS, analysis.whole.n):,} rows",
        )
