"""The question put to a strategy: which contrast, at which confidence, with which controls.

Every strategy gets the same question, so that their estimates can be compared. What only some of them use (controls,
a validation sample, limits of the outcome) is part of the question too; the others ignore it.
"""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.common.names import look_up
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.datasets.schema.estimands import ESTIMANDS, HEADLINE, Estimand
from knowntruth.strategies.base.estimate import NAN, Estimate, imbens_manski_quantile, t_quantile
from knowntruth.strategies.base.sample import Sample

if TYPE_CHECKING:
    import pandas as pd

CONTROLS: Final = ("month", "mode", "user_occupation")
"""The default controls: observed causes of expertise, or labels of them.

The study also controls for the price and the occupation of the work. Both are read from what was done, so they may be
consequences of expertise (study.md, threat 4), and are left out here."""

OUTCOMES: Final = {
    "actions_per_prompt": "actions_per_prompt",
    "verified_success": "verified_success",
    "true_success": "judged_success",
}
"""The observed column of each estimand's outcome. True success is observed only through the judge."""

RATING: Final = "rated_expertise"
"""The observed column that is read as the level of domain expertise."""


@dataclass(frozen=True, slots=True)
class Question:
    """One contrast of two levels, and all that a strategy may use to estimate it.

    ``high`` and ``low`` are the levels compared. ``controls`` are observed columns to adjust for: numbers with many
    values enter linearly, everything else as categories. ``seed`` fixes all random draws of a strategy.
    ``validation`` has one row per session whose true level is known: ``session_id`` and ``domain_expertise``.
    ``support`` are the least and greatest values that the outcome can take, in its own unit; bounds use them.
    """

    estimand: Estimand
    high: int
    low: int
    confidence: float
    controls: tuple[str, ...]
    seed: int
    validation: "pd.DataFrame | None" = None
    support: tuple[float, float] | None = None

    @property
    def outcome(self) -> str:
        """The observed column of the outcome."""
        return OUTCOMES[self.estimand.outcome]

    @property
    def logged(self) -> bool:
        """Whether the outcome is analysed as a logarithm, so that effects are ratios."""
        return self.estimand.scale == "ratio"

    @property
    def span(self) -> int:
        """The difference between the two levels compared; negative if the higher one is the reference."""
        return self.high - self.low

    def point_estimate(
        self, strategy: str, effect: float, error: float, sample: Sample, *, freedom: float = NAN, notes: str = ""
    ) -> Estimate:
        """Return the estimate for an ``effect`` with standard ``error``, both on the scale of the analysis.

        ``freedom`` are the degrees of freedom of the error, by default the number of people less one. For a ratio the
        interval is computed on the logarithm, and the standard error follows by the delta method.

        Raises
        ------
        InputError
            If the effect or the error is not finite: there were too few sessions for the model.
        """
        if not np.isfinite([effect, error]).all():
            few = f"{sample.n} sessions of {sample.people} people are too few for what {strategy} fits"
            raise InputError(f"{few}; bring more sessions, or hold fewer controls")
        freedom = sample.people - 1 if np.isnan(freedom) else freedom
        margin = t_quantile(self.confidence, freedom) * error
        value, lower, upper = (self._scaled(e) for e in (effect, effect - margin, effect + margin))
        error = value * error if self.logged else error
        return self._estimate(strategy, sample, value, lower, upper, error, value, value, notes)

    def range_estimate(
        self, strategy: str, ends: tuple[float, float], errors: tuple[float, float], sample: Sample, notes: str
    ) -> Estimate:
        """Return the estimate of a partially identified effect: the ``ends`` of its range and their ``errors``."""
        least, greatest = ends
        z = imbens_manski_quantile(greatest - least, max(errors), self.confidence)
        limits = least - z * errors[0], greatest + z * errors[1]
        lower, upper, least, greatest = (self._scaled(e) for e in (*limits, least, greatest))
        return self._estimate(strategy, sample, NAN, lower, upper, NAN, least, greatest, notes)

    def from_draws(self, strategy: str, draws: Floats, sample: Sample, notes: str) -> Estimate:
        """Return the mean and the quantiles of posterior ``draws`` (n,), which are on the scale of the analysis."""
        tail = (1 - self.confidence) / 2
        effect, error = float(draws.mean()), float(draws.std(ddof=1))
        value, lower, upper = (self._scaled(e) for e in (effect, *np.quantile(draws, [tail, 1 - tail])))
        error = value * error if self.logged else error
        return self._estimate(strategy, sample, value, lower, upper, error, value, value, notes)

    def _scaled(self, effect: float) -> float:
        return float(np.exp(effect)) if self.logged else float(effect)

    def _estimate(
        self,
        strategy: str,
        sample: Sample,
        value: float,
        lower: float,
        upper: float,
        error: float,
        least: float,
        greatest: float,
        notes: str,
    ) -> Estimate:
        proxy = "judged success stands in for true success" if self.outcome == "judged_success" else ""
        return Estimate(
            strategy=strategy,
            estimand=self.estimand.name,
            treatment=self.estimand.treatment,
            contrast=f"{self.high} vs {self.low}",
            value=value,
            lower=lower,
            upper=upper,
            standard_error=error,
            confidence=self.confidence,
            unit=self.estimand.unit,
            n=sample.n,
            users=sample.people,
            least=least,
            greatest=greatest,
            notes="; ".join(note for note in (notes, proxy) if note),
        )


def make_question(
    estimand: str = "activity_ratio",
    *,
    contrast: str = HEADLINE,
    confidence: float = 0.95,
    controls: tuple[str, ...] = CONTROLS,
    seed: int = 0,
    validation: "pd.DataFrame | None" = None,
    support: tuple[float, float] | None = None,
) -> Question:
    """Return a valid question.

    Raises
    ------
    InputError
        If there is no such estimand or contrast, or confidence, seed or support are out of range.

    Examples
    --------
    >>> question = make_question("verified_difference", contrast="4 vs 2")
    >>> question.outcome, question.span
    ('verified_success', 2)
    """
    high, low = _levels(contrast)
    if not 0.0 < confidence < 1.0:
        raise InputError(f"confidence is {confidence}; allowed is a probability between 0 and 1, such as 0.95")
    if not isinstance(seed, int) or seed < 0:
        raise InputError(f"seed is {seed!r}; allowed is a whole number of 0 or more")
    if support is not None and not support[0] < support[1]:
        raise InputError(f"support is {support}; give the outcome's least and greatest value, least first")
    return Question(_estimand(estimand), high, low, confidence, tuple(controls), seed, validation, support)


def with_treatment(question: Question, treatment: str, high: int, low: int) -> Question:
    """Return the question about another treatment, for the same outcome and scale and for the given levels."""
    own = question.estimand
    other = replace(own, name=f"{treatment}_{own.name}", treatment=treatment, meaning=f"{own.outcome} by {treatment}")
    return replace(question, estimand=other, high=high, low=low)


def _estimand(name: str) -> Estimand:
    known = {e.name: e for e in ESTIMANDS if e.treatment == "domain_expertise"}
    if name not in known and any(e.name == name for e in ESTIMANDS):
        raise InputError(f"{name}: no observed column rates coding expertise; allowed: {', '.join(known)}")
    return look_up("no estimand", name, known)


def _levels(contrast: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-5]) vs ([1-5])", contrast)
    if found is None or found[1] == found[2]:
        raise InputError(
            f"contrast {contrast!r} is not allowed; give two of the levels {LEVELS}, such as {HEADLINE!r}"
        )
    return int(found[1]), int(found[2])
