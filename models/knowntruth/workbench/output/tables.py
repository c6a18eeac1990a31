"""Tables for people: a frame as headings and cells, with short, right-aligned numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from knowntruth.workbench.output.number_format import number

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

WIDE_TEXT: Final = 60
"""Text of more characters than this gets a wide column."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; ``style`` is a class of the style sheet, or empty."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """Headings and rows of cells."""

    heads: list[Cell]
    rows: list[list[Cell]]


def grid(frame: "pd.DataFrame", names: Mapping[str, str] | None = None) -> Grid:
    """Return ``frame`` as text; ``names`` renames headings, and underscores become spaces.

    Columns that are empty throughout are left out.
    """
    shown = frame.dropna(axis="columns", how="all")
    heads = [
        Cell((names or {}).get(str(name), str(name).replace("_", " ")), "number" if _numeric(shown[name]) else "")
        for name in shown
    ]
    columns = [[_cell(str(name), value) for value in shown[name]] for name in shown]
    return Grid(heads, [list(row) for row in zip(*columns, strict=True)])


def terminal_table(frame: "pd.DataFrame", names: Mapping[str, str] | None = None, title: str = "") -> "Table":
    """Return ``frame`` as a table for the terminal."""
    from rich.table import Table

    made = grid(frame, names)
    table = Table(title=title or None, title_justify="left", pad_edge=False, box=None, header_style="bold")
    for head in made.heads:
        table.add_column(head.text, justify="right" if head.style else "left", overflow="fold")
    for row in made.rows:
        table.add_row(*(cell.text for cell in row))
    return table


def _numeric(values: "pd.Series[Any]") -> bool:
    return values.dtype.kind in "iuf"


def _cell(name: str, value: Any) -> Cell:
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return Cell("yes" if value else "no", f"verdict {'yes' if value else 'no'}")
    if name == "verdict":
        return Cell(str(value), f"verdict {value}")
    text = number(value)
    if isinstance(value, str):
        return Cell(text, "long" if len(text) > WIDE_TEXT else "")
    return Cell(text, "number")
