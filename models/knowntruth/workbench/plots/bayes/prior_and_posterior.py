"""Means at each level under the priors alone, and under the posterior."""

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.workbench.plots.common import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CURVES: Final = 60
"""Draws from the priors that are drawn as single curves."""

TITLES: Final = {
    "actions_per_prompt": "Agent actions per prompt (geometric mean)",
    "verified_success": "Verified success, % of sessions",
}


def png(prior: Any, posterior: Any) -> bytes:
    """Return the picture, the same bytes for the same draws.

    Parameters
    ----------
    prior, posterior
        Trees of one model over the same sessions: draws from the priors, and from the posterior.
    """
    buffer = BytesIO()
    with style.styled():
        draw(prior, posterior).savefig(buffer, format="png", dpi=style.DPI, metadata={"Software": None})
    return buffer.getvalue()


def draw(prior: Any, posterior: Any) -> "Figure":
    """Draw one panel per outcome: curves and a 90% band of the priors, and the posterior's band."""
    from knowntruth.bayes.models.registry import MODELS

    outcomes = MODELS[prior.attrs["model"]].outcomes
    picture, panels = style.figure(0.4 + 2.6 * len(outcomes), rows=len(outcomes), sharex=True)
    for axes, outcome in zip(panels, outcomes, strict=True):
        _panel(axes, prior, posterior, outcome)
        if outcome.logarithm:
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter("{x:g}")
            axes.yaxis.set_minor_formatter("")
        axes.set_title(TITLES[outcome.column])
    panels[-1].set_xticks(LEVELS)
    panels[-1].set_xlabel("level assigned to everybody")
    style.key(picture, panels[0])
    return picture


def _panel(axes: "Axes", prior: Any, posterior: Any, outcome: Any) -> None:
    """Draw one outcome."""
    from knowntruth.bayes.effects import standardised_means

    factor = 1 if outcome.logarithm else 100
    prior_means, posterior_means = (
        factor * standardised_means(tree, outcome).reshape(-1, len(LEVELS)) for tree in (prior, posterior)
    )
    axes.plot(LEVELS, prior_means[:CURVES].T, color=style.FAINT, linewidth=0.4, alpha=0.5)
    for values, color, label in (
        (prior_means, style.FAINT, "priors alone"),
        (posterior_means, style.ESTIMATE.color, "posterior"),
    ):
        lower, upper = np.quantile(values, [0.05, 0.95], axis=0)
        axes.fill_between(LEVELS, lower, upper, color=color, alpha=0.3, label=f"{label}, 90%", linewidth=0)
        axes.plot(LEVELS, np.median(values, axis=0), color=color)
