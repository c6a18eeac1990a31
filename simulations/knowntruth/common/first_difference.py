"""The first difference between two trees of plain data, in words; it shows how two runs differ."""

from typing import Any


def difference(here: Any, there: Any, path: str = "") -> str:
    """Return in words the first place where two trees of dictionaries differ; nothing if they are the same.

    Examples
    --------
    >>> difference({"world": {"seed": 1}}, {"world": {"seed": 2}})
    'world.seed is 2 there and 1 here'
    """
    if isinstance(here, dict) and isinstance(there, dict):
        for key in sorted(here.keys() | there.keys()):
            if found := difference(here.get(key), there.get(key), f"{path}.{key}" if path else key):
                return found
        return ""
    return "" if here == there else f"{path} is {there!r} there and {here!r} here"
