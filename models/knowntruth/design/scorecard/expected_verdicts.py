"""The expected verdicts of the checks: the remaining bias, and the true strength of the hidden causes.

Only a simulation can compute them. The difference between the best available adjustment and the true effect is the
*remaining bias*. Then the hidden causes that the graph leaves unadjusted are also adjusted for, which is impossible
in practice: the change is *confounding*, and the rest is due to label errors and linearity. Each hidden cause has its
true partial R² with treatment and outcome, the unit of robustness values, and its true E-value.

A check should raise the alarm where the bias that it tests is more than chance; a check of whether a hidden cause
could explain the effect away, where the real one does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, hypot, log, sqrt
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.causal.estimation.analysis import Analysis
from knowntruth.causal.estimation.design_matrix import Covariate
from knowntruth.causal.estimation.partial_out import PartialledOut, partial_out
from knowntruth.causal.sensitivity import partial_r2
from knowntruth.causal.sensitivity.contour import equal_strength
from knowntruth.causal.sensitivity.partial_r2 import Benchmark
from knowntruth.common.arrays import Floats
from knowntruth.common.intervals import Z_95_ROUNDED
from knowntruth.datasets.schema.categories import LEVELS

if TYPE_CHECKING:
    import pandas as pd

ESTIMANDS: Final = {"actions_per_prompt": "activity_ratio", "verified_success": "verified_difference"}
"""The estimand behind each outcome of the checks."""

ALL_HIDDEN_CAUSES: Final = "all hidden causes"

TESTED_PART: Final[Mapping[str, str]] = {
    "identification": "confounding",
    "label errors": "labels",
    "placebo treatment": "bias",
    "random common cause": "bias",
    "data subset": "bias",
    "bootstrap": "bias",
    "dummy outcome": "bias",
    "unobserved common cause": "explained away",
    "E-value": "explained away",
    "benchmark cause": "explained away",
    "partially linear bounds": "explained away",
    "non-parametric bounds": "explained away",
}
"""The part of the bias that each check is understood to test, or whether confounding explains the whole effect."""


@dataclass(frozen=True, slots=True)
class KnownBias:
    """The known bias of one outcome: its parts with their errors, per level, and the hidden causes.

    Values are differences of logarithms where the outcome is logged.
    """

    outcome: str
    true: float
    true_error: float
    estimate: float
    held: float
    error: float
    planted: tuple[Benchmark, ...]
    e_values: Mapping[str, float]

    @property
    def parts(self) -> dict[str, float]:
        """The remaining bias and its parts."""
        return {
            "bias": self.estimate - self.true,
            "confounding": self.estimate - self.held,
            "labels": self.held - self.true,
        }

    def should(self, name: str) -> str:
        """Return the expected verdict of a check, or an empty string where none is defined."""
        part = TESTED_PART.get(name)
        if part is None:
            return ""
        if part == "explained away":
            return (
                "alarm" if self.held * self.estimate <= 0 or abs(self.held) <= Z_95_ROUNDED * self.error else "pass"
            )
        return "alarm" if abs(self.parts[part]) > Z_95_ROUNDED * hypot(self.error, self.true_error) else "pass"


def known_bias(case: Analysis, hidden: "pd.DataFrame", effects: "pd.DataFrame") -> KnownBias:
    """Return the known bias of one outcome.

    Parameters
    ----------
    case
        The checks' own regression.
    hidden
        The hidden causes that the graph leaves unadjusted, row by row with ``case.data``.
    effects
        The world's true effects, from `knowntruth.world.truths.estimands`.
    """
    true, true_error = _slope(case, effects)
    names = [str(name) for name in hidden]
    held = case.fit.value
    planted: tuple[Benchmark, ...] = ()
    e_values: dict[str, float] = {}
    if names:
        data = case.data.assign(**{name: hidden[name].to_numpy() for name in names})
        adjustment: list[Covariate] = [*case.identification.adjustment, *names]
        whole = partial_out(data, case.treatment, case.outcome, adjustment)
        held = _coefficient(whole)
        found = {one.name: one for one in partial_r2.benchmarks(whole)}
        planted = tuple(found[name] for name in names)
        if len(names) > 1:
            planted = (_joint_benchmark(case, whole), *planted)
        full = partial_r2.risk_ratio(whole, held)
        e_values = {b.name: partial_r2.e_value(partial_r2.risk_ratio(whole, b.value) / full) for b in planted}
    return KnownBias(case.outcome, true, true_error, case.fit.value, held, case.fit.standard_error, planted, e_values)


def known_bias_table(found: Sequence[KnownBias], units: Mapping[str, bool]) -> "pd.DataFrame":
    """Return the known bias as a table: outcome, quantity, value, error, unit, says.

    ``units`` says of each outcome whether its values are logarithms; effects are then given in percent, otherwise in
    percentage points.
    """
    import pandas as pd

    rows: list[tuple[Any, ...]] = []
    for one in found:
        rows += _rows(one, units[one.outcome])
    return pd.DataFrame(rows, columns=["outcome", "quantity", "value", "error", "unit", "says"])


def _rows(one: KnownBias, logged: bool) -> list[tuple[Any, ...]]:
    unit = "percent per level" if logged else "points per level"
    parts = one.parts
    both = hypot(one.error, one.true_error)
    effects = [
        (
            "true effect",
            one.true,
            one.true_error,
            "the effect of one level of expertise, averaged as the regression does",
        ),
        ("estimate", one.estimate, one.error, "the best available adjustment, labels taken as correct"),
        ("remaining bias", parts["bias"], both, "estimate minus truth"),
        (
            "of it, confounding",
            parts["confounding"],
            one.error,
            "the change when the hidden causes are also adjusted for",
        ),
        ("of it, labels and line", parts["labels"], both, "the remaining bias with the hidden causes adjusted for"),
    ]
    rows: list[tuple[Any, ...]] = [
        (one.outcome, name, _percent(value, logged), 100 * error, unit, says) for name, value, error, says in effects
    ]
    for cause in one.planted:
        strengths = [
            (
                "partial R2 with treatment",
                cause.with_treatment,
                "the share of the treatment that it explains, given all else",
            ),
            (
                "partial R2 with outcome",
                cause.with_outcome,
                "the share of the outcome that it explains, given all else",
            ),
            (
                "as a robustness value",
                equal_strength(cause.with_treatment, cause.with_outcome),
                "compare with the robustness value: if this is larger, it alone could produce the whole estimate",
            ),
            ("as an E-value", one.e_values[cause.name], "compare with the E-value of the estimate"),
        ]
        rows += [
            (
                one.outcome,
                f"{cause.name}: {name}",
                value,
                float("nan"),
                "risk ratio" if "E-v" in name else "share",
                says,
            )
            for name, value, says in strengths
        ]
    return rows


def compare_verdicts(checks: "pd.DataFrame", found: Sequence[KnownBias]) -> "pd.DataFrame":
    """Return the checks with ``should``, the expected verdict of each, and ``right``."""
    by_outcome = {one.outcome: one for one in found}
    should = [
        by_outcome[outcome].should(name) if outcome in by_outcome else ""
        for name, outcome in zip(checks["name"], checks["outcome"], strict=True)
    ]
    right = [
        "" if not wanted or verdict not in ("pass", "alarm") else "yes" if verdict == wanted else "no"
        for verdict, wanted in zip(checks["verdict"], should, strict=True)
    ]
    return checks.assign(should=should, right=right)


def _percent(value: float, logged: bool) -> float:
    return 100 * (exp(value) - 1) if logged else 100 * value


def _coefficient(whole: PartialledOut) -> float:
    left = whole.treatment - whole.treatment_score
    return float(left @ (whole.outcome - whole.outcome_score) / (left @ left))


def _joint_benchmark(case: Analysis, whole: PartialledOut) -> Benchmark:
    """Return all hidden causes as one benchmark: the effect of omitting all of them."""
    left, without = (_left(compressed) for compressed in (whole, case.whole))
    treatment = 1 - left[0] / without[0]
    outcome = 1 - left[1] / without[1]
    return Benchmark(ALL_HIDDEN_CAUSES, max(treatment, 0.0), max(outcome, 0.0), case.fit.value)


def _left(compressed: PartialledOut) -> tuple[float, float]:
    """Return the residual sums of squares of the treatment, and of the outcome given the treatment."""
    treatment: Floats = compressed.treatment - compressed.treatment_score
    outcome: Floats = compressed.outcome - compressed.outcome_score
    total = float(treatment @ treatment)
    return total, float(outcome @ outcome - (treatment @ outcome) ** 2 / total)


def _slope(case: Analysis, effects: "pd.DataFrame") -> tuple[float, float]:
    """Return the slope that the true effects of the levels imply in this regression, and its Monte Carlo error."""
    rows = effects[effects["estimand"].eq(ESTIMANDS[case.outcome])].set_index("contrast")
    left = case.whole.treatment - case.whole.treatment_score
    weights = {level: float(left[case.whole.treatment == level].sum() / (left @ left)) for level in LEVELS[1:]}
    value = error = 0.0
    for level, weight in weights.items():
        row = rows.loc[f"{level} vs 1"]
        effect, spread = (float(np.asarray(row[column])) for column in ("value", "mcse"))
        if case.logged:
            effect, spread = log(effect), spread / effect
        value += weight * effect
        error += (weight * spread) ** 2
    return value, sqrt(error)


def open_causes(case: Analysis, truth: "pd.DataFrame", observed: "pd.DataFrame") -> "pd.DataFrame":
    """Return the numeric hidden causes that the graph leaves unadjusted, row by row with ``case.data``."""
    names = [name for name in case.identification.hidden_causes if name in truth]
    numbers = [name for name in names if truth[name].dtype.kind in "iuf"]
    enters = observed["clear_goal"].to_numpy(dtype=bool) & observed[case.treatment].notna().to_numpy()
    return truth.loc[enters, numbers].reset_index(drop=True)
