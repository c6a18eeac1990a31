"""The codebook: what every column of a package means, in which unit, with which values, as Markdown."""

from knowntruth.datasets.metadata.package import Described, Package
from knowntruth.datasets.schema.observed import Column

KINDS = {
    "id": "whole number (int64)", "count": "whole number (int32)", "level": "whole number (int8)",
    "real": "number (float64)", "flag": "true or false", "category": "text, of a closed list",
}  # fmt: skip
"""How each kind of column is stored, in words."""


def codebook(package: Package) -> str:
    """Return the codebook of a package as Markdown.

    Examples
    --------
    >>> from knowntruth.datasets.metadata.package import observed
    >>> text = codebook(Package("mine", "Mine", ("A made-up one.",), (observed(10),), ("csv",)))
    >>> text.splitlines()[0], "| `prompts` | whole number (int32) | prompts |" in text
    ('# Mine', True)
    """
    parts = [f"# {package.title}", *package.paragraphs, "## Files", _files(package)]
    parts += [_table(table) for table in package.tables]
    return "\n\n".join(parts) + "\n"


def _files(package: Package) -> str:
    rows = [
        (f"{table.name}.{each}", f"{table.rows:,} rows, each {table.row}")
        for table in package.tables
        for each in package.formats
    ]
    lines = [f"| `{name}` | {_cell(text)} |" for name, text in (*rows, *package.notes)]
    return "\n".join(["| file | holds |", "|---|---|", *lines])


def _table(table: Described) -> str:
    lines = [
        f"| `{c.name}` | {KINDS[c.kind]} | {c.unit} | {_values(c)} | {c.role} | {_cell(c.meaning)} |"
        for c in table.columns
    ]
    head = ["| column | type | unit | values | role | meaning |", "|---|---|---|---|---|---|"]
    key = " and ".join(f"`{name}`" for name in table.key)
    about = f"{table.meaning} {table.rows:,} rows, each {table.row}; {key} tells them apart."
    return f"## Table `{table.name}`\n\n{about}\n\n" + "\n".join([*head, *lines])


def _values(column: Column) -> str:
    if column.categories:
        return ", ".join(f"`{name}`" for name in column.categories)
    low, high = column.minimum, column.maximum
    limits = "" if low is None else f"{low:g} or more" if high is None else f"{low:g} to {high:g}"
    return "; ".join(part for part in (limits, "may be missing" if column.nullable else "") if part)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
