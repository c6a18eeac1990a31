"""Tests that a sound estimate passes. DoWhy draws; the rule is ours and stated with its false-alarm rate.

| test | what is changed | null | what it cannot see |
|---|---|---|---|
| placebo treatment | treatment shuffled over rows | the new effect is zero | hidden causes: shuffling cuts them too |
| random common cause | a random covariate added | the estimate stays | hidden causes: the new one is no cause |
| data subset | four fifths of the rows | the estimate stays, within sampling error | anything all rows share |
| unobserved common cause | a hidden cause is *made* | none: it is a "what if" | how strong the real one is |

DoWhy 0.14 is asked for one simulation at a time, each with a seed of its own: it returns only the mean of
several, draws the *same* subset each time when given one seed, and takes its p-value from one tail. Everything
runs in one job on copies of the columns; each of the rules guards against a fault found in DoWhy's estimators.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import stats

from knowntruth.causal import dowhy_guard
from knowntruth.causal.check import Check, Verdict
from knowntruth.causal.estimation.regression import Fit
from knowntruth.causal.sensitivity.partial_r2 import bound_nearest_zero
from knowntruth.common.arrays import Floats

FALSE_ALARMS: Final = 0.01
"""Share of sound estimates on which the placebo and the subset test raise the alarm."""

SUBSET_FRACTION: Final = 0.8
MAX_SHIFT: Final = 0.1
"""Largest mean shift, in standard errors, that a random common cause may cause."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The effects that a refuter found, one for each simulation, and the verdict on them."""

    effects: Floats
    verdict: Verdict
    lower: float
    upper: float
    note: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a refuter asks: its name, its null, its rule, and how often the rule alarms though the null holds."""

    name: str
    question: str
    null: str
    rule: str
    false_alarms: float


def placebo(fit: Fit, seed: int, simulations: int) -> Check:
    """Shuffle the treatment over the rows: nothing should be left of the effect."""
    from dowhy.causal_refuters import refute_placebo_treatment
    from dowhy.causal_refuters.placebo_treatment_refuter import PlaceboType

    # DoWhy's default placebo for a real-valued treatment is the constant zero, which tests nothing.
    more = {"treatment_names": [fit.treatment], "placebo_type": PlaceboType.PERMUTE}
    effects = simulate(refute_placebo_treatment, fit, dowhy_guard.stream_seeds(seed, "placebo", simulations), **more)
    asked = Asked(
        "placebo treatment",
        "Does the effect vanish when the treatment is shuffled?",
        "a shuffled treatment does nothing",
        "alarm if the mean placebo effect differs from 0",
        FALSE_ALARMS,
    )
    return check(asked, fit, judge_placebo(effects))


def judge_placebo(effects: Floats) -> Drawn:
    """Test that effects of shuffled treatments have mean zero, by Student's t."""
    low, high = _interval_of_mean(effects)
    verdict: Verdict = "pass" if low <= 0 <= high else "alarm"
    return Drawn(effects, verdict, low, high, "cannot see hidden causes: shuffling cuts their arrows too")


def random_common_cause(fit: Fit, seed: int, simulations: int) -> Check:
    """Adjust for a random number as well: the estimate should stay where it is."""
    from dowhy.causal_refuters import refute_random_common_cause

    effects = simulate(
        refute_random_common_cause, fit, dowhy_guard.stream_seeds(seed, "random common cause", simulations)
    )
    asked = Asked(
        "random common cause",
        "Does the estimate stay when a random covariate is added?",
        "a random covariate changes nothing but by chance",
        f"alarm if the mean shift exceeds {MAX_SHIFT} standard errors, or if nothing moves at all",
        0.0001,
    )
    return check(asked, fit, judge_random_cause(effects, fit))


def judge_random_cause(effects: Floats, fit: Fit) -> Drawn:
    """Ask whether adding noise moved the estimate, or whether it was never estimated anew."""
    shifts = effects - fit.value
    frozen = bool((shifts == 0).all())
    moved = abs(float(shifts.mean())) > MAX_SHIFT * fit.row_error
    note = "nothing moved: the estimate was not made anew" if frozen else "cannot see hidden causes"
    low, high = _interval_of_mean(effects)
    return Drawn(effects, "alarm" if frozen or moved else "pass", low, high, note)


def data_subset(fit: Fit, seed: int, simulations: int) -> Check:
    """Estimate on random subsets of the rows: centre and spread should be those of sampling."""
    from dowhy.causal_refuters import refute_data_subset

    chosen = dowhy_guard.stream_seeds(seed, "data subset", simulations)
    effects = simulate(refute_data_subset, fit, chosen, subset_fraction=SUBSET_FRACTION)
    asked = Asked(
        "data subset",
        f"Do random {SUBSET_FRACTION:.0%} of the rows give the same estimate?",
        "estimates on subsets scatter about the whole one as drawing rows explains",
        "alarm if centre or spread of the subset estimates is more than that",
        FALSE_ALARMS,
    )
    return check(asked, fit, judge_subset(effects, fit))


def judge_subset(effects: Floats, fit: Fit, fraction: float = SUBSET_FRACTION) -> Drawn:
    """Test centre and spread of subset estimates, half of the false alarms each.

    Drawing a fraction f without replacement, an estimate varies about the whole one with its standard error
    times the root of (1 - f) / f.
    """
    return judge_scatter(effects, fit, fit.row_error * np.sqrt((1 - fraction) / fraction))


