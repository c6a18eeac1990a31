"""Quick checks: sensitivity analysis and the fast refuters of the study's slope, fast enough to follow a dial.

The statistics and the rules of the verdicts are those of `knowntruth.causal`; only the estimates are computed on
columns, cell by cell, because DoWhy takes seconds. The checks use only what the study observes. The last one uses the
rating of the first prompt alone, when the session could not yet influence the rater.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import nan
from typing import Final

import numpy as np

from knowntruth.causal import dowhy_guard
from knowntruth.causal.check import Check
from knowntruth.causal.estimation.partial_out import PartialledOut
from knowntruth.causal.estimation.regression import Fit, standard_errors
from knowntruth.causal.refutation import data_subset, placebo, random_common_cause
from knowntruth.causal.refutation.base import FALSE_ALARMS, Hypothesis, to_check
from knowntruth.causal.sensitivity import partial_r2
from knowntruth.common.arrays import Floats
from knowntruth.design.ledger.slope import CentredRating, slope
from knowntruth.workbench.panel.state.headline import SLOPES, Contrasts
from knowntruth.workbench.panel.state.sample import FIRST_PROMPT

SIMULATIONS: Final = 40
"""Replicates of each refuter; its verdict takes their number into account."""

TREATMENT: Final = "rated_expertise"


@dataclass(frozen=True, slots=True)
class Regression:
    """One outcome's regression: cells, the rating and the outcome less their cell's mean, and the fit."""

    sample: CentredRating
    outcome: Floats
    compressed: PartialledOut
    fit: Fit


def quick_checks(contrasts: Contrasts) -> list[Check]:
    """Return the checks of both slopes; none for a slope for which the sample is too small."""
    found: list[Check] = []
    for outcome in SLOPES:
        if outcome in contrasts.regressions:
            made = regress(contrasts, outcome)
            found += [*_sensitivity(made), *_refuters(made, contrasts.sample.seed), _first_prompt(contrasts, made)]
    return found


def regress(contrasts: Contrasts, outcome: str) -> Regression:
    """Return one outcome's regression in the form that the sensitivity statistics take: covariates are the cells."""
    sample = contrasts.regressions[outcome]
    rating = contrasts.rating[sample.rows].astype(np.float64)
    values = contrasts.outcome(outcome)[sample.rows]
    left = values - _means(values, sample)
    cells = int(np.count_nonzero(np.bincount(sample.cell)))
    ends = np.column_stack([sample.centred, left])
    users = np.unique(contrasts.sample.owner[sample.rows], return_inverse=True)[1].astype(np.int64)
    compressed = PartialledOut(
        TREATMENT,
        outcome,
        rating,
        values,
        rating - sample.centred,
        values - left,
        users,
        (),
        ends.T @ ends,
        cells - 1,
    )
    value = float(sample.centred @ left) / sample.spread
    errors = standard_errors(compressed, value)
    fit = Fit(compressed.frame(), TREATMENT, outcome, (), None, None, value, *errors, int(users.max()) + 1)
    return Regression(sample, left, compressed, fit)


def _sensitivity(made: Regression) -> list[Check]:
    """E-value and robustness value, each of the estimate and of the limit of its interval nearer to no effect."""
    _, low, high = made.fit.interval()
    ends = (made.fit.value, partial_r2.bound_nearest_zero(low, high))
    e_values = [partial_r2.e_value(partial_r2.risk_ratio(made.compressed, end)) for end in ends]
    shares = [partial_r2.robustness_value(made.fit, made.compressed, limit) for limit in (False, True)]
    n, outcome = made.compressed.n, made.fit.outcome
    return [
        Check("E-value", "How strongly must a hidden cause be tied to both ends to explain the slope away?",
              TREATMENT, outcome, "risk ratio", e_values[0], e_values[1], e_values[0], n=n,
              note="the lower number is for the limit of the interval"),
        Check("robustness value", "What share of both ends must a hidden cause explain to explain the slope away?",
              TREATMENT, outcome, "share of what is left", shares[0], shares[1], shares[0], n=n,
              note="the lower number is for the limit of the interval"),
    ]  # fmt: skip


def _refuters(made: Regression, seed: int) -> list[Check]:
    """Placebo, random common cause and subset, each by the rules of `knowntruth.causal.refutation`."""
    rng = np.random.default_rng(dowhy_guard.stream_seeds(seed, f"panel {made.fit.outcome}", 1)[0])
    return [
        to_check(
            Hypothesis("placebo treatment", "Does the slope vanish when ratings are shuffled?",
                         "a shuffled rating does nothing", "alarm if the mean slope differs from 0",
                         FALSE_ALARMS),
            made.fit, placebo.judge(_draws(lambda: _shuffled(made, rng)))),
        to_check(
            Hypothesis("random common cause", "Does the slope stay when a random covariate is added?",
                         "a random covariate changes nothing but by chance",
                         f"alarm if the mean shift exceeds {random_common_cause.MAX_SHIFT} standard errors", 0.0001),
            made.fit, random_common_cause.judge(_draws(lambda: _with_noise(made, rng)), made.fit)),
        to_check(
            Hypothesis("data subset", "Does the slope stay on four fifths of the sessions?",
                         "the slope stays, within sampling error", "alarm if centre or spread differ",
                         FALSE_ALARMS),
            made.fit, data_subset.judge(_draws(lambda: _subset(made, rng)), made.fit)),
    ]  # fmt: skip


def _first_prompt(contrasts: Contrasts, made: Regression) -> Check:
    """The slope on the level that the same rater gives to the first prompt alone."""
    outcome = made.fit.outcome
    sample = contrasts.regression(outcome, contrasts.sample.columns[FIRST_PROMPT])
    value = low = high = nan
    if sample is not None:
        found = slope(sample, contrasts.outcome(outcome), contrasts.sample.owner, contrasts.sample.users)
        value, low, high = found.value, found.value - 2 * found.error, found.value + 2 * found.error
    return Check(
        "first prompt alone", "What is the slope on a rating that cannot have seen how the session went?",
        TREATMENT, outcome, "slope per level", value, low, high, n=0 if sample is None else len(sample.rows),
        note="without halo, but with less to go by: a slope on a noisier rating is flatter too",
    )  # fmt: skip


def _draws(draw: Callable[[], float]) -> Floats:
    return np.array([draw() for _ in range(SIMULATIONS)])


def _shuffled(made: Regression, rng: np.random.Generator) -> float:
    """Return the slope on the ratings of other sessions."""
    rating = rng.permutation(made.compressed.treatment)
    left = rating - _means(rating, made.sample)
    return float(left @ made.outcome) / float(left @ left)


def _with_noise(made: Regression, rng: np.random.Generator) -> float:
    """Return the slope with a random number held as well."""
    noise = rng.standard_normal(len(made.outcome))
    noise -= _means(noise, made.sample)
    design = np.column_stack([made.sample.centred, noise])
    return float(np.linalg.solve(design.T @ design, design.T @ made.outcome)[0])


def _subset(made: Regression, rng: np.random.Generator) -> float:
    """Return the slope on four fifths of the sessions, the means of cells as they are."""
    chosen = rng.permutation(len(made.outcome))[: round(data_subset.FRACTION * len(made.outcome))]
    left = made.sample.centred[chosen]
    return float(left @ made.outcome[chosen]) / float(left @ left)


def _means(values: Floats, sample: CentredRating) -> Floats:
    """Return the mean of each session's cell."""
    sums, sizes = np.bincount(sample.cell, values), np.bincount(sample.cell)
    means: Floats = (sums / np.maximum(sizes, 1))[sample.cell]
    return means
