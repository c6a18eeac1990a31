"""Estimation: the effect of one level without adjustment, as published, and best adjusted; expert against novice."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from knowntruth.causal.check import Check
from knowntruth.causal.checks.rows import effect_check, join_notes, make_check, unavailable
from knowntruth.causal.estimation.analysis import Analysis, join_covariates, published_covariates
from knowntruth.causal.estimation.design_matrix import Covariate
from knowntruth.causal.estimation.partial_out import partial_out
from knowntruth.causal.estimation.regression import HIGHEST_LEVEL, LOWEST_LEVEL, fit_linear, logistic_difference
from knowntruth.causal.identification.identify import join_names
from knowntruth.causal.sensitivity import partial_r2

_EXPERT: Final = "is_expert"
_BETWEEN: Final = "level_between"
"""Columns of the contrast by level."""


def estimates(analysis: Analysis) -> Iterator[Check]:
    """Estimate the effect of one level in three ways, then the contrast of expert and novice."""
    question = "What is the effect of one level of expertise"
    unadjusted = fit_linear(partial_out(analysis.data, analysis.treatment, analysis.outcome, ()))
    yield effect_check(analysis, "naive contrast", f"{question}, without adjustment?", unadjusted, 1.0, "")
    yield _published(analysis, f"{question}, adjusted as published?")
    note = f"adjusted for {join_names(analysis.identification.adjustment)}"
    yield effect_check(
        analysis, "linear regression", f"{question}, with the best adjustment?", analysis.fit, 1.0, note
    )
    question = "How do experts differ from novices"
    levels = HIGHEST_LEVEL - LOWEST_LEVEL
    name = "expert against novice"
    yield effect_check(analysis, name, f"{question}, if the effect is linear?", analysis.fit, levels, note)
    yield _by_level(analysis, f"{question}, without a linear effect?")
    if partial_r2.is_binary(analysis.whole.outcome):
        yield _logistic(analysis)


def _published(analysis: Analysis, question: str) -> Check:
    controls = published_covariates(analysis.data)
    if not controls:
        return unavailable(analysis, "published adjustment", question, "the data lack a published covariate")
    fit = fit_linear(partial_out(analysis.data, analysis.treatment, analysis.outcome, controls))
    note = f"adjusted for {join_covariates(controls)}"
    return effect_check(analysis, "published adjustment", question, fit, 1.0, note)


def _by_level(analysis: Analysis, question: str) -> Check:
    """Contrast the two end levels, with a dummy for each level between them."""
    level = analysis.data[analysis.treatment].to_numpy(dtype=np.float64)
    name, ends = "expert against novice, by level", np.isin(level, (LOWEST_LEVEL, HIGHEST_LEVEL))
    if not ((level == LOWEST_LEVEL).any() and (level == HIGHEST_LEVEL).any()):
        return unavailable(analysis, name, question, "no session at one of the two levels")
    data = analysis.data.assign(**{_EXPERT: level == HIGHEST_LEVEL, _BETWEEN: np.where(ends, 0.0, level)})
    covariates: tuple[Covariate, ...] = (*analysis.identification.adjustment, _BETWEEN)
    fit = fit_linear(partial_out(data, _EXPERT, analysis.outcome, covariates))
    novices = int((level == LOWEST_LEVEL).sum())
    note = f"a dummy for each level; {novices:,} novice sessions"
    check = effect_check(analysis, name, question, fit, 1.0, note)
    return replace(check, statistic=f"{analysis.unit}, level 5 against level 1")


def _logistic(analysis: Analysis) -> Check:
    """Compare linear and logistic regression on the refuters' rows."""
    value, low, high = analysis.sampled.interval(HIGHEST_LEVEL - LOWEST_LEVEL)
    difference = logistic_difference(analysis.sample)
    return make_check(
        analysis,
        "logistic regression",
        "Does logistic regression agree with linear regression?",
        "difference, level 5 against level 1",
        value=difference,
        verdict="pass" if low <= difference <= high else "alarm",
        rule="alarm if outside the 95% interval of linear regression on the same rows",
        n=analysis.sample.n,
        note=join_notes(f"linear {value:.4f}, interval {low:.4f} to {high:.4f}", analysis.sampling),
    )