def judge_scatter(effects: Floats, fit: Fit, expected: float) -> Drawn:
    """Test that estimates scatter about that of the fit with a standard deviation of ``expected`` at most."""
    number = len(effects)
    off = abs(effects.mean() - fit.value) > stats.norm.ppf(1 - FALSE_ALARMS / 4) * expected / np.sqrt(number)
    widest = expected * np.sqrt(stats.chi2.ppf(1 - FALSE_ALARMS / 2, number - 1) / (number - 1))
    spread = float(effects.std(ddof=1))
    verdict: Verdict = "alarm" if off or spread > widest else "pass"
    note = f"spread {spread / expected:.2f} times what sampling rows explains"
    return Drawn(effects, verdict, *_interval_of_mean(effects), note)


def unobserved_common_cause(fit: Fit, strength: tuple[float, float], like: str, seed: int, simulations: int) -> Check:
    """Make a hidden cause of stated strength that pulls the estimate towards no effect, and see what is left.

    Parameters
    ----------
    fit
        The estimate.
    strength
        Partial R² of the hidden cause with what is left of treatment and of outcome once covariates are held.
    like
        What has this strength, for the note.
    seed, simulations
        Each simulation makes a hidden cause of its own.
    """
    kappas = simulated_strength(fit, strength)
    chosen = dowhy_guard.stream_seeds(seed, "unobserved common cause", simulations)
    effects = np.array([_with_hidden_cause(fit, kappas, one) for one in chosen])
    value, low, high = fit.interval()
    reach, left = (high - low) / 2, float(effects.mean())
    asked = Asked(
        "unobserved common cause",
        f"Would a hidden cause as strong as {like} leave an effect?",
        "none: it is a what-if",
        "alarm if the interval of what is left holds no effect, or the sign turns; information if it does at once",
        float("nan"),
    )
    verdict: Verdict = "alarm" if bound_nearest_zero(left - reach, left + reach) == 0 or left * value < 0 else "pass"
    verdict = "info" if bound_nearest_zero(low, high) == 0 else verdict
    note = f"simulated with partial R2 {strength[0]:.3f} with treatment, {strength[1]:.3f} with outcome"
    drawn = Drawn(effects, verdict, left - reach, left + reach, note)
    return check(asked, fit, drawn)


def simulated_strength(fit: Fit, strength: tuple[float, float]) -> tuple[float, float]:
    """Return the two coefficients of a standard normal cause that has the partial R² of ``strength``.

    DoWhy adds the cause to the treatment and subtracts it from the outcome, which pulls a positive estimate
    down; for a negative one the second sign is turned.
    """
    left_treatment, left_outcome = residual_spread(fit)
    on_treatment, on_outcome = (np.sqrt(min(r2, 0.99) / (1 - min(r2, 0.99))) for r2 in strength)
    sign = 1.0 if fit.value >= 0 else -1.0
    return float(on_treatment * left_treatment), float(sign * on_outcome * left_outcome)


def residual_spread(fit: Fit) -> tuple[float, float]:
    """Return the standard deviations of treatment, and of outcome at a given treatment, covariates held."""
    columns = fit.frame.to_numpy()
    design = np.column_stack([np.ones(len(columns)), columns[:, 2:]])
    left = columns[:, :2] - design @ np.linalg.lstsq(design, columns[:, :2])[0]
    return float(left[:, 0].std()), float((left[:, 1] - fit.value * left[:, 0]).std())


def _with_hidden_cause(fit: Fit, kappas: tuple[float, float], seed: int) -> float:
    from dowhy.causal_refuters import sensitivity_simulation

    with dowhy_guard.quietly(seed):
        refutation = sensitivity_simulation(
            fit.frame.copy(),
            fit.estimand,
            fit.estimate,
            [fit.treatment],
            [fit.outcome],
            kappa_t=kappas[0],
            kappa_y=kappas[1],
            confounders_effect_on_treatment="linear",
            confounders_effect_on_outcome="linear",
        )
    return float(refutation.new_effect)


def simulate(refuter: Any, fit: Fit, seeds: list[int], **more: Any) -> Floats:
    """Return one effect per seed; DoWhy's p-value of a single simulation is meaningless and dropped."""
    effects = []
    for seed in seeds:
        with dowhy_guard.quietly(seed):
            refutation = refuter(
                fit.frame.copy(), fit.estimand, fit.estimate, num_simulations=1, random_state=seed, **more
            )
        effects.append(float(refutation.new_effect))
    return np.array(effects)


def _interval_of_mean(effects: Floats) -> tuple[float, float]:
    number = len(effects)
    reach = stats.t.ppf(1 - FALSE_ALARMS / 2, number - 1) * effects.std(ddof=1) / np.sqrt(number)
    return float(effects.mean() - reach), float(effects.mean() + reach)


def check(asked: Asked, fit: Fit, drawn: Drawn) -> Check:
    """Return the row of a refuter."""
    number = len(drawn.effects)
    return Check(
        name=asked.name,
        question=asked.question,
        treatment=fit.treatment,
        outcome=fit.outcome,
        statistic=f"mean effect of one level over {number} simulations",
        value=float(drawn.effects.mean()),
        lower=drawn.lower,
        upper=drawn.upper,
        verdict=drawn.verdict,
        rule=asked.rule,
        null=asked.null,
        false_alarms=asked.false_alarms,
        n=len(fit.frame),
        note=drawn.note,
    )
