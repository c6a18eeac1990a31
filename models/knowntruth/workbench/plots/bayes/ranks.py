"""The deviation of the ranks of true values from uniform, with the limits for a correct inference.

A curve is one quantity: the share of replicates with a lower rank, less what it would be if all ranks were equally
likely. A curve with a single hump means that the posterior is shifted; an S-shaped curve means that it is too wide or
too narrow (Säilynoja, Bürkner and Vehtari 2022, doi:10.1007/s11222-022-10090-6).
"""

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.bayes.checks.rank_uniformity import AT, allowed, verdicts
from knowntruth.workbench.plots.common import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEADLINES: Final = ("activity_ratio", "verified_difference")
"""Beginnings of the names of the study's effects."""


def png(ranks: "Mapping[str, pd.DataFrame]") -> bytes:
    """Return the picture, the same bytes for the same ranks."""
    buffer = BytesIO()
    with style.styled():
        draw(ranks).savefig(buffer, format="png", dpi=style.DPI, metadata={"Software": None})
    return buffer.getvalue()


def draw(ranks: "Mapping[str, pd.DataFrame]") -> "Figure":
    """Draw one panel per model; ``ranks`` by its name, one row per replicate, one column per quantity.

    Examples
    --------
    >>> ranks = pd.DataFrame({"verified_difference[5]": range(50), "effect": range(49, -1, -1)})
    >>> picture = draw({"verified_success": ranks})
    >>> picture.axes[0].get_title()
    'verified_success: 2 quantities, 50 replicates'
    """
    picture, panels = style.figure(0.8 + 1.5 * len(ranks), rows=len(ranks), sharex=True, sharey=True)
    family = sum(own.shape[1] for own in ranks.values())
    for axes, (name, own) in zip(panels, ranks.items(), strict=True):
        _panel(axes, own, family)
        axes.set_title(f"{name}: {own.shape[1]} quantities, {len(own)} replicates")
    panels[-1].set_xlabel("rank of the true value among draws, as a share")
    picture.supylabel("share of replicates below, minus that share", fontsize=style.RULES["font.size"])
    style.key(picture, panels[0], columns=3)
    return picture


def _panel(axes: "Axes", ranks: "pd.DataFrame", family: int) -> None:
    """Draw one model's curves between the limits that those of all models share."""
    limit = float(verdicts(ranks, family=family)["limit"].max())
    lowest, highest = (counts / len(ranks) - AT for counts in allowed(len(ranks), limit))
    axes.fill_between(AT, lowest, highest, color=style.GRID, step="mid", linewidth=0, label="allowed, 99%")
    named = sorted(map(str, ranks), key=lambda name: name.startswith(HEADLINES))  # effects on top
    for name in named:
        own = ranks[name].dropna().to_numpy(np.int64)
        deviation = np.cumsum(np.bincount(own, minlength=len(AT) + 1))[:-1] / len(own) - AT
        is_effect = name.startswith(HEADLINES)
        color, label = (style.ESTIMATE.color, "effects") if is_effect else (style.FAINT, "other parameters")
        axes.plot(
            AT,
            deviation,
            color=color,
            linewidth=1.2 if is_effect else 0.4,
            alpha=0.9 if is_effect else 0.5,
            label=label,
        )
