"""Refuters: tests that a sound estimate passes. DoWhy simulates; each rule has a stated false-alarm rate.

A refuter changes the data in a way whose consequence is known if the estimate is sound, estimates again, and
compares. Each is one file with its ``REFUTER`` and one row in `knowntruth.causal.refutation.registry`.

DoWhy 0.14 runs one simulation per call, each with a seed of its own. Asked for several it returns only their mean,
draws the *same* subset each time if given one seed, and takes its p-value from one tail.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import stats

from knowntruth.causal import dowhy_guard
from knowntruth.causal.check import Check, Verdict
from knowntruth.causal.estimation.regression import Fit
from knowntruth.common.arrays import Floats

FALSE_ALARMS: Final = 0.01
"""Share of sound estimates for which a test with this level raises a false alarm."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What a refuter tests: its null hypothesis, its rule, and how often the rule alarms although the null holds."""

    name: str
    question: str
    null: str
    rule: str
    false_alarms: float


@dataclass(frozen=True, slots=True)
class Refutation:
    """The effects that a refuter found, one per simulation, the interval of their mean, and the verdict."""

    effects: Floats
    verdict: Verdict
    lower: float
    upper: float
    note: str


@dataclass(frozen=True, slots=True)
class Refuter:
    """A hypothesis, and the function that tests it from a fit, a seed and a number of simulations."""

    hypothesis: Hypothesis
    refute: Callable[[Fit, int, int], Refutation]

    def check(self, fit: Fit, seed: int, simulations: int) -> Check:
        """Run the refuter and return its row."""
        return to_check(self.hypothesis, fit, self.refute(fit, seed, simulations))


def to_check(hypothesis: Hypothesis, fit: Fit, refutation: Refutation) -> Check:
    """Return the row of a refutation."""
    return Check(
        name=hypothesis.name,
        question=hypothesis.question,
        treatment=fit.treatment,
        outcome=fit.outcome,
        statistic=f"mean effect of one level over {len(refutation.effects)} simulations",
        value=float(refutation.effects.mean()),
        lower=refutation.lower,
        upper=refutation.upper,
        verdict=refutation.verdict,
        rule=hypothesis.rule,
        null=hypothesis.null,
        false_alarms=hypothesis.false_alarms,
        n=len(fit.frame),
        note=refutation.note,
    )


def simulate(refuter: Any, fit: Fit, seeds: list[int], **settings: Any) -> Floats:
    """Return one effect per seed from a refuter of DoWhy; its p-value of a single simulation has no meaning."""
    effects = []
    for seed in seeds:
        with dowhy_guard.quietly(seed):
            refutation = refuter(
                fit.frame.copy(), fit.estimand, fit.estimate, num_simulations=1, random_state=seed, **settings
            )
        effects.append(float(refutation.new_effect))
    return np.array(effects)


def judge_mean_zero(effects: Floats, note: str) -> Refutation:
    """Test by Student's t that the effects have mean zero."""
    low, high = interval_of_mean(effects)
    verdict: Verdict = "pass" if low <= 0 <= high else "alarm"
    return Refutation(effects, verdict, low, high, note)


def judge_scatter(effects: Floats, fit: Fit, expected: float) -> Refutation:
    """Test that estimates have the mean of the fit and a standard deviation of ``expected`` at most.

    Each of the two tests has half of the false alarms: the mean by the normal distribution, the spread by χ² with one
    degree of freedom less than there are simulations.
    """
    number = len(effects)
    shifted = abs(effects.mean() - fit.value) > stats.norm.ppf(1 - FALSE_ALARMS / 4) * expected / np.sqrt(number)
    widest = expected * np.sqrt(stats.chi2.ppf(1 - FALSE_ALARMS / 2, number - 1) / (number - 1))
    spread = float(effects.std(ddof=1))
    verdict: Verdict = "alarm" if shifted or spread > widest else "pass"
    note = f"spread {spread / expected:.2f} times that of sampling rows"
    return Refutation(effects, verdict, *interval_of_mean(effects), note)


def interval_of_mean(effects: Floats) -> tuple[float, float]:
    """Return the interval of the mean effect with coverage 1 - `FALSE_ALARMS`, by Student's t."""
    number = len(effects)
    reach = stats.t.ppf(1 - FALSE_ALARMS / 2, number - 1) * effects.std(ddof=1) / np.sqrt(number)
    return float(effects.mean() - reach), float(effects.mean() + reach)
