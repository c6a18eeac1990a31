"""The Bayesian intervals compared with the truth that they should contain."""

from typing import TYPE_CHECKING, Final

from knowntruth.datasets.schema.categories import LEVEL_NAMES
from knowntruth.datasets.schema.estimands import CONTRASTS
from knowntruth.workbench.output.number_format import number
from knowntruth.workbench.plots.common import style
from knowntruth.workbench.results.study_results import Results

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLES: Final = {
    "activity_ratio": ("Actions per prompt, times a novice’s", 1.0),
    "verified_difference": ("Verified success, points above a novice’s", 100.0),
}
"""Title and factor of each estimand that has a model."""


def draw(results: Results) -> "Figure":
    """Draw one panel per estimand: interval and mean of the posterior, and the true value, for each level."""
    picture, panels = style.figure(4.6, rows=len(TITLES))
    for axes, (name, (title, factor)) in zip(panels, TITLES.items(), strict=True):
        _panel(axes, _rows(results, name), factor, no_effect=1.0 if name.endswith("ratio") else 0.0)
        axes.set_title(title)
    style.key(picture, panels[0])
    return picture


def alt(results: Results) -> str:
    """Describe the figure in words."""
    parts = []
    for name, (title, factor) in TITLES.items():
        last = _rows(results, name).iloc[-1]
        low, high, true = (number(factor * last[column]) for column in ("lower", "upper", "value"))
        parts.append(f"{title}, expert: interval {low} to {high}, true {true}")
    return "Posterior intervals and the truth. " + "; ".join(parts) + "."


def _rows(results: Results, name: str) -> "pd.DataFrame":
    rows = results.bayes.effects[results.bayes.effects["estimand"].eq(name)]
    return rows.set_index("contrast").reindex(list(CONTRASTS)).reset_index()


def _panel(axes: "Axes", rows: "pd.DataFrame", factor: float, no_effect: float) -> None:
    places = range(len(rows))
    kind = style.ESTIMATE
    axes.hlines(places, factor * rows["lower"], factor * rows["upper"], color=kind.color, linewidth=3, alpha=0.6)
    axes.plot(factor * rows["mean"], places, kind.marker, color=kind.color, label=f"{kind.label}, 90% interval")
    axes.plot(factor * rows["value"], places, style.TRUE.marker, color=style.TRUE.color, label=style.TRUE.label)
    axes.axvline(no_effect, color=style.FAINT, linewidth=0.8)
    axes.set_yticks(places, LEVEL_NAMES[1:])
    axes.set_ylim(len(rows) - 0.5, -0.5)
