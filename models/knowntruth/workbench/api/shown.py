"""How results show themselves: a few lines of text, and in a notebook also the first rows of a table."""

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

MAX_ROWS: Final = 8
"""Rows of a table that a result shows of itself; ``to_frame()`` has them all."""


def text(kind: str, facts: Mapping[str, Any]) -> str:
    """Return a result in a few lines: what it is, and one line for each fact that is not empty.

    Examples
    --------
    >>> print(text("Fit", {"model": "joint", "diagnostics": "all pass", "note": ""}))
    Fit
      model: joint
      diagnostics: all pass
    """
    return "\n".join([kind, *(f"  {name}: {value}" for name, value in facts.items() if str(value))])


def html(kind: str, facts: Mapping[str, Any], rows: "pd.DataFrame | None" = None) -> str:
    """Return the same as HTML, over the first rows of a table.

    Examples
    --------
    >>> html("Fit", {"model": "joint"})
    '<b>Fit</b><br>model: joint'
    """
    lines = "<br>".join(f"{escape(name)}: {escape(str(value))}" for name, value in facts.items() if str(value))
    head = f"<b>{escape(kind)}</b>" + (f"<br>{lines}" if lines else "")
    if rows is None:
        return head
    more = len(rows) - MAX_ROWS
    note = f"<br>{more:,} more rows in <code>to_frame()</code>" if more > 0 else ""
    return head + rows.head(MAX_ROWS).to_html(index=False, na_rep="–", float_format="{:.4g}".format, border=0) + note


class Shown:
    """A result that shows itself by its `facts` and, in a notebook, the first rows of its `to_frame`."""

    def facts(self) -> Mapping[str, Any]:
        """Return what to say of this result in a line each, by name."""
        raise NotImplementedError

    def to_frame(self) -> "pd.DataFrame":
        """Return this result as a table."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """Return a few lines."""
        return text(type(self).__name__, self.facts())

    def _repr_html_(self) -> str:
        return html(type(self).__name__, self.facts(), self.to_frame())
