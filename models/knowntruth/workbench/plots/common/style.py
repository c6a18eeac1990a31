"""One colour and one marker for each kind of number, distinguishable without colour.

The colours are Okabe and Ito's (https://jfly.uni-koeln.de/color/), darkened where text or thin lines on white
need it. Every kind also has its own marker, and figures are narrow, so that they can be read on a phone.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH: Final = 4.5
"""Inches; with `DPI` 900 pixels, so that 9.5 point text is about 10 pixels high on a phone of 360."""

DPI: Final = 200


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of number is drawn."""

    label: str
    color: str
    marker: str


PUBLISHED: Final = Kind("published", "#1a1a1a", "D")
SEEN: Final = Kind("seen in this world", "#0072b2", "o")
PERFECT: Final = Kind("through perfect instruments", "#8a5aa5", "v")
TRUE: Final = Kind("true in this world", "#c64a00", "s")
ESTIMATE: Final = Kind("Bayesian estimate", "#007a5a", "^")

GRID: Final = "#d9d9d9"
INK: Final = "#222222"
FAINT: Final = "#6b6b6b"

RULES: Final[dict[str, Any]] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.4,
    "lines.markersize": 5.5,
    "svg.hashsalt": "knowntruth",
}


@contextmanager
def styled() -> Iterator[None]:
    """Use `RULES` inside the body, and restore the previous settings after it.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> with styled():
    ...     mpl.rcParams["axes.spines.top"]
    False
    """
    import matplotlib as mpl

    with mpl.rc_context(cast(Any, RULES)):
        yield


def png(draw: "Callable[..., Figure]", *arguments: Any) -> bytes:
    """Return what ``draw`` draws from its arguments as PNG, in the common style; the bytes hold no date or version.

    Examples
    --------
    >>> png(lambda: figure(1.0)[0])[1:4]
    b'PNG'
    """
    with styled(), BytesIO() as file:
        draw(*arguments).savefig(file, format="png", dpi=DPI, metadata={"Software": None})
        return file.getvalue()


def figure(height: float, rows: int = 1, **sharing: Any) -> "tuple[Figure, list[Axes]]":
    """Return a figure of the common width with ``rows`` panels in one column; ``height`` in inches.

    Examples
    --------
    >>> picture, (upper, lower) = figure(4.0, rows=2)
    >>> picture.get_size_inches().tolist()[1]
    4.0
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    picture = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(picture)
    panels = picture.subplots(rows, 1, squeeze=False, **sharing)
    return picture, list(panels[:, 0])


def points(
    axes: "Axes", kind: Kind, x: Any, y: Any, error: Any = None, *, across: bool = False, line: bool = True
) -> None:
    """Draw points of ``kind`` with whiskers of two standard errors, on x when ``across``; join them when ``line``.

    ``error`` is one standard error for each point, or None.

    Examples
    --------
    >>> picture, (axes,) = figure(2.0)
    >>> points(axes, TRUE, np.array([1.0, 2.0]), np.array([3.0, 4.0]), error=np.array([0.1, 0.1]))
    >>> axes.get_legend_handles_labels()[1]
    ['true in this world']
    """
    whiskers = {} if error is None else {("xerr" if across else "yerr"): 2 * error}
    axes.errorbar(
        x,
        y,
        **whiskers,
        color=kind.color,
        marker=kind.marker,
        label=kind.label,
        capsize=0,
        elinewidth=1.1,
        linestyle="-" if line else "none",
        markeredgecolor="white",
        markeredgewidth=0.6,
    )


def key(picture: "Figure", axes: "Axes", columns: int = 2) -> None:
    """Put the legend of ``axes`` above the figure, each kind once.

    Examples
    --------
    >>> picture, (axes,) = figure(2.0)
    >>> points(axes, TRUE, [1.0], [2.0])
    >>> points(axes, TRUE, [2.0], [3.0])
    >>> key(picture, axes)
    >>> [text.get_text() for text in picture.legends[0].get_texts()]
    ['true in this world']
    """
    handles, labels = axes.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    picture.legend(unique.values(), unique.keys(), loc="outside upper left", ncols=columns, handletextpad=0.4)
