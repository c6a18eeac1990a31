"""Estimates of the effect of one level of expertise under ever stronger adjustment, and the true effect.

Unadjusted, adjusted as published, adjusted as the graph implies, and with a hidden cause as strong as the strongest
covariate held fixed too. If the truth lies outside all of them, no such adjustment removes the bias.
"""

from math import isfinite
from typing import TYPE_CHECKING, Final

from knowntruth.workbench.output.number_format import number
from knowntruth.workbench.plots.common import style
from knowntruth.workbench.results.study_results import Results

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STAGES: Final = {
    "naive contrast": "unadjusted",
    "published adjustment": "adjusted as published",
    "linear regression": "adjusted as the graph implies",
    "benchmark cause": "and for a hidden cause as\nstrong as any covariate",
}
"""Names of the checks that are drawn, with their adjustment."""

PANELS: Final = (
    ("actions_per_prompt", "percent per level", "Actions per prompt, %"),
    ("verified_success", "probability per level", "Verified success, points"),
)
"""Outcome, unit of the claim that has its truth, and title."""


def draw(results: Results) -> "Figure":
    """Draw one panel per outcome, the four stages from top to bottom."""
    picture, panels = style.figure(4.4, rows=len(PANELS))
    for axes, (outcome, unit, title) in zip(panels, PANELS, strict=True):
        _panel(axes, stages(results, outcome), truth(results, unit))
        axes.set_title(title)
    style.key(picture, panels[0])
    return picture


def alt(results: Results) -> str:
    """Describe the figure in words."""
    parts = []
    for outcome, unit, title in PANELS:
        rows = stages(results, outcome)
        estimates = ", ".join(
            f"{name} {number(value, 2)}" for name, value in zip(rows["name"], rows["value"], strict=True)
        )
        parts.append(f"{title}: {estimates}; true {number(truth(results, unit), 2)}")
    return "One level of expertise. " + ". ".join(parts) + "."


def stages(results: Results, outcome: str) -> "pd.DataFrame":
    """Return the drawn checks of an outcome in their order: value, lower and upper in percent or points."""
    rows = results.checks[results.checks["outcome"].eq(outcome) & results.checks["name"].isin(STAGES)]
    rows = rows.set_index("name").reindex([name for name in STAGES if rows["name"].eq(name).any()]).reset_index()
    no_effect = 1.0 if outcome == "actions_per_prompt" else 0.0
    return rows.assign(**{column: 100 * (rows[column] - no_effect) for column in ("value", "lower", "upper")})


def truth(results: Results, unit: str) -> float:
    """Return the true effect of one level in percent or points; NaN where the claims have none."""
    rows = results.claims[results.claims["unit"].eq(unit)]
    factor = 100.0 if unit == "probability per level" else 1.0
    return factor * float(rows["true"].iloc[0]) if len(rows) else float("nan")


def _panel(axes: "Axes", rows: "pd.DataFrame", true: float) -> None:
    places = range(len(rows))
    axes.hlines(places, rows["lower"], rows["upper"], color=style.SEEN.color, linewidth=2.5, alpha=0.5)
    axes.plot(
        rows["value"], places, style.SEEN.marker, color=style.SEEN.color, label=f"{style.SEEN.label}, 95% interval"
    )
    if isfinite(true):
        axes.axvline(true, color=style.TRUE.color, linestyle="--", label=style.TRUE.label)
    axes.axvline(0, color=style.FAINT, linewidth=0.8)
    axes.set_yticks(places, [STAGES[name] for name in rows["name"]])
    axes.set_ylim(len(rows) - 0.5, -0.5)
