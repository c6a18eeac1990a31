"""The four steps as rows: what is asked, what came out, by which rule it passes.

Each function takes a `Case` and yields its checks one by one, so that each can be timed.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from knowntruth.causal.check import Check, Verdict
from knowntruth.causal.checks import more_steps
from knowntruth.causal.estimation.analysis import Analysis, join_covariates, published_covariates
from knowntruth.causal.estimation.design_matrix import Covariate
from knowntruth.causal.estimation.partial_out import partial_out
from knowntruth.causal.estimation.regression import HIGHEST_LEVEL, LOWEST_LEVEL, Fit, fit_linear, logistic_difference
from knowntruth.causal.identification.identify import join_names
from knowntruth.causal.refutation import bootstrap, refute
from knowntruth.causal.sensitivity import overlap, partial_r2

CAUSES: Final = 5
"""Hidden causes simulated; their mean settles at once, since rows are many."""


def identification(case: Analysis) -> Iterator[Check]:
    """Say what the graph allows, what it takes on trust, and which published controls it forbids."""
    found = case.identification
    agreed = {found.route: "DoWhy agrees", "not asked": "DoWhy's search of all subsets would not end"}
    yield _row(
        case,
        "identification",
        "Can the effect be had from what is observed?",
        "hidden common causes left open",
        value=float(len(found.hidden_causes)),
        verdict="pass" if found.identified else "alarm",
        rule="alarm if neither a back door nor a front door identifies the effect",
        note=f"{found.words}; {agreed.get(found.dowhy, f'but DoWhy says: {found.dowhy}')}",
    )
    yield _row(
        case,
        "labels at their word",
        "Do the labels err without regard to treatment and outcome?",
        "labels that the graph contradicts",
        value=float(len(found.contradicted)),
        verdict="alarm" if found.contradicted else "pass",
        rule="alarm if by the graph a label's errors go with treatment or outcome",
        note="; ".join(found.assumptions),
    )
    moved = tuple(sorted({*found.bad_controls, *found.moved_labels}))
    yield _row(
        case,
        "bad controls",
        "Does the published regression hold fixed what the treatment moves?",
        "published covariates that the treatment moves",
        value=float(len(moved)),
        verdict="alarm" if moved else "pass",
        rule="alarm if a published covariate descends from the treatment",
        note=f"with labels at their word: {join_names(found.bad_controls)}; as labels: {join_names(found.moved_labels)}",
    )


def estimates(case: Analysis) -> Iterator[Check]:
    """Estimate the effect of a level without adjustment, as published, and with the best adjustment; then ends."""
    best = case.identification.adjustment
    question = "What is one level of expertise worth"
    naive = fit_linear(partial_out(case.data, case.treatment, case.outcome, ()))
    yield _effect(case, "naive contrast", f"{question}, adjusting for nothing?", naive, 1.0, "")
    yield _published(case, f"{question}, adjusted as published?")
    note = f"adjusted for {join_names(best)}"
    yield _effect(case, "linear regression", f"{question}, best adjustment?", case.fit, 1.0, note)
    levels = HIGHEST_LEVEL - LOWEST_LEVEL
    ends = "What sets experts apart from novices"
    yield _effect(case, "expert against novice", f"{ends}, along a straight line?", case.fit, levels, note)
    yield _by_level(case, f"{ends}, with no line through the levels?")
    if partial_r2.is_binary(case.whole.outcome):
        yield _logistic(case)


def refutations(case: Analysis) -> Iterator[Check]:
    """Shuffle, add noise, draw rows anew, and make a hidden cause."""
    benchmarks = partial_r2.benchmarks(case.whole)
    like = f"the strongest covariate, {benchmarks[0].name}" if benchmarks else "one assumed"
    strength = partial_r2.hidden_strength(benchmarks[0]) if benchmarks else more_steps.ASSUMED
    for test in REFUTERS:
        yield _annotated(case, test(case.sampled, case.seed, case.simulations))
    check = refute.unobserved_common_cause(case.sampled, strength, like, case.seed, CAUSES)
    yield _annotated(case, check)


def sensitivities(case: Analysis) -> Iterator[Check]:
    """Say how strong a hidden cause would have to be, and what one as strong as a covariate would leave."""
    yield _robustness(case)
    yield _e_value(case)
    yield _benchmark(case)


REFUTERS: Final = (
    refute.placebo, refute.random_common_cause, refute.data_subset, bootstrap.bootstrap, bootstrap.dummy_outcome,
)  # fmt: skip
"""Refuters that shuffle or redraw; a new one is a function and a name here."""

STEPS: Final[dict[str, Callable[[Analysis], Iterator[Check]]]] = {
    "identify": identification,
    "graph": more_steps.falsification,
    "estimate": estimates,
    "other estimators": more_steps.estimators,
    "refute": refutations,
    "sensitivity": sensitivities,
    "learned": more_steps.learning,
    "rules of overlap": overlap.overlap_rules,
}
"""DoWhy's four steps in their order, the graph itself after the first."""


def _published(case: Analysis, question: str) -> Check:
    controls = published_covariates(case.data)
    if not controls:
        missing = "the data lack a published covariate"
        return _row(case, "published adjustment", question, "", verdict="unavailable", note=missing)
    fit = fit_linear(partial_out(case.data, case.treatment, case.outcome, controls))
    return _effect(case, "published adjustment", question, fit, 1.0, f"adjusted for {join_covariates(controls)}")


