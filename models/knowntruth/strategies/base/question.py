"""The question that a strategy is asked: which contrast, at which confidence, holding what.

Every strategy is asked the same way, so that their answers can be laid side by side. What only some of them use
(controls, a validation sample, limits of the outcome) is in the question too, and the others pass over it.
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
from knowntruth.strategies.base.estimate import NAN, Estimate, quantile, reach_of_range

if TYPE_CHECKING:
    import pandas as pd

    from knowntruth.strategies.base.sample import Sample

CONTROLS: Final = ("month", "mode", "user_occupation")
"""What is held by default: observed causes of expertise, or labels of them.

Not the price nor the occupation of the work, which the study holds too: both are read from what was done, so they
may be consequences of expertise (study.md, threat 4)."""

OUTCOMES: Final = {
    "actions_per_prompt": "actions_per_prompt",
    "verified_success": "verified_success",
    "true_success": "judged_success",
}
"""The observed column behind each estimand's outcome; what was truly achieved is seen through the judge only."""

RATING: Final = "rated_expertise"
"""The observed column that is read as the level of domain expertise."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a strategy.

    ``high`` and ``low`` are the levels compared. ``controls`` are observed columns to hold: numbers with many values
    enter as a line, everything else as categories. ``seed`` fixes whatever a strategy draws. ``validation`` has a row
    for each session whose true level was found out: ``session_id`` and ``domain_expertise``. ``support`` are the
    least and greatest values that the outcome can take, in its own unit, for strategies that reason from the worst
    case.
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
        """Whether the outcome is analysed as a logarithm, so that an effect is a ratio."""
        return self.estimand.scale == "ratio"

    @property
    def span(self) -> int:
        """Levels between the two that are compared."""
        return self.high - self.low

    def answer(
        self, strategy: str, effect: float, error: float, sample: "Sample", *, freedom: float = NAN, notes: str = ""
    ) -> Estimate:
        """Return the estimate whose effect, on the scale of the analysis, is ``effect`` with ``error``.

        ``freedom`` are the degrees of freedom of the error, by default people less one.

        Raises
        ------
        InputError
            If there is no effect or no error: the sessions were too few for what was fitted to them.
        """
        if not np.isfinite([effect, error]).all():
            few = f"{sample.n} sessions of {sample.people} people are too few for what {strategy} fits"
            raise InputError(f"{few}; bring more sessions, or hold fewer controls")
        freedom = sample.people - 1 if np.isnan(freedom) else freedom
        reach = quantile(self.confidence, freedom) * error
        value, lower, upper = (self._scaled(e) for e in (effect, effect - reach, effect + reach))
        error = value * error if self.logged else error
        return self._estimate(strategy, sample, value, lower, upper, error, value, value, notes)

    def range(
        self, strategy: str, ends: tuple[float, float], errors: tuple[float, float], sample: "Sample", notes: str
    ) -> Estimate:
        """Return the estimate of which only the two ``ends`` are identified, each with its standard error."""
        least, greatest = ends
        reach = reach_of_range(greatest - least, max(errors), self.confidence)
        limits = least - reach * errors[0], greatest + reach * errors[1]
        lower, upper, least, greatest = (self._scaled(e) for e in (*limits, least, greatest))
        return self._estimate(strategy, sample, NAN, lower, upper, NAN, least, greatest, notes)

    def believed(self, strategy: str, draws: Floats, sample: "Sample", notes: str) -> Estimate:
        """Return the estimate of a posterior: mean and quantiles of its ``draws`` (n,), on the analysis' scale."""
        tail = (1 - self.confidence) / 2
        effect, error = float(draws.mean()), float(draws.std(ddof=1))
        value, lower, upper = (self._scaled(e) for e in (effect, *np.quantile(draws, [tail, 1 - tail])))
        error = value * error if self.logged else error
        return self._estimate(strategy, sample, value, lower, upper, error, value, value, notes)

    def _scaled(self, effect: float) -> float:
        return float(np.exp(effect)) if self.logged else float(effect)

    def _estimate(
        self, strategy: str, sample: "Sample", value: float, lower: float, upper: float, error: float, least: float,
        greatest: float, notes: str,
    ) -> Estimate:  # fmt: skip
        asked = self.estimand
        judged = "judged success stands in for true success" if self.outcome == "judged_success" else ""
        said = "; ".join(note for note in (notes, judged) if note)
        return Estimate(
            strategy, asked.name, asked.treatment, f"{self.high} vs {self.low}", value, lower, upper, error,
            self.confidence, asked.unit, sample.n, sample.people, least, greatest, said,
        )  # fmt: skip


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
    """Return the question, checked.

    Raises
    ------
    InputError
        If there is no such estimand or contrast, or a number is impossible.

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


def of_treatment(question: Question, treatment: str, high: int, low: int) -> Question:
    """Return the question about another treatment: the same outcome and scale, levels of its own."""
    asked = question.estimand
    other = replace(
        asked, name=f"{treatment}_{asked.name}", treatment=treatment, meaning=f"{asked.outcome} by {treatment}"
    )
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
