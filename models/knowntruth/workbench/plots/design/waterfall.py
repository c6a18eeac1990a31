"""The ledger as a waterfall: from the published contrast down, or up, to the true effect."""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.design.ledger.decompose import PUBLISHED, QUANTITIES, TRUE, Ledger
from knowntruth.workbench.output.number_format import number, with_error
from knowntruth.workbench.plots.common import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ADDS: Final = "#d08a00"
TAKES: Final = "#5b7f95"
"""Components that raise the published contrast, and those that lower it; their direction shows the same."""

BAR: Final = 0.62


def draw(decomposition: Ledger) -> "Figure":
    """Draw one panel per quantity; whiskers are two Monte Carlo standard errors."""
    picture, panels = style.figure(3.1 * len(QUANTITIES), rows=len(QUANTITIES))
    for axes, (outcome, (title, unit)) in zip(panels, QUANTITIES.items(), strict=True):
        _panel(axes, decomposition.table[decomposition.table["quantity"] == outcome])
        _title(axes, title)
        axes.set_xlabel(unit)
    return picture


def png(decomposition: Ledger) -> bytes:
    """Return the picture as bytes that depend on the ledger alone.

    Examples
    --------
    >>> from knowntruth.design.ledger.decompose import ledger
    >>> decomposition = ledger(kt.load_world("published"), 500, seed=1)
    >>> png(decomposition)[1:4]
    b'PNG'
    """
    import io

    with style.styled(), io.BytesIO() as file:
        draw(decomposition).savefig(file, format="png", dpi=style.DPI, metadata={"Software": None})
        return file.getvalue()


def alt(decomposition: Ledger) -> str:
    """Describe the picture in words.

    Examples
    --------
    >>> from knowntruth.design.ledger.decompose import ledger
    >>> decomposition = ledger(kt.load_world("published"), 500, seed=1)
    >>> alt(decomposition)[:33]
    'Ledger of the published contrast.'
    """
    parts = [
        f"{title}: "
        + ", ".join(
            f"{row['component']} {with_error(row['value'], row['mcse'])}"
            for row in decomposition.table[decomposition.table["quantity"] == outcome].to_dict("records")
        )
        for outcome, (title, _) in QUANTITIES.items()
    ]
    return "Ledger of the published contrast. " + ". ".join(parts) + "."


def _title(axes: "Axes", title: str) -> None:
    """Write a title from the left edge of the figure, because the panel is too narrow for it."""
    axes.set_title(" ", fontsize=9)
    axes.annotate(
        title,
        (0, 1),
        xycoords=("figure fraction", "axes fraction"),
        xytext=(4, 6),
        textcoords="offset points",
        fontsize=9,
        fontweight="bold",
    ).set_in_layout(False)


def _panel(axes: "Axes", rows: "pd.DataFrame") -> None:
    values, errors = rows["value"].to_numpy(), rows["mcse"].to_numpy()
    labels = rows["component"].tolist()
    ends = values[0] - np.cumsum(values[1:-1])
    starts = np.concatenate([[values[0]], ends[:-1]])
    for height, kind, value in ((0, style.SEEN, values[0]), (len(labels) - 1, style.TRUE, values[-1])):
        axes.barh(height, value, BAR, color=kind.color)
    for height, (start, end) in enumerate(zip(starts, ends, strict=True), start=1):
        axes.barh(height, end - start, BAR, left=start, color=ADDS if end < start else TAKES)
        axes.plot([start, start], [height - 1, height], color=style.FAINT, linewidth=0.7)
    middles = np.concatenate([[values[0]], ends, [values[-1]]])
    axes.errorbar(middles, range(len(labels)), xerr=2 * errors, fmt="none", ecolor=style.INK, elinewidth=1.0)
    _names(axes, labels, values)


def _names(axes: "Axes", labels: list[str], values: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> None:
    texts = [_text(*pair) for pair in zip(labels, values, strict=True)]
    axes.set_yticks(range(len(labels)), texts)
    axes.axvline(0, color=style.FAINT, linewidth=0.8)
    axes.invert_yaxis()


def _text(name: str, value: float) -> str:
    """Return the label of a bar: a total, or the amount that a step subtracts or adds."""
    if name in (PUBLISHED, TRUE):
        return f"{name}  {number(value, 2)}"
    return f"{name}  {'−' if value > 0 else '+'}{number(abs(value), 2)}"
