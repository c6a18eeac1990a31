"""The headline: each claim that has a causal truth, with its four answers on one axis in its own unit."""

from math import isfinite
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

from knowntruth.workbench.output.number_format import in_unit, number
from knowntruth.workbench.plots.common import style
from knowntruth.workbench.results.study_results import Results

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ANSWERS: Final = (
    ("published", style.PUBLISHED), ("seen", style.SEEN), ("perfect", style.PERFECT), ("true", style.TRUE),
)  # fmt: skip

CHARACTERS: Final = 66
"""Characters per line of a panel's title."""


def draw(results: Results) -> "Figure":
    """Draw one strip per claim; whiskers are two standard errors, the grey line is no effect."""
    rows = with_truth(results)
    picture, panels = style.figure(0.5 + 1.06 * len(rows), rows=max(len(rows), 1))
    for axes, (_, row) in zip(panels, rows.iterrows(), strict=False):
        _strip(axes, row)
    if len(rows):
        style.key(picture, panels[0])
    return picture


def alt(results: Results) -> str:
    """Describe the figure in words."""
    parts = [
        f"{row['claim']}: " + ", ".join(f"{name} {in_unit(number(row[name]), row['unit'])}" for name, _ in ANSWERS)
        for _, row in with_truth(results).iterrows()
    ]
    return "The answers to each claim. " + ". ".join(parts) + "."


def with_truth(results: Results) -> "pd.DataFrame":
    """Return the claims that have a causal truth."""
    return results.claims[results.claims["true"].notna()]


def _strip(axes: "Axes", row: "pd.Series[Any]") -> None:
    for height, (name, kind) in enumerate(ANSWERS):
        error = row.get(f"{name}_error", float("nan"))
        whisker = error if isfinite(error) else 0.0
        style.points(axes, kind, [row[name]], [-height], whisker, across=True, line=False)
    axes.axvline(1.0 if row["unit"] == "ratio" else 0.0, color=style.FAINT, linewidth=1.0)
    axes.set_title(fill(row["claim"], CHARACTERS), fontsize=8.3, fontweight="normal")
    axes.set_yticks([])
    axes.set_ylim(-3.8, 0.9)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(row["unit"], fontsize=8, labelpad=1)
    axes.tick_params(axis="x", labelsize=8)
