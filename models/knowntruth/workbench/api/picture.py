"""A picture as a value: PNG bytes that a notebook shows, with the text that says what it shows."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POINTS_PER_PIXEL = 0.5
"""Pictures are drawn at twice the size at which they are shown, so that they are sharp on any screen."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn picture: ``png`` are its bytes, ``alt`` says what it shows, ``width`` and ``height`` are in pixels.

    Examples
    --------
    >>> Picture(b"", "two lines", 900, 400)
    Picture(900 x 400: two lines)
    """

    png: bytes
    alt: str
    width: int
    height: int

    def __repr__(self) -> str:
        """Return size and text."""
        return f"Picture({self.width} x {self.height}: {self.alt})"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        width = round(self.width * POINTS_PER_PIXEL)
        return {"image/png": self.png, "text/plain": repr(self)}, {"image/png": {"width": width, "alt": self.alt}}

    def save(self, path: Path | str) -> Path:
        """Write the PNG and return its path."""
        from knowntruth.datasets.storage.files import write_bytes

        write_bytes(Path(path), self.png)
        return Path(path)


def picture(png: bytes, alt: str) -> Picture:
    """Return PNG bytes as a `Picture`; their size stands in their header."""
    width, height = (int.from_bytes(png[start : start + 4]) for start in (16, 20))
    return Picture(png, alt, width, height)


def drawn(draw: "Callable[[], Figure]", alt: str) -> Picture:
    """Return the picture of a figure that ``draw`` makes in the house style."""
    from io import BytesIO

    from knowntruth.workbench.plots.common import style

    page = BytesIO()
    with style.styled():
        draw().savefig(page, format="png", dpi=style.DPI)
    return picture(page.getvalue(), alt)
