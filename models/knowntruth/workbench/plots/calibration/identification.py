"""Which figure identifies which dial: the share of a dial's variance that comes from each figure."""

from typing import TYPE_CHECKING, Final

from knowntruth.workbench.plots.common import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

ROW: Final = 0.15
"""Height of a row in inches."""


def draw(shares: "pd.DataFrame") -> "Figure":
    """Draw identification shares (parameter, figure, share): one dot per pair, its area proportional to the share."""
    dials, figures = (list(dict.fromkeys(shares[name])) for name in ("parameter", "figure"))
    picture, (axes,) = style.figure(2.4 + ROW * max(len(dials), 1))
    axes.scatter(
        [figures.index(name) for name in shares["figure"]],
        [dials.index(name) for name in shares["parameter"]],
        s=45 * shares["share"],
        color=style.SEEN.color,
        linewidths=0,
    )
    axes.set_xticks(range(len(figures)), [name.replace("_", " ") for name in figures], rotation=90, fontsize=4.5)
    axes.set_yticks(range(len(dials)), dials, fontsize=5)
    axes.set_xlim(-0.7, max(len(figures), 1) - 0.3)
    axes.set_ylim(max(len(dials), 1) - 0.5, -0.5)
    axes.set_title("Which figure identifies which dial")
    return picture
