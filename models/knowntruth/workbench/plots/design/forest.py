"""A forest plot: estimates of one effect, with the truth and whether each interval contains it."""

import io
from typing import TYPE_CHECKING, Final

from knowntruth.workbench.output.number_format import number
from knowntruth.workbench.plots.common import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

ROW: Final = 0.32
"""Inches per estimate."""


def draw(rows: "pd.DataFrame", truth: float, unit: str) -> "Figure":
    """Draw estimates: ``rows`` has strategy, value, lower, upper; an interval without a value is a line alone.

    Rows without an interval are left out. An interval that misses the truth is drawn with an open mark.

    Examples
    --------
    >>> rows = pd.DataFrame({"strategy": ["naive"], "value": [2.0], "lower": [1.5], "upper": [2.5]})
    >>> [label.get_text() for label in draw(rows, 1.8, "ratio").axes[0].get_yticklabels()]
    ['naive']
    """
    shown = rows.dropna(subset=["lower", "upper"]).reset_index(drop=True)
    picture, (axes,) = style.figure(1.2 + ROW * len(shown))
    axes.axvline(truth, color=style.TRUE.color, linewidth=1.6, label=style.TRUE.label)
    for place, (_, row) in enumerate(shown.iterrows()):
        holds = row["lower"] <= truth <= row["upper"]
        axes.plot([row["lower"], row["upper"]], [place, place], color=style.SEEN.color)
        axes.plot(
            [row["value"]],
            [place],
            linestyle="none",
            marker=style.SEEN.marker,
            color=style.SEEN.color,
            markerfacecolor=style.SEEN.color if holds else "white",
        )
    axes.set_yticks(range(len(shown)), [str(name).replace("_", " ") for name in shown["strategy"]])
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(f"{unit}\nline: interval; open mark: a miss")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1))
    return picture


def png(rows: "pd.DataFrame", truth: float, unit: str) -> bytes:
    """Return `draw` as PNG.

    Examples
    --------
    >>> rows = pd.DataFrame({"strategy": ["naive"], "value": [2.0], "lower": [1.5], "upper": [2.5]})
    >>> png(rows, 1.8, "ratio")[1:4]
    b'PNG'
    """
    page = io.BytesIO()
    with style.styled():
        draw(rows, truth, unit).savefig(page, dpi=style.DPI, metadata={"Software": None})
    return page.getvalue()


def alt(rows: "pd.DataFrame", truth: float) -> str:
    """Describe the figure in words.

    Examples
    --------
    >>> rows = pd.DataFrame({"strategy": ["naive"], "value": [2.0], "lower": [1.5], "upper": [2.5]})
    >>> alt(rows, 3.0)
    'Against the truth of 3: naive 2 (1.5 to 2.5), misses.'
    """
    parts = [
        f"{row['strategy']} {number(row['value'])} ({number(row['lower'])} to {number(row['upper'])}), "
        + ("holds" if row["lower"] <= truth <= row["upper"] else "misses")
        for _, row in rows.dropna(subset=["lower", "upper"]).iterrows()
    ]
    return f"Against the truth of {number(truth)}: {'; '.join(parts)}."