def _by_level(case: Analysis, question: str) -> Check:
    """Contrast the two end levels, with a dummy for each level between them."""
    level = case.data[case.treatment].to_numpy(dtype=np.float64)
    name, ends = "expert against novice, by level", np.isin(level, (LOWEST_LEVEL, HIGHEST_LEVEL))
    if not ((level == LOWEST_LEVEL).any() and (level == HIGHEST_LEVEL).any()):
        return _row(case, name, question, "", verdict="unavailable", note="no session at one of the two levels")
    data = case.data.assign(**{_EXPERT: level == HIGHEST_LEVEL, _BETWEEN: np.where(ends, 0.0, level)})
    covariates: tuple[Covariate, ...] = (*case.identification.adjustment, _BETWEEN)
    fit = fit_linear(partial_out(data, _EXPERT, case.outcome, covariates))
    novices = int((level == LOWEST_LEVEL).sum())
    note = f"a dummy for each level; {novices:,} novice sessions"
    check = _effect(case, name, question, fit, 1.0, note)
    return replace(check, statistic=f"{case.unit}, level 5 against level 1")


_EXPERT, _BETWEEN = "is_expert", "level_between"


def _logistic(case: Analysis) -> Check:
    """Compare the straight line with a logistic curve on the refuters' rows."""
    value, low, high = case.sampled.interval(HIGHEST_LEVEL - LOWEST_LEVEL)
    curved = logistic_difference(case.sample)
    return _row(
        case,
        "logistic regression",
        "Does a logistic curve say the same as the straight line?",
        "difference, level 5 against level 1",
        value=curved,
        verdict="pass" if low <= curved <= high else "alarm",
        rule="alarm if outside the 95% interval of the straight line on the same rows",
        n=case.sample.n,
        note=_joined(f"straight line {value:.4f}, interval {low:.4f} to {high:.4f}", case.sampling),
    )


def _robustness(case: Analysis) -> Check:
    found = partial_r2.benchmarks(case.whole)[:3]
    beside = "; ".join(f"{b.name} has {b.with_treatment:.3f} and {b.with_outcome:.3f}" for b in found)
    return _row(
        case,
        "robustness value",
        "What share of both must a hidden cause explain to leave no effect?",
        "partial R2 with treatment and outcome",
        value=partial_r2.robustness_value(case.fit, case.whole),
        lower=partial_r2.robustness_value(case.fit, case.whole, limit=True),
        note=f"lower: to reach the 95% interval's limit; strongest covariates: {beside or 'none'}",
    )


def _e_value(case: Analysis) -> Check:
    value, low, high = case.fit.interval()
    limit = partial_r2.bound_nearest_zero(low, high)
    of_covariates = partial_r2.covariate_e_values(case.fit, case.whole, partial_r2.benchmarks(case.whole))
    strongest = max(of_covariates.values(), default=1.0)
    needed = partial_r2.e_value(partial_r2.risk_ratio(case.whole, limit)) if limit else 1.0
    verdict: Verdict = "info" if limit == 0 else "alarm" if needed <= strongest else "pass"
    return _row(
        case,
        "E-value",
        "By what risk ratio must a hidden cause be tied to both to leave no effect?",
        "risk ratio",
        value=partial_r2.e_value(partial_r2.risk_ratio(case.whole, value)),
        lower=needed,
        verdict=verdict,
        rule="alarm if the limit's E-value is no more than that of a covariate; information if no effect at once",
        note=f"lower: for the 95% interval's limit; largest E-value of a covariate {strongest:.2f}",
    )


def _benchmark(case: Analysis) -> Check:
    found = partial_r2.benchmarks(case.whole)
    name, question = "benchmark cause", "What would a hidden cause as strong as the strongest covariate leave?"
    if not found:
        return _row(case, name, question, "", verdict="unavailable", note="no covariate to compare with")
    left, low, high = partial_r2.effect_if_as_strong(case.fit, case.whole, found[0])
    at_once = partial_r2.bound_nearest_zero(*case.fit.interval()[1:]) == 0
    gone = low <= 0 <= high or left * case.fit.value < 0
    verdict: Verdict = "info" if at_once else "alarm" if gone else "pass"
    value, lower, upper = case.scaled(left, low, high)
    return _row(
        case,
        name,
        question,
        f"{case.unit}, one level",
        value=value,
        lower=lower,
        upper=upper,
        verdict=verdict,
        rule="alarm if the interval left holds no effect, or the sign turns; information if no effect at once",
        note=f"as strong as {found[0].name}, pulling towards no effect",
    )


def _effect(case: Analysis, name: str, question: str, fit: Fit, levels: float, note: str) -> Check:
    value, lower, upper = case.scaled(*fit.interval(levels))
    steps = "one level" if levels == 1 else f"{levels:g} levels"
    row = _row(case, name, question, f"{case.unit}, {steps}", value=value, lower=lower, upper=upper)
    return replace(row, note=note)


def _annotated(case: Analysis, check: Check) -> Check:
    logs = "effects are differences of logarithms" if case.logged else ""
    return replace(check, note=_joined(check.note, logs, case.sampling))


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def _row(
    case: Analysis,
    name: str,
    question: str,
    statistic: str,
    *,
    value: float = float("nan"),
    lower: float = float("nan"),
    upper: float = float("nan"),
    verdict: Verdict = "info",
    rule: str = "none: for information",
    n: int | None = None,
    note: str = "",
) -> Check:
    rows = case.whole.n if n is None else n
    return Check(
        name, question, case.treatment, case.outcome, statistic, value, lower, upper, verdict, rule, n=rows, note=note
    )
