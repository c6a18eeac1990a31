"""The panel as a static picture: shown in a notebook without a kernel, or where widgets are not trusted.

A PNG, because every viewer of notebooks shows it without asking for trust.
"""

import io
from math import isfinite
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.study.claims.verdict import NO_EFFECT
from knowntruth.study.estimation.estimates import Estimate
from knowntruth.workbench.output.number_format import in_unit, number
from knowntruth.workbench.panel.drawing.pictures import LEVEL_TITLES
from knowntruth.workbench.panel.state.headline import SLOPES, Contrasts, Row, printed
from knowntruth.workbench.plots.common import series, style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

DPI: Final = 110


def png(contrasts: Contrasts) -> bytes:
    """Return the contrasts and the figure as one picture; the bytes depend on the numbers alone."""
    rows = contrasts.rows
    with style.styled(), io.BytesIO() as file:
        drawn, panels = style.figure(8.6, rows=len(rows) + 2, height_ratios=[*(1.0 for _ in rows), 2.4, 2.4])
        for axes, row in zip(panels, rows, strict=False):
            _strip(axes, row)
        for axes, outcome in zip(panels[len(rows) :], SLOPES, strict=True):
            _levels(axes, contrasts, outcome)
        style.key(drawn, panels[0], columns=3)
        drawn.savefig(file, format="png", dpi=DPI, metadata={"Software": None})
        return file.getvalue()


def alt(contrasts: Contrasts) -> str:
    """Describe the picture."""
    return "The panel. " + " ".join(
        f"{row.claim}: printed {number(row.printed)}, seen {number(row.seen.value)}, true"
        f" {in_unit(number(row.true.value), row.unit)}."
        for row in contrasts.rows
    )


def _strip(axes: "Axes", row: Row) -> None:
    numbers = {style.PUBLISHED: Estimate(row.printed, 0.0, 0), style.SEEN: row.seen, style.TRUE: row.true}
    for height, (kind, each) in enumerate(numbers.items()):
        error = each.standard_error if isfinite(each.standard_error) else 0.0
        style.points(axes, kind, [each.value], [-height], error, across=True, line=False)
    axes.axvline(NO_EFFECT[row.unit], color=style.FAINT, linewidth=1.0)
    axes.set_title(row.claim, fontsize=7.5, fontweight="normal")
    axes.set_yticks([])
    axes.set_ylim(-2.7, 0.7)
    axes.set_xlabel(row.unit, fontsize=7, labelpad=0)
    axes.tick_params(axis="x", labelsize=7)


def _levels(axes: "Axes", contrasts: Contrasts, outcome: str) -> None:
    seen = [contrasts.actions(k) if outcome == "actions_per_prompt" else contrasts.verified(k) for k in LEVELS]
    printed_values = printed(outcome)
    style.points(
        axes,
        style.PUBLISHED,
        list(printed_values),
        list(printed_values.values()),
        line=len(printed_values) == len(LEVELS),
    )
    _points(axes, style.SEEN, seen)
    _points(axes, style.TRUE, [contrasts.dose(outcome, k) for k in LEVELS])
    axes.set_title(LEVEL_TITLES[outcome], fontsize=9)
    axes.set_xticks(LEVELS, series.LEVEL_TICKS, fontsize=7.5)
    axes.set_ylim(bottom=0)


def _points(axes: "Axes", kind: style.Kind, found: "Sequence[Estimate]") -> None:
    values, errors = (np.array([getattr(e, name) for e in found]) for name in ("value", "standard_error"))
    style.points(axes, kind, list(LEVELS), values, np.nan_to_num(errors))
