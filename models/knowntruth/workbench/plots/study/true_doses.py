"""The true dose-response of a world: each outcome's mean if everybody had each level of domain expertise."""

from typing import TYPE_CHECKING, Final

from knowntruth.workbench.output.number_format import number
from knowntruth.workbench.plots.common import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TITLES: Final = {
    "actions_per_prompt": "Actions per prompt, geometric mean",
    "verified_success": "Verified success, probability",
    "true_success": "True success, probability",
}
TREATMENT: Final = "domain_expertise"


def draw(doses: "pd.DataFrame") -> "Figure":
    """Draw one panel per outcome; ``doses`` has treatment, outcome, level, value, mcse."""
    figure, panels = style.figure(6.6, rows=len(TITLES), sharex=True)
    for axes, (outcome, title) in zip(panels, TITLES.items(), strict=True):
        rows = _rows(doses, outcome)
        style.points(axes, style.TRUE, rows["level"], rows["value"], rows["mcse"])
        axes.set_title(title)
        axes.set_xticks(rows["level"])
    panels[-1].set_xlabel("level of domain expertise")
    return figure


def alt(doses: "pd.DataFrame") -> str:
    """Describe the picture in words."""
    parts = []
    for outcome, title in TITLES.items():
        values = _rows(doses, outcome)["value"].tolist()
        parts.append(f"{title}: {number(values[0])} at level 1 to {number(values[-1])} at level 5")
    return "; ".join(parts)


def _rows(doses: "pd.DataFrame", outcome: str) -> "pd.DataFrame":
    return doses[doses["treatment"].eq(TREATMENT) & doses["outcome"].eq(outcome)]
