"""Small pictures as inline SVG: drawn in about a millisecond, sharp at any size, with a text description.

Colours and marks are those of `knowntruth.workbench.plots.common.style`, so a square is the truth, as everywhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite, log
from typing import Final

from knowntruth.workbench.plots.common import style

FONT: Final = "font-family='DejaVu Sans, Verdana, Helvetica, Arial, sans-serif'"
SMALL: Final = 11
"""Size of text, in units of the view box, which are pixels of the screen."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of ``width`` by ``height`` pixels; ``alt`` says what it shows."""

    width: float
    height: float
    body: str
    alt: str

    def inline(self) -> str:
        """Return the picture for a page: as wide as there is room, at most its own width."""
        return self._svg(f"style='width:100%;max-width:{self.width:g}px;height:auto;display:block'")

    def alone(self) -> str:
        """Return the picture as a file of its own, on white."""
        ground = f"<rect width='{self.width:g}' height='{self.height:g}' fill='white'/>"
        return self._svg(
            f"xmlns='http://www.w3.org/2000/svg' width='{self.width:g}' height='{self.height:g}'", ground
        )

    def _svg(self, more: str, ground: str = "") -> str:
        alt = escape(self.alt, quote=True)
        return (
            f"<svg {more} viewBox='0 0 {self.width:g} {self.height:g}' role='img' aria-label='{alt}' {FONT}>"
            f"<title>{alt}</title>{ground}{self.body}</svg>"
        )


Scale = Callable[[float], float]


def scale(low: float, high: float, start: float, end: float, logarithmic: bool = False) -> Scale:
    """Return the function from values to pixels; values outside are drawn at the edge.

    Examples
    --------
    >>> along = scale(0, 10, 100, 200)
    >>> along(5), along(99)
    (150.0, 200.0)
    """
    turn: Callable[[float], float] = log if logarithmic else float

    def place(value: float) -> float:
        share = (turn(min(max(value, low), high)) - turn(low)) / (turn(high) - turn(low))
        return start + share * (end - start)

    return place


def text(x: float, y: float, content: str, *, anchor: str = "start", color: str = style.INK, bold: bool = False,
         size: float = SMALL) -> str:  # fmt: skip
    """Return a line of text; ``anchor`` is start, middle or end."""
    weight = " font-weight='bold'" if bold else ""
    place = f"x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' font-size='{size:g}'"
    return f"<text {place} fill='{color}'{weight}>{escape(content)}</text>"


def line(x1: float, y1: float, x2: float, y2: float, color: str = style.GRID, width: float = 1.0) -> str:
    """Return a straight line."""
    ends = f"x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}'"
    return f"<line {ends} stroke='{color}' stroke-width='{width:g}'/>"


def joined(places: Sequence[tuple[float, float]], kind: style.Kind) -> str:
    """Return a line through some points, in the colour of a kind."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return f"<polyline points='{path}' fill='none' stroke='{kind.color}' stroke-width='1.4'/>" if path else ""


def bar(x: float, y: float, width: float, height: float, color: str) -> str:
    """Return a filled bar; a negative width goes to the left."""
    place = f"x='{min(x, x + width):.1f}' y='{y:.1f}' width='{abs(width):.1f}' height='{height:.1f}'"
    return f"<rect {place} fill='{color}'/>"


def mark(kind: style.Kind, x: float, y: float, size: float = 4.2) -> str:
    """Return the mark of a kind of number; nothing where there is no number."""
    if not (isfinite(x) and isfinite(y)):
        return ""
    look = f"fill='{kind.color}' stroke='white' stroke-width='0.8'"
    if kind.marker == "o":
        return f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{size:g}' {look}/>"
    points = " ".join(f"{x + size * dx:.1f},{y + size * dy:.1f}" for dx, dy in _CORNERS[kind.marker])
    return f"<polygon points='{points}' {look}/>"


_CORNERS: Final[dict[str, tuple[tuple[float, float], ...]]] = {
    "s": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "D": ((0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)),
    "^": ((0, -1.15), (1.05, 0.85), (-1.05, 0.85)),
    "v": ((0, 1.15), (1.05, -0.85), (-1.05, -0.85)),
}
"""Corners of each mark, in units of its size, y downwards."""
